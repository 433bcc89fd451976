"""Cases: the queues, one case with its clocks and its story, and every deed on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.responses import Response

from models import Case, Deadline, Escalation
from models.words import CaseStatus, DeadlineKind, NoteKind, ResolutionCode, Severity
from portal.desk import (
    backlog,
    case_links,
    cases,
    escalation,
    explaining,
    followups,
    library,
    policy,
    queues,
    returns,
    status_updates,
    timeline,
)
from portal.desk.backlog import CaseQueue
from portal.desk.case_notes import Earlier
from portal.desk.listing import COUNTED_TO
from portal.desk.permissions import May
from portal.desk.timeline import Told
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, TWICE, Refused, Typed, answer_form, earlier_in
from portal.showing import word, zone_of
from portal.web import Visit, chosen

QUEUE_WORDS = {
    CaseQueue.MINE: "Mine",
    CaseQueue.TEAM: "All open",
    CaseQueue.NOBODYS: "Nobody’s yet",
    CaseQueue.BREACHING: "Due within 30 min",
    CaseQueue.LATE_TODAY: "Late today",
    CaseQueue.ESCALATED: "Escalated",
    CaseQueue.WAITING: "Waiting for the customer",
    CaseQueue.RESOLVED: "Resolved, not closed yet",
    CaseQueue.CLOSED: "All that are over",
}
TOLD_WORDS = {
    Told.CASE: "Case",
    Told.CONTACT: "Contacts",
    Told.CHAT: "Chats",
    Told.NOTE: "Notes",
    Told.MAIL: "Mail that came in",
    Told.MESSAGE: "Messages",
    Told.ORDER: "Orders",
    Told.PAYMENT: "Payments",
    Told.ESCALATION: "Escalations",
    Told.FOLLOW_UP: "Follow-ups",
}


Deed = Callable[[Work, Case, Typed], Awaitable[None]]


async def index(visit: Visit) -> Response:
    """One queue of cases, with the others as chips. S0-0.6"""
    asked = visit.asked("show")
    first = CaseQueue.MINE if visit.person.may(May.WORK_CASES) else CaseQueue.TEAM
    queue = CaseQueue(asked) if asked in list(CaseQueue) else first
    async with visit.look() as work:
        found = await queues.cases(work, queue, before=visit.asked("before"))
        counts = await backlog.case_counts(work)
    chips = [
        (f"/cases?show={one.value}", words, capped(counts.get(one)), one is queue)
        for one, words in QUEUE_WORDS.items()
        if one is not CaseQueue.MINE or visit.person.may(May.WORK_CASES)
    ]
    return visit.page("cases/index.html", queue=queue, words=QUEUE_WORDS[queue], found=found, chips=chips)


def capped(count: int | None) -> str | None:
    """A count as the filters show it."""
    if count is None:
        return None
    return str(count) if count < COUNTED_TO else f"{COUNTED_TO - 1}+"


async def show(visit: Visit) -> Response:
    """One case: who, the next required action, the clocks, and everything that happened."""
    return await detail(visit)


async def clocks(visit: Visit) -> Response:
    """The running clocks alone, asked for each half minute."""
    async with visit.look() as work:
        case = await queues.case_of(work, visit.number("case_id"))
        running = (await queues.clocks_of(work, [case.id])).get(case.id, [])
    return visit.page("cases/_clocks.html", case=case, clocks=running)


async def why(visit: Visit) -> Response:
    """Why each clock is due when it is."""
    async with visit.look() as work:
        case = await queues.case_of(work, visit.number("case_id"))
        explained = await explaining.explain(work, case)
    return visit.page("cases/why.html", case=case, explained=explained)


async def detail(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of one case; after a refused form with what was typed and what is wrong with it."""
    async with visit.look() as work:
        case = await queues.case_of(work, visit.number("case_id"))
        running = (await queues.clocks_of(work, [case.id])).get(case.id, [])
        handed_up = await queues.escalation_on(work, case)
        linked = await case_links.linked(work, case)
        returned = await returns.of_case(work, case)
        story = await timeline.timeline(work, case, linked, returned)
        promises = await queues.follow_ups_on(work, case) if work.may(May.SEE_FOLLOW_UPS) else []
        cited = await library.cited_on(work, case.id)
        standing = await status_updates.words_for(work, case, promises, running)
    told = visit.asked("only")
    only = Told(told) if told in list(Told) else None
    kinds = timeline.kinds_in(story)
    address = f"/cases/{case.id}"
    chips = [(address, "Everything", str(len(story)), only is None)] + [
        (f"{address}?only={kind.value}", TOLD_WORDS[kind], str(count), kind is only)
        for kind, count in kinds.items()
    ]
    return visit.page(
        "cases/detail.html",
        case=case,
        customer=queues.masked_or_none(case),
        sender=next((one.who for one in reversed(story) if one.kind is Told.MAIL and one.heard), ""),
        linked=linked,
        returned=returned,
        clocks=running,
        handed_up=handed_up,
        next=next_step(visit, case, handed_up, running),
        story=[entry for entry in story if only is None or entry.kind is only],
        chips=chips,
        promises=promises,
        standing=standing,
        cited=cited,
        missing=escalation.missing_for_escalation(case),
        codes=[(code.value, word(code)) for code in ResolutionCode],
        severities=[(severity.value, word(severity)) for severity in Severity],
        pauses=[(one.name, one.words.capitalize()) for one in policy.PAUSES.values()],
        passes=TWICE,
        spoken_here=case.channel in cases.SPOKEN,
        **refused.facts(),
    )


