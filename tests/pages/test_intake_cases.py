"""Complaints and inquiries in the wizard, in a browser without a script."""

import re
from datetime import datetime

import pytest
from sqlalchemy import func, select

from models import Case, Contact, Escalation, FollowUp, Message
from models.words import CaseKind, CaseStatus, Channel, ContactStatus, Outcome, ResolutionCode, Role, Severity
from portal.desk import audit, cases, dead_links, library
from portal.desk.cases import NewCase
from portal.desk.library import Card, Text
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, SAM
from tests.visits import Visitor
from tests.wizard import Walk, known, to_about

WORDS = "The kettle leaks. I burnt my hand and nobody called back!"


async def only_case(desk: Desk) -> Case:
    async with desk.look(SYSTEM) as work:
        return (await work.session.scalars(select(Case))).one()


async def complaining(desk: Desk, visitor: Visitor) -> Walk:
    """Up to the solutions."""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="complaint")
    await walk.send(statement=WORDS, case_kind="complaint")
    await walk.send(restated="The new kettle leaks and you were hurt.", agreed="yes")
    await walk.send(apology="given")
    await walk.send(**{"offer-refund": "yes", "offer-exchange": "yes", "chosen": "A new kettle."})
    return walk


async def test_a_complaint_is_heard_before_anything_is_offered(desk: Desk, visitor: Visitor) -> None:
    """S3-4.1.1, S0-3.4.1, S0-3.2.2a, S2-3.3"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="complaint")
    assert (walk.at, (await walk.send(statement="  ")).status_code) == ("statement", 422)
    await walk.open("options")
    assert "This cannot start yet. First: Listen, Say it back." in walk.text
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(Case)) == 0


async def test_a_complaint_is_solved_on_the_phone(desk: Desk, visitor: Visitor) -> None:
    """S0-3.2.2b, S2-3.5, S2-11.2a, S2-11.3, S3-2.1b, S3-4.1.2, S3-4.2.1a, S3-6.1.1c, S3-5.1.1"""
    walk = await complaining(desk, visitor)
    assert walk.at == "settle"
    answer = await walk.send(settled="resolved")
    assert (answer.status_code, walk.text.count("Choose how it was resolved.")) == (422, 2)
    await walk.send(
        settled="resolved",
        code="exchange",
        what_was_done="A new kettle goes out today.",
        actions="Ordered a new kettle\nAsked for the old one back",
    )
    assert "HC-26-000001-9: The new kettle leaks and you were hurt. It is settled." in walk.text
    await walk.send(summary="A new kettle comes.", understood="yes", send="yes")
    await walk.send(anything_else="asked", satisfied="yes", outcome="resolved")
    case = await only_case(desk)
    async with desk.look(SYSTEM) as work:
        contact = await work.session.get_one(Contact, 1)
        sent = (await work.session.scalars(select(Message.template).order_by(Message.id))).all()
    assert (case.kind, case.status, case.resolution_code, case.statement, case.apology, case.customer_id) == (
        CaseKind.COMPLAINT, CaseStatus.RESOLVED, ResolutionCode.EXCHANGE, WORDS, "Given.", ANA,
    )  # fmt: skip
    assert case.options == "- Money back\n- Exchange or new delivery\nThe customer chose: A new kettle."
    assert (contact.status, contact.outcome, contact.summary) == (
        ContactStatus.CLOSED,
        Outcome.RESOLVED,
        "A new kettle comes.",
    )
    assert list(sent) == ["case-acknowledgement", "case-resolved", "contact-summary"]


async def test_a_complaint_is_handed_on_with_its_severity(desk: Desk, visitor: Visitor) -> None:
    """S2-13.1, S3-5.1.1"""
    walk = await complaining(desk, visitor)
    assert 'name="severity"' in walk.page.text  # its own step does not come: it is asked here
    assert (await walk.send(settled="handed_on", why="Beyond my limit.")).status_code == 422
    await walk.send(settled="handed_on", why="Beyond my limit.", severity="high")
    assert walk.at == "summary"
    case = await only_case(desk)
    async with desk.look(SYSTEM) as work:
        escalation = (await work.session.scalars(select(Escalation))).one()
    assert (case.severity, case.status, escalation.reason) == (
        Severity.HIGH,
        CaseStatus.OPEN,
        "Beyond my limit.",
    )


async def test_a_legal_concern_goes_to_the_managers_at_once(desk: Desk, visitor: Visitor) -> None:
    """S3-5.1.2a, S3-5.1.3b"""
    walk = await complaining(desk, visitor)
    assert (await walk.send(settled="handed_on", legal="yes")).status_code == 422
    await walk.send(legal="yes", concern="Her lawyer will write.")
    assert walk.at == "summary"
    case = await only_case(desk)
    async with desk.look(SYSTEM) as work:
        escalation = (await work.session.scalars(select(Escalation))).one()
    assert (case.legal, escalation.to_role) == (True, Role.MANAGER)


async def test_one_solution_alone_needs_its_reason(desk: Desk, visitor: Visitor) -> None:
    """S3-4.1.3a"""
    walk = await complaining(desk, visitor)
    await walk.open("options")
    assert (await walk.send(other="Only a spare lid.")).status_code == 422
    await walk.send(other="Only a spare lid.", reason="No kettles are left.")
    assert (await only_case(desk)).options == "- Only a spare lid.\nOnly one, because: No kettles are left."


@pytest.mark.parametrize("reason", ["", "Nothing went wrong on our side."])
async def test_an_apology_is_given_or_has_its_reason(desk: Desk, visitor: Visitor, reason: str) -> None:
    """S0-3.4.2a"""
    walk = await complaining(desk, visitor)
    await walk.open("apology")
    answer = await walk.send(apology="not_applicable", reason=reason)
    told = "Given." if not reason else f"Not applicable: {reason}"
    assert (answer.status_code, (await only_case(desk)).apology) == (200 if reason else 422, told)


async def test_an_open_question_ends_with_a_promise_that_becomes_a_follow_up(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-9.4, S3-5.1.1"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="inquiry")
    await walk.send(need="Does the chair fold?")
    assert (await only_case(desk)).kind is CaseKind.INQUIRY
    await walk.send(answer="I will ask the maker.", settled="follow_up")
    assert (await walk.send(summary="We ask the maker.", understood="yes")).status_code == 422
    due = "2026-03-03T09:00:00+00:00"
    await walk.send(summary="We ask the maker.", understood="yes", **{"promise-1": "Call Ana.", "due-1": due})
    await walk.send(anything_else="asked", satisfied="unknown", outcome="follow_up")
    async with desk.look(SYSTEM) as work:
        follow_up = (await work.session.scalars(select(FollowUp))).one()
    assert (follow_up.words, follow_up.owner_id, follow_up.due_at.isoformat(), follow_up.customer_id) == (
        "Call Ana.", CORA.person_id, due, ANA,
    )  # fmt: skip


async def test_a_holiday_is_not_offered_for_a_follow_up(desk: Desk, visitor: Visitor) -> None:
    """S2-10.4: nothing on the weekend, nothing outside opening hours."""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="inquiry")
    await walk.open("summary")
    offered = walk.page.text.split('id="due-1"')[1].split("</select>")[0]
    assert "Monday, 2 March" in offered
    assert "Saturday" not in offered


async def test_an_outcome_that_did_not_happen_is_refused(desk: Desk, visitor: Visitor) -> None:
    """S2-10.3, S2-6.1, S2-10.2"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="order")
    await walk.open("summary")
    await walk.send(summary="Only looked.", understood="yes")
    await walk.open("close")
    answer = await walk.send(anything_else="asked", satisfied="yes", outcome="order_placed")
    assert (answer.status_code, "No order was placed in this contact." in walk.text) == (422, True)
    await walk.send(
        anything_else="asked", satisfied="yes", outcome="no_order", undone="Wants to sleep on it."
    )
    assert walk.page.url.path == "/"


