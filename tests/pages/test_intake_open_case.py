"""A customer calls again about an open case: in the wizard, and on the case's page, in browsers without a script."""

from sqlalchemy import func, select
from starlette.applications import Starlette

from models import Case, CaseNote, Contact, Message
from models.words import CaseKind, CaseStatus, Channel, NoteKind, Outcome, Situation
from portal.desk import cases
from portal.desk.work import SYSTEM, Desk
from tests.cast import CEM, CORA, Clock
from tests.desk.callers import another_customer
from tests.desk.stories import opened, states, the_case
from tests.house.counting import statements
from tests.visits import Visitor
from tests.wizard import Walk, known, to_about


async def asked(desk: Desk) -> tuple[int, str]:
    """A complaint of Ana's by mail that waits for her answer; its id and its number."""
    await known(desk)
    case_id = await opened(desk, channel=Channel.EMAIL)
    async with desk.work(CEM) as work:
        case = await the_case(work, case_id)
        await cases.add_note(work, case, "Perhaps it fell in the lorry; say nothing of it.")
        await cases.ask_customer(work, case, "Which colour was the kettle?")
        return case_id, case.number


async def test_who_calls_again_comes_to_the_same_case(desk: Desk, visitor: Visitor, clock: Clock) -> None:
    """S2-10.5, S0-3.3.3, S1-3.1b, S2-15.5a"""
    case_id, number = await asked(desk)
    cora = await visitor(CORA)
    walk = await Walk(cora).begin()
    await walk.open("about")
    assert "open case:" not in walk.text.lower()
    await walk.open("greet")
    await to_about(walk)
    assert "About an open case: 1 open case" in walk.text
    await walk.send(situation="open_case")
    assert walk.at == "which_case"
    for told in (
        f"{number}: A cracked kettle",
        "waiting for the customer",
        "We asked",
        "Which colour was the kettle?",
    ):
        assert told in walk.text, told
    assert "lorry" not in walk.page.text
    assert "checked" in walk.page.text.split(f'value="{number}"')[1].split(">")[0]
    assert (await walk.send()).status_code == 422
    await walk.send(case=number)
    assert (walk.at, "The case waits for this answer" in walk.text) == ("said", True)
    assert (await walk.send(heard=" ")).status_code == 422
    clock.forward(minutes=20)
    assert (await states(desk, case_id))["answer"] == "paused"
    await walk.send(heard="It was blue.")
    assert (walk.at, (await states(desk, case_id))["answer"]) == ("now", "running")
    await walk.open("said")
    assert f"It stands on {number} as it was said." in walk.text
    await walk.open("now")
    await walk.send(then="stands")
    assert (walk.at, "It was blue." in walk.text, "lorry" in walk.page.text) == ("stands", True, False)
    await walk.send(told="The new one is packed.")
    assert f"{number}: It was blue. It is still open." in walk.text
    await walk.send(summary="Told her how it stands.", understood="yes")
    await walk.send(anything_else="asked", satisfied="yes", outcome="follow_up")
    async with desk.look(SYSTEM) as work:
        contact = (await work.session.scalars(select(Contact))).one()
        case = await the_case(work, case_id)
        said = select(CaseNote.kind, CaseNote.words).where(CaseNote.kind.in_((NoteKind.HEARD, NoteKind.TOLD)))
        letters = select(Message.template).where(Message.template == "case-update")
        assert (contact.situation, contact.outcome) == (Situation.OPEN_CASE, Outcome.FOLLOW_UP)
        assert (case.status, await work.session.scalar(select(func.count()).select_from(Case))) == (
            CaseStatus.OPEN,
            1,
        )
        assert [tuple(one) for one in await work.session.execute(said.order_by(CaseNote.id))] == [
            (NoteKind.HEARD, "It was blue."), (NoteKind.TOLD, "The new one is packed."),
        ]  # fmt: skip
        assert len((await work.session.scalars(letters)).all()) == 1
    page = (await cora.get(f"/cases/{case_id}")).text
    assert f'<a href="/contacts/{contact.id}">Contact {contact.number}</a>' in page
    assert "Told her how it stands." in page
    assert f'href="/cases/{case_id}"' in (await cora.get(f"/contacts/{contact.id}")).text
    printed = await cora.get(f"/contacts/{contact.id}/form")
    assert (printed.status_code, "It was blue." in printed.text) == (200, True)


async def test_a_stranger_is_shown_no_case_and_another_one_is_not_theirs(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-2.1, decision 18"""
    _, number = await asked(desk)
    bens = await opened(desk, CaseKind.INQUIRY, customer_id=await another_customer(desk))
    async with desk.look(SYSTEM) as work:
        other = (await the_case(work, bens)).number
    walk = await Walk(await visitor(CORA)).begin()
    await walk.send(greeted="yes")
    await walk.send(choice="1")
    await walk.send(skip="yes", skip_reason="She has no time for it.")
    await walk.send(situation="open_case")
    assert ("the cases stay covered" in walk.text, number in walk.page.text) == (True, False)
    answer = await walk.send(number=number)
    assert (answer.status_code, "The caller has to be verified" in answer.text) == (409, True)
    await walk.open("verify")
    await walk.send(postcode="10115", email="ana@example.com")
    await walk.open("which_case")
    answer = await walk.send(number=other)
    assert (answer.status_code, "This customer has no open case of that number." in walk.text) == (422, True)


async def test_a_customer_with_many_cases_costs_no_further_statement(
    app: Starlette, desk: Desk, visitor: Visitor
) -> None:
    """One statement counts the open cases where the situation is chosen; three tell how all of them stand."""
    await known(desk)
    cora = await visitor(CORA)
    walk = await Walk(cora).begin()

    async def asked_of_the_database(step: str) -> int:
        await walk.open(step)  # from now on what is kept for the process is known
        with statements(app.state.database) as said:
            await walk.open(step)
        return len(said)

    await walk.send(greeted="yes")
    before = await asked_of_the_database("about")
    await walk.open("who")
    await walk.send(choice="1")
    await walk.send(postcode="10115", email="ana@example.com")
    assert await asked_of_the_database("about") == before + 1
    await walk.send(situation="open_case")
    await opened(desk)
    one = await asked_of_the_database("which_case")
    for _ in range(6):
        await opened(desk, CaseKind.INQUIRY)
    assert await asked_of_the_database("which_case") == one


async def test_without_an_open_case_the_way_back_is_named(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    assert "About an open case The customer" in walk.text
    await walk.send(situation="open_case")
    assert "This customer has no open case. Choose another situation" in walk.text
    assert f'href="/intakes/{walk.id}/about"' in walk.page.text