def next_step(
    visit: Visit, case: Case, handed_up: Escalation | None, running: Sequence[Deadline] = ()
) -> str:
    """The one deed that this case wants next from whoever looks at it; empty when there is none for them."""
    if case.status not in {CaseStatus.OPEN, CaseStatus.WAITING}:
        return ""
    if (
        handed_up is not None
        and handed_up.accepted_at is None
        and handed_up.to_role.value in visit.person.roles
    ):
        return "accept"
    if not visit.person.may(May.WORK_CASES):
        return "comment" if handed_up is not None else ""
    if case.acknowledged_at is None:
        return "acknowledge"
    if case.status is CaseStatus.WAITING:
        return "customer-answer"
    owed = case.answered_at is None or any(one.kind is DeadlineKind.NEXT_ANSWER for one in running)
    return "answer" if owed else "resolution"


async def acknowledge(visit: Visit) -> Response:
    async def do(work: Work, case: Case, _typed: Typed) -> None:
        await cases.acknowledge(work, case)

    return await deed(visit, "acknowledgement", do, "Acknowledged.")


async def answer(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        await cases.answer(work, case, typed.get("answer", ""), earlier=earlier(visit, typed))

    return await deed(visit, "answer", do, "The answer is on its way.")


async def note(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        kind = NoteKind.ACTION if typed.get("kind") == NoteKind.ACTION else NoteKind.NOTE
        await cases.add_note(work, case, typed.get("note", ""), kind, earlier(visit, typed))

    return await deed(visit, "note", do, "Noted. Only colleagues see it.")


async def question(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        await cases.ask_customer(work, case, typed.get("question", ""))

    return await deed(visit, "question", do, "Asked. The clocks stand still until the customer answers.")


async def customer_answer(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        await cases.customer_answered(work, case, typed.get("answer", ""), earlier(visit, typed))

    return await deed(visit, "customer-answer", do, "Noted. The clocks run on.")


async def message(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        thanks = typed.get("thanks") == "yes"
        await cases.customer_wrote(
            work, case, typed.get("message", ""), thanks=thanks, earlier=earlier(visit, typed)
        )

    return await deed(visit, "message", do, "Noted, as the customer said it.")


async def update(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        await cases.update_customer(work, case, typed.get("words", ""))

    return await deed(visit, "progress", do, "The customer knows how it stands.")


async def stand_still(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        await cases.stand_still(work, case, typed.get("reason", ""), typed.get("words", ""))

    return await deed(visit, "standstill", do, "The clocks stand still until you say that it is over.")


async def run_on(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        await cases.run_on(work, case, typed.get("words", ""))

    return await deed(visit, "running-on", do, "Noted. It stands still no longer for that.")


async def resolve(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        code = typed.get("code", "")
        await cases.resolve(
            work,
            case,
            code=ResolutionCode(code) if code in list(ResolutionCode) else None,
            what_was_done=typed.get("what_was_done", ""),
            actions=typed.get("actions", "").splitlines(),
        )

    return await deed(visit, "resolution", do, "Resolved. The customer is told, and all clocks have stopped.")


async def escalate(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        severity = typed.get("severity", "")
        concern = typed.get("concern", "")
        if concern:
            await escalation.flag_concern(
                work,
                case,
                typed.get("reason", ""),
                legal=concern == "legal",
                regulatory=concern == "regulatory",
            )
            return
        await escalation.raise_by_hand(
            work,
            case,
            typed.get("reason", ""),
            severity=Severity(severity) if severity in list(Severity) else None,
            in_spite_of_gaps=typed.get("missing", ""),
        )

    after = "/cases" if chosen(await visit.form(), "concern") else ""
    return await deed(visit, "escalation", do, "Handed up. Those who take it over have been told.", after)


async def take(visit: Visit) -> Response:
    async def do(work: Work, case: Case, _typed: Typed) -> None:
        await cases.take(work, case)

    return await deed(visit, "holder", do, "You hold this case now.")


async def reopen(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        await cases.reopen(work, case, typed.get("reason", ""))

    return await deed(visit, "reopening", do, "Reopened, with clocks of its own.")


async def close(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        await followups.close_unasked(work, case, typed.get("reason", ""))

    return await deed(visit, "closing", do, "Closed.")


async def cancel(visit: Visit) -> Response:
    async def do(work: Work, case: Case, typed: Typed) -> None:
        await cases.cancel(work, case, typed.get("reason", ""))

    return await deed(visit, "cancellation", do, "Cancelled. All clocks have stopped.")


def earlier(visit: Visit, typed: Typed) -> Earlier:
    """When what is noted happened, if that was earlier, on the reader's own clock. S2-15.2"""
    return earlier_in(typed, zone_of(visit.person.zone))


async def deed(visit: Visit, form: str, do: Deed, said: str, after: str = "") -> Response:
    """Do one deed on the case of the address and come back; a refused form comes back with what was typed."""
    case_id = visit.number("case_id")

    async def on_it(work: Work, typed: Typed) -> str:
        await do(work, await queues.case_of(work, case_id), typed)
        return after or f"/cases/{case_id}"

    return await answer_form(visit, form, on_it, detail, said)