async def test_what_cannot_be_solved_is_assessed_and_handed_up_with_everything(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-13.1, S2-13.3, S3-5.2: the guide gives the severity, nothing is typed twice.

    S3-2.1c, S3-5.1.3c, S3-5.2.3
    """
    walk = await complaining(desk, visitor)
    await walk.open("options")
    both = {"offer-refund": "yes", "offer-goodwill": "yes", "solved_here": "no"}
    answer = await walk.send(**both, goodwill="80")
    assert answer.status_code == 422
    assert "Your mandate ends at 25.00 EUR: ask your supervisor, or hand the case up." in walk.text
    assert f'href="/intakes/{walk.id}/escalate?back=options"' in answer.text
    await walk.send(**both, goodwill="20", outcome="refund")
    assert walk.at == "severity"
    await walk.send(**{"question-harm": "no", "question-use": "no"})
    assert walk.at == "escalate"
    assert "Severity: high" in walk.text
    assert "Complete for whoever takes it on: 4 of 4" in walk.text
    assert "Restated The new kettle leaks and you were hurt." in walk.text
    assert (await walk.send(handed_up="yes")).status_code == 422
    await walk.send(handed_up="yes", why="She wants the whole kitchen paid.")
    assert walk.at == "summary"
    assert "A colleague takes it on." in walk.text
    async with desk.look(SYSTEM) as work:
        escalation = (await work.session.scalars(select(Escalation))).one()
    assert ((await only_case(desk)).severity, escalation.reason) == (
        Severity.HIGH,
        "She wants the whole kitchen paid.",
    )


async def test_what_is_missing_is_named_with_the_way_to_it(desk: Desk, visitor: Visitor) -> None:
    """S2-13.3, S3-5.2.3: the gate holds whatever is posted."""
    walk = await complaining(desk, visitor)
    await walk.open("options")
    await walk.send(**{"offer-refund": "yes", "offer-exchange": "yes", "solved_here": "no"})
    await walk.send(**{"question-harm": "yes", "question-use": "no"})
    async with desk.work(SYSTEM) as work:
        case = (await work.session.scalars(select(Case))).one()
        case.restated = ""
        await audit.record(work, "forget what was restated", case)
    await walk.open("escalate")
    assert "Complete for whoever takes it on: 3 of 4" in walk.text
    assert f'href="/intakes/{walk.id}/restate?back=escalate"' in walk.page.text
    told = {"handed_up": "yes", "why": "It burns."}
    assert (await walk.send(**told)).status_code == 422
    assert "Still missing: the concern as restated and confirmed." in walk.text
    await walk.send(**told, emergency="yes", emergency_reason="The kitchen is on fire.")
    assert walk.at == "summary"


async def test_an_answer_cites_the_library_and_the_case_still_shows_that_version(
    desk: Desk, visitor: Visitor
) -> None:
    """S0-3.3.2: look without a script, tick, answer; then the article changes.

    S3-2.1a, S3-3.1.2, S3-3.1.3a, S2-15.4
    """
    await known(desk)
    async with desk.work(SAM) as work:
        guide = {"title": "Guide", "address": "https://shop.example.com/guide"}
        chairs = Text("en", "Folding chairs", "Every chair of ours folds.", (guide,))
        await library.add(work, "folding", Card(), chairs)
        await dead_links.gather(work)
        for _ in range(dead_links.DEAD_AFTER):
            await dead_links.note(work, {guide["address"]: "answers 404"})
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="inquiry")
    await walk.send(need="Does the chair fold?")
    await walk.send(look="folds")
    assert (walk.at, "Every chair of ours folds." in walk.text) == ("answer", True)
    assert "leads nowhere: Guide" in walk.text  # S3-3.1.3b
    version = re.findall(r'name="(cite-\d+)"', walk.page.text)[0]
    await walk.send(look="folds", answer="It does.", settled="resolved", **{version: "yes"})
    assert walk.at == "summary"
    async with desk.work(CORA) as work:
        for _ in range(2):
            other = await cases.open_case(work, NewCase(CaseKind.INQUIRY, Channel.EMAIL, "Does it fold?"))
            await library.cite(work, [int(version[5:])], case_id=other.id)
            await cases.answer(work, other, "It does.")
    again = await Walk(await visitor(CORA)).begin()
    await to_about(again)
    await again.send(situation="inquiry")
    await again.send(need="Can it fold?")
    assert "Folding chairs (lately the answer 3 times)" in again.text
    async with desk.work(SAM) as work:
        article = await library.load(work, "folding")
        text = Text("en", "Folding chairs", "No chair of ours folds.")
        await library.write_version(work, article, article.version, text, Card())
    async with desk.look(SYSTEM) as work:
        case = await work.session.get_one(Case, 1)
    shown = (await walk.client.get(f"/cases/{case.id}")).text
    assert "Folding chairs, version 1" in shown
    assert "changed since: version 2 is in force" in shown
    cited = re.findall(r'href="(/library/folding[^"]+)"', shown)[0]
    assert "Every chair of ours folds." in (await walk.client.get(cited.replace("&amp;", "&"))).text


async def test_a_solution_is_asked_after_at_the_time_she_chose(desk: Desk, visitor: Visitor) -> None:
    """S3-4.1.4"""
    walk = await complaining(desk, visitor)
    slots = re.findall(r'value="(2026-03-03T[^"]+)"', walk.page.text.split('name="follow_up"')[1])
    await walk.send(
        settled="resolved", code="refund", what_was_done="Money back.", actions="Asked.", follow_up=slots[0]
    )
    async with desk.look(SYSTEM) as work:
        check = (await work.session.scalars(select(FollowUp))).one()
    assert check.due_at == datetime.fromisoformat(slots[0])
