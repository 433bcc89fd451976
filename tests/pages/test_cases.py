"""Cases on the screen: the queues, the story, and each deed through its form, without a script."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx2
import pytest

from models import Case
from portal.desk import backlog, cases, queues, timeline
from portal.desk.backlog import CaseQueue
from portal.desk.timeline import Told
from portal.desk.work import Actor, Desk
from tests.cast import ANA, CEM, CORA, FIN, INA, MARA, SAM, Clock
from tests.desk.stories import opened, planned, raised, seen, states, written
from tests.scene import busy_monday
from tests.visits import Visitor


def words_in(text: str) -> str:
    content = text[text.index("<main") : text.index("</main>")] if "<main" in text else text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


def subjects(answer: httpx2.Response) -> list[str]:
    """The cases of a list, from top to bottom."""
    return [
        unescape(one).strip() for one in re.findall(r'<a href="/cases/\d+">(.*?)</a>', answer.text, re.DOTALL)
    ]


QUEUES = {
    (CORA, "mine"): ["A cracked kettle", "When do you open on Saturday?", "A spare lid for the kettle"],
    (CORA, "team"): [
        "A cracked kettle",
        "When do you open on Saturday?",
        "The third broken lamp",
        "Charged twice",
        "A spare lid for the kettle",
    ],
    (CORA, "nobodys"): ["The third broken lamp", "Charged twice"],
    (CORA, "breaching"): [
        "A cracked kettle",
        "When do you open on Saturday?",
        "The third broken lamp",
        "Charged twice",
    ],
    (CORA, "late-today"): [],
    (CORA, "waiting"): ["A spare lid for the kettle"],
    (CORA, "closed"): ["Is the blue chair washable?"],
    (CORA, "escalated"): ["The third broken lamp", "Charged twice"],
    (MARA, "escalated"): ["The third broken lamp", "A lawyer’s letter", "Charged twice"],
    (FIN, "team"): ["Charged twice"],
}


@pytest.mark.parametrize(("who", "queue"), QUEUES, ids=lambda one: getattr(one, "name", one))
async def test_each_queue_holds_what_is_meant_for_it(
    desk: Desk, clock: Clock, visitor: Visitor, who: Actor, queue: str
) -> None:
    """S0-0.6, S3-5.2.1"""
    await busy_monday(desk, clock)
    answer = await (await visitor(who)).get(f"/cases?show={queue}")
    assert (answer.status_code, subjects(answer)) == (200, QUEUES[who, queue])


async def test_what_ran_out_today_is_counted_and_listed_alike(desk: Desk, clock: Clock) -> None:
    await busy_monday(desk, clock)
    clock.forward(hours=1)
    async with desk.look(SAM) as work:
        counts = await backlog.case_counts(work)
        late = await queues.cases(work, CaseQueue.LATE_TODAY)
    assert counts[CaseQueue.LATE_TODAY] == len(late.rows) == 4


async def test_closed_cases_go_on_where_the_page_ended(desk: Desk, clock: Clock) -> None:
    ids = []
    for _ in range(3):
        case_id = await opened(desk)
        async with desk.work(CORA) as work:
            await cases.cancel(work, await queues.case_of(work, case_id), "A try.")
        clock.forward(minutes=1)
        ids.append(case_id)
    async with desk.look(CORA) as work:
        first = await queues.cases(work, CaseQueue.CLOSED, limit=2)
        second = await queues.cases(work, CaseQueue.CLOSED, before=first.older, limit=2)
    assert [[row.case.id for row in page.rows] for page in (first, second)] == [[ids[2], ids[1]], [ids[0]]]
    assert (bool(first.older), second.older) == (True, "")


async def test_the_story_is_told_newest_first(desk: Desk, clock: Clock) -> None:
    """S0-0.2, S1-3.1b, S2-15.5a, S3-6.1.1c"""
    case_id = await opened(desk)
    clock.forward(minutes=5)
    async with desk.work(CORA) as work:
        await cases.add_note(work, await queues.case_of(work, case_id), "The picture shows a crack.")
    clock.forward(minutes=5)
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await queues.case_of(work, case_id), "Which colour?")
    async with desk.look(CORA) as work:
        told = await timeline.timeline(work, await queues.case_of(work, case_id))
    assert [(one.kind.value, one.title, one.who, one.inside) for one in told] == [
        ("note", "Asked the customer", "Cora", False),
        ("case", "Clocks stand still", "Cora", True),
        ("note", "Internal note", "Cora", True),
        ("message", "case-acknowledgement (en)", "to Ana E••••, by Cora", False),
        ("case", "Opened", "", True),
    ]


async def test_a_letter_with_the_address_stays_closed_until_the_caller_is_verified(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    scene = await busy_monday(desk, clock)
    shown = (await (await visitor(CORA)).get(f"/cases/{scene.complaint}")).text
    assert "order-confirmation (en)" in shown
    assert "The letter tells where the customer lives" in shown
    assert "Example Street 1" not in shown
    assert "Ana Example" not in shown


@pytest.mark.parametrize("who", [CORA, FIN, INA], ids=lambda who: who.name)
async def test_a_restricted_case_is_not_there(desk: Desk, clock: Clock, visitor: Visitor, who: Actor) -> None:
    scene = await busy_monday(desk, clock)
    client = await visitor(who)
    for address in (f"/cases/{scene.secret}", f"/cases/{scene.secret}/clocks"):
        assert (await client.get(address)).status_code == (403 if who is INA else 404)
    assert (await (await visitor(MARA)).get(f"/cases/{scene.secret}")).status_code == 200


async def test_cora_answers_and_resolves_without_a_script(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    cora = await visitor(CORA)
    answered = await cora.post(f"/cases/{case_id}/answer", data={"answer": "A new kettle leaves today."})
    assert (answered.status_code, answered.headers["location"]) == (303, f"/cases/{case_id}")
    assert "The answer is on its way." in (await cora.get(f"/cases/{case_id}")).text
    form = {"code": "exchange", "what_was_done": "A new kettle is on its way.", "actions": "Sent a kettle."}
    assert (await cora.post(f"/cases/{case_id}/resolution", data=form)).status_code == 303
    assert (await states(desk, case_id))["resolve"] == "met"
    assert [one.words for one in await planned(desk)] == ["Ask whether the solution of HC-26-000001-9 holds."]
    assert await written(desk, "case-resolved") == [("case-resolved", "ana@example.com")]
    shown = words_in((await cora.get(f"/cases/{case_id}")).text)
    assert "All clocks have stopped" in shown
    assert "Reopen" in shown


async def test_a_refused_form_comes_back_with_what_was_typed(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    answer = await (await visitor(CORA)).post(
        f"/cases/{case_id}/resolution", data={"what_was_done": "Sent <b>one</b>.", "actions": ""}
    )
    assert answer.status_code == 422
    assert re.search(r"<title>\s*Error: ", answer.text)
    links = re.findall(r'<a href="#(resolution-[a-z_]+)">(.*?)</a>', answer.text)
    assert links == [
        ("resolution-code", "Choose how it was resolved."),
        ("resolution-actions", "Write down at least one action that was taken."),
    ]
    assert [f'id="{target}"' in answer.text for target, _ in links] == [True, True]
    assert "Sent &lt;b&gt;one&lt;/b&gt;." in answer.text
    assert (await seen(desk, case_id)).status.value == "open"


async def test_a_question_stands_the_clocks_still_and_the_answer_lets_them_run(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    case_id = await opened(desk)
    cora = await visitor(CORA)
    await cora.post(f"/cases/{case_id}/question", data={"question": "Which colour?"})
    assert "clocks paused: waiting for the customer" in words_in((await cora.get(f"/cases/{case_id}")).text)
    clock.forward(minutes=20)
    await cora.post(f"/cases/{case_id}/customer-answer", data={"answer": "The blue one."})
    assert (await states(desk, case_id))["answer"] == "running"
    clock.forward(minutes=1)
    await cora.post(f"/cases/{case_id}/answer", data={"answer": "It leaves today."})
    async with desk.look(CORA) as work:
        told = await timeline.timeline(work, await queues.case_of(work, case_id))
    assert [(one.title, one.words, one.inside) for one in told if one.kind is Told.NOTE] == [
        ("Answered the customer", "It leaves today.", False),
        ("The customer answered", "The blue one.", True),
        ("Asked the customer", "Which colour?", False),
    ]


async def test_what_is_said_besides_questions_has_its_forms(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """S1-3.1b, S0-3.3.3"""
    case_id = await opened(desk)
    cora = await visitor(CORA)
    for address, typed in (
        ("message", {"message": "It leaks now."}),
        ("progress", {"words": "We are looking at the picture."}),
        ("message", {"message": "Thank you.", "thanks": "yes"}),
    ):
        clock.forward(minutes=1)
        answer = await cora.post(f"/cases/{case_id}/{address}", data=typed)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case_id}")
        assert (await cora.post(f"/cases/{case_id}/{address}")).status_code == 422
    async with desk.look(CORA) as work:
        told = await timeline.timeline(work, await queues.case_of(work, case_id))
    assert [(one.title, one.words, one.inside, one.heard) for one in told if one.kind is Told.NOTE] == [
        ("The customer wrote", "Thank you.", True, True),
        ("Told the customer", "We are looking at the picture.", False, False),
        ("The customer wrote", "It leaks now.", True, True),
    ]


async def test_a_case_stands_still_for_a_reason_and_runs_on(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    cora = await visitor(CORA)
    refused = await cora.post(f"/cases/{case_id}/standstill", data={"reason": "rain"})
    assert (refused.status_code, "Choose what the case waits for." in refused.text) == (422, True)
    typed = {"reason": "supplier", "words": "A lid is on order until Thursday."}
    assert (await cora.post(f"/cases/{case_id}/standstill", data=typed)).status_code == 303
    shown = words_in((await cora.get(f"/cases/{case_id}")).text)
    assert "clocks paused: waiting for the supplier" in shown
    assert "paused: waiting for the supplier" in words_in((await cora.get(f"/cases/{case_id}/clocks")).text)
    assert (await cora.post(f"/cases/{case_id}/running-on", data={"words": "It is here."})).status_code == 303
    assert (await states(desk, case_id))["answer"] == "running"


async def test_handing_up_asks_for_what_is_missing(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    cora = await visitor(CORA)
    form = {"severity": "high", "reason": "Beyond my limit."}
    refused = await cora.post(f"/cases/{case_id}/escalation", data=form)
    assert refused.status_code == 422
    assert "Still missing: the concern as restated and confirmed, the solutions offered." in refused.text
    done = await cora.post(f"/cases/{case_id}/escalation", data={**form, "missing": "The customer hung up."})
    assert done.status_code == 303
    assert await raised(desk, case_id) == [("asked", 1, 1, "manager", "raised")]


async def test_a_legal_concern_leaves_the_representatives_sight(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    cora = await visitor(CORA)
    form = {"severity": "high", "reason": "A lawyer wrote.", "concern": "legal"}
    done = await cora.post(f"/cases/{case_id}/escalation", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/cases")
    assert (await cora.get(f"/cases/{case_id}")).status_code == 404


async def test_cem_takes_what_cora_held(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    cem = await visitor(CEM)
    assert "Take this case" in (await cem.get(f"/cases/{case_id}")).text
    assert (await cem.post(f"/cases/{case_id}/holder")).status_code == 303
    assert (await seen(desk, case_id)).held_by_id == CEM.person_id


async def test_finance_reads_a_payment_issue_and_has_no_form_that_changes_it(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    scene = await busy_monday(desk, clock)
    fin = await visitor(FIN)
    shown = (await fin.get(f"/cases/{scene.payment_issue}")).text
    content = shown[shown.index("<main") : shown.index("</main>")]
    forms = re.findall(r'<form\s+method="post"\s+action="([^"]+)"', content)
    assert [re.sub(r"\d+", "…", one) for one in forms] == ["/escalations/…/acceptance"]
    assert (await fin.post(f"/cases/{scene.payment_issue}/notes", data={"note": "x"})).status_code == 403


async def test_each_clock_says_why_it_is_due_when_it_is(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    shown = words_in((await (await visitor(CORA)).get(f"/cases/{case_id}/clocks")).text)
    assert "Within 1 business hour" in shown
    assert "(procedure S0-3.3.1)" in shown
    assert "Policy: answer every case (procedure S0-3.3.1): Inquiries are answered within" in shown
    assert "Mo-Fr 09:00-17:00 (Europe/Berlin)" in shown
    assert "Mon 2 Mar 2026: 1 hour counted, due 11:00" in shown
    assert "Mon 2 Mar 2026, 10:00 to 11:00: 1 hour of open time." in shown


async def test_each_due_time_of_a_case_leads_to_its_explanation(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    cora = await visitor(CORA)
    page = (await cora.get(f"/cases/{case_id}")).text
    explained = (await cora.get(f"/cases/{case_id}/clocks")).text
    marks = re.findall(rf'href="/cases/{case_id}/clocks#(clock-\d+)"', page)
    assert len(marks) == len(set(marks)) == 4
    assert all(f'id="{mark}"' in explained for mark in marks)


async def test_names_are_shown_as_words_whatever_they_hold(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk, subject="<script>alert(1)</script>", customer_id=ANA)
    shown = (await (await visitor(CORA)).get(f"/cases/{case_id}")).text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


async def test_a_sign_that_no_database_keeps_is_left_out(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    cora = await visitor(CORA)
    assert (await cora.post(f"/cases/{case_id}/notes", data={"note": "a\0b"})).status_code == 303
    async with desk.look(CORA) as work:
        told = await timeline.timeline(work, await queues.case_of(work, case_id))
    assert [one.words for one in told if one.kind is Told.NOTE] == ["ab"]


async def test_what_happened_earlier_is_told_with_its_reason(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """S2-15.2: a message a field, what was typed is kept, and both times stand in the story and on paper."""
    case_id = await opened(desk)
    clock.at("2026-03-02 14:10")
    cora = await visitor(CORA)
    typed = {"note": "Called about the crack.", "kind": "action", "happened_at": "2026-03-02T14:11"}
    refused = await cora.post(f"/cases/{case_id}/notes", data=typed)
    assert refused.status_code == 422
    assert re.findall(r'<a href="#(note-[a-z_]+)">(.*?)</a>', refused.text) == [
        ("note-happened_at", "That is still to come. Say when it happened."),
        ("note-happened_why", "Say why it is noted only now."),
    ]
    assert 'value="2026-03-02T14:11"' in refused.text
    for wrong in ("13:05", "2026-02-30T13:05", "9999-12-31T23:59"):
        answer = await cora.post(f"/cases/{case_id}/notes", data={**typed, "happened_at": wrong})
        assert (answer.status_code, "Enter a day and a time" in answer.text) == (422, True), wrong
    typed |= {"happened_at": "2026-03-02T10:05", "happened_why": "The line was busy."}
    assert (await cora.post(f"/cases/{case_id}/notes", data=typed)).status_code == 303
    both = "Cora, noted now , happened today 10:05 – The line was busy."
    assert both in words_in((await cora.get(f"/cases/{case_id}")).text)
    paper = words_in((await cora.get(f"/cases/{case_id}/complaint-form")).text)
    assert (
        "Cora, noted Mon 2 Mar 2026, 14:10:00 CET, happened Mon 2 Mar 2026, 10:05:00 CET – The line was busy."
    ) in paper


@pytest.mark.parametrize(
    ("typed", "which", "kept"),
    [
        ("2026-10-25T01:30", "", datetime(2026, 10, 24, 23, 30, tzinfo=UTC)),
        ("2026-10-25T02:30", "first", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T02:30", "second", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25T02:30", "", "Choose which it was."),
        ("2026-10-25T02:30", "third", "Choose which it was."),
        ("2026-10-25T02:30+01:00", "", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-03-29T02:30", "", "There was no such time: the clocks went forward over it."),
        ("2026-03-29T03:00", "", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    ],
)
async def test_the_hour_that_comes_twice_is_asked_for(
    desk: Desk, clock: Clock, visitor: Visitor, typed: str, which: str, kept: datetime | str
) -> None:
    """S2-15.1, S2-15.2"""
    clock.at("2026-03-28 10:00")
    case_id = await opened(desk)
    clock.at("2026-10-26 10:00")
    cora = await visitor(CORA)
    form = {"note": "A call.", "happened_at": typed, "happened_why": "At night.", "happened_which": which}
    answer = await cora.post(f"/cases/{case_id}/notes", data=form)
    async with desk.look(CORA) as work:
        story = await timeline.timeline(work, await queues.case_of(work, case_id))
    noted = [one.happened_at for one in story if one.kind is Told.NOTE]
    if isinstance(kept, datetime):
        assert (answer.status_code, noted) == (303, [kept])
        return
    assert (answer.status_code, noted, kept in answer.text) == (422, [], True)
    asked = re.findall(r'name="happened_which"\s+value="([a-z]+)"', answer.text)
    assert asked == (["first", "second"] if "Choose" in kept else [])


async def test_the_two_passes_of_an_hour_stand_apart(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    """S2-15.1: Berlin saw 02:30 twice on 25 October 2026; what happened first stands below."""
    clock.at("2026-10-24 10:00")
    case_id = await opened(desk)
    for minute in (30, 90):
        clock.now = datetime(2026, 10, 25, tzinfo=UTC) + timedelta(minutes=minute)
        async with desk.work(CORA) as work:
            await cases.add_note(work, await work.session.get_one(Case, case_id), f"Noted at {minute}.")
    clock.at("2026-10-27 10:00")
    page = (await (await visitor(CORA)).get(f"/cases/{case_id}")).text
    told = re.findall(r'<time datetime="(2026-10-25T0[01][^"]+)" title="([^"]+)"', page)
    assert list(dict.fromkeys(told)) == [
        ("2026-10-25T01:30:00+00:00", "Sun 25 Oct 2026, 02:30:00 CET"),
        ("2026-10-25T00:30:00+00:00", "Sun 25 Oct 2026, 02:30:00 CEST"),
    ]
