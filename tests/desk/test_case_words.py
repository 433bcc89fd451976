"""Cases are found by what was said in them, by those alone who may see them. S2-15.7, S1-5.1b"""

from typing import Any

import pytest
from sqlalchemy import delete, event, func, select, update

from models import Case, SearchToken
from models.words import CaseKind, Channel, NoteKind, ResolutionCode
from portal.database import Database
from portal.desk import audit, case_words, cases, escalation, finding
from portal.desk.cases import NewCase
from portal.desk.errors import NotAllowed
from portal.desk.work import SYSTEM, Actor, Desk, Work
from tests.cast import ANA, CORA, FIN, INA, MARA, SAM


async def opened(desk: Desk, subject: str, statement: str = "", **told: Any) -> int:
    async with desk.work(CORA) as work:
        kind = told.pop("kind", CaseKind.INQUIRY)
        new = NewCase(kind, Channel.EMAIL, subject=subject, statement=statement, customer_id=ANA, **told)
        return (await cases.open_case(work, new)).id


async def the_case(work: Work, case_id: int) -> Case:
    return await work.session.get_one(Case, case_id)


async def found(desk: Desk, text: str, who: Actor = CORA) -> list[int]:
    async with desk.look(who) as work:
        return [case.id for case in (await finding.find(work, text)).cases]


async def kept(desk: Desk) -> int:
    async with desk.look(SYSTEM) as work:
        mine = select(func.count()).select_from(SearchToken).where(SearchToken.kind == case_words.KIND)
        return await work.session.scalar(mine) or 0


async def test_a_case_is_found_by_its_description_its_notes_and_what_was_written(desk: Desk) -> None:
    """S2-15.7, S1-5.1b"""
    kettle = await opened(desk, "A cracked kettle", "Der Henkel ist abgebrochen.", kind=CaseKind.COMPLAINT)
    lamp = await opened(desk, "A lamp that flickers")
    async with desk.work(CORA) as work:
        case = await the_case(work, lamp)
        await cases.add_note(work, case, "Tried another bulb, see order HR-26-000007-3.", NoteKind.ACTION)
        await cases.answer(work, case, "Please send us a photograph.")
    async with desk.work(CORA) as work:
        case = await the_case(work, kettle)
        code = ResolutionCode.EXCHANGE
        await cases.resolve(work, case, code=code, what_was_done="A replacement leaves.", actions=["Packed."])
    assert {
        text: await found(desk, text)
        for text in (
            "kettle", "HENKEL abgebroch", "bulb", "photograph flickers", "replacement", "packed", "a cracked",
            "hr26000007", "that of it", "kettle lamp", "submarine", "…", "",
        )
    } == {
        "kettle": [kettle], "HENKEL abgebroch": [kettle], "bulb": [lamp], "photograph flickers": [lamp],
        "replacement": [kettle], "packed": [kettle], "a cracked": [kettle], "hr26000007": [lamp],
        "that of it": [lamp], "kettle lamp": [], "submarine": [], "…": [], "": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Der Wasserkocher läuft über", "lauft uber"),
        ("这个水壶坏了", "水壶"),
        ("Čajník o’Neill’s", "cajnik oneill"),
    ],
)
async def test_words_of_every_script_are_found(desk: Desk, said: str, asked: str) -> None:
    case_id = await opened(desk, said)
    assert await found(desk, asked) == [case_id]


async def test_who_may_not_see_a_case_does_not_find_it_nor_learn_that_there_is_one(desk: Desk) -> None:
    """S2-15.7, S3-5.1.2"""
    secret = await opened(desk, "A burn", "My lawyer writes about the zebra.", kind=CaseKind.COMPLAINT)
    money = await opened(desk, "Charged twice for the zebra", kind=CaseKind.PAYMENT_ISSUE)
    for _ in range(30):
        await opened(desk, "Okapi", kind=CaseKind.COMPLAINT, statement="zebra", legal=True)
    async with desk.work(CORA) as work:
        await escalation.flag_concern(
            work, await the_case(work, secret), "A lawyer writes.", legal=True, regulatory=False
        )
    assert {who.name: await found(desk, "zebra", who) for who in (CORA, SAM, FIN, INA)} == {
        "Cora": [money], "Sam": [money], "Fin": [money], "Ina": [],
    }  # fmt: skip
    assert (len(await found(desk, "zebra", MARA)), secret in await found(desk, "lawyer", MARA)) == (26, True)
    async with desk.look(CORA) as work:
        assert (await finding.find(work, "okapi zebra")) == finding.Found()


async def test_of_a_text_that_is_written_over_no_word_stays_behind(desk: Desk) -> None:
    case_id = await opened(desk, "A cracked kettle", "It is Ana’s.")
    async with desk.work(CORA) as work:
        await cases.add_note(work, await the_case(work, case_id), "Called the walrus.")
    async with desk.work(MARA) as work:
        case = await the_case(work, case_id)
        case.subject, case.statement = "Erased", ""
        await audit.record(work, "erase what was said", case)
    assert {text: await found(desk, text) for text in ("kettle", "cracked", "ana’s", "erased", "walrus")} == {
        "kettle": [], "cracked": [], "ana’s": [], "erased": [case_id], "walrus": [case_id],
    }  # fmt: skip


async def test_a_deed_that_fails_leaves_no_word(desk: Desk) -> None:
    case_id = await opened(desk, "A cracked kettle")
    before = await kept(desk)

    async def stopped() -> None:
        async with desk.work(CORA) as work:
            await cases.add_note(work, await the_case(work, case_id), "Called the walrus.")
            raise RuntimeError("Stop")

    with pytest.raises(RuntimeError, match="Stop"):
        await stopped()
    assert (await kept(desk), await found(desk, "walrus")) == (before, [])


async def test_words_are_written_anew_for_cases_from_before_in_batches(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [await opened(desk, f"Kettle number {number}") for number in ("one", "two", "three")]
    async with desk.work(CORA) as work:
        await cases.add_note(work, await the_case(work, ids[1]), "Called the walrus.")
    before = await kept(desk)
    async with desk.work(SYSTEM) as work:
        await work.session.execute(delete(SearchToken).where(SearchToken.kind == case_words.KIND))
        await work.session.execute(
            update(Case).where(Case.id == ids[0]).values(subject="Lamp"), execution_options={"audited": True}
        )
        await audit.record(work, "as it was before")
    assert await found(desk, "kettle") == []
    monkeypatch.setattr(finding, "BATCH", 2)
    lasts = [0]
    while lasts[-1] or len(lasts) == 1:
        async with desk.work(SYSTEM) as work:
            lasts.append(await finding.write_words_anew(work, lasts[-1]))
    assert (lasts, await found(desk, "kettle"), await found(desk, "walrus")) == (
        [0, ids[1], 0],
        ids[:0:-1],
        [ids[1]],
    )
    assert await kept(desk) == before - 2  # “kettle number one” is one word now
    async with desk.work(CORA) as work:
        with pytest.raises(NotAllowed):
            await finding.write_words_anew(work)


async def test_finding_takes_the_same_statements_for_one_case_and_for_many(desk: Desk) -> None:
    database = desk.database
    assert isinstance(database, Database)
    heard: list[str] = []
    engine = database.reader.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *told: heard.append(told[2]))
    counts = []
    for _ in range(2):
        await opened(desk, "A cracked kettle")
        heard.clear()
        await found(desk, "cracked kettle")
        counts.append(len(heard))
        for _ in range(10):
            await opened(desk, "Another cracked kettle")
    assert counts[0] == counts[1]
