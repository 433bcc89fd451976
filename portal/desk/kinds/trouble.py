"""Complaints and inquiries: heard first, answered or settled afterwards. S3-4.1, S0-3.3, S0-3.4"""

from __future__ import annotations

from typing import Any, ClassVar

from models import Case
from models.words import CaseKind, CaseStatus, Channel, ResolutionCode, Severity
from portal.desk import cases, escalation, orders
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import YES, Finished, Kind, Run, Typed
from portal.desk.numbers import read_number
from portal.desk.scripts import Step
from portal.desk.work import Work

LONGEST_SUBJECT = 120
ABOUT = {
    CaseKind.COMPLAINT: "Service or product",
    CaseKind.ORDER_ERROR: "A mistake in an order",
    CaseKind.PAYMENT_ISSUE: "A payment",
}
OFFERS = {
    "refund": "Money back",
    "exchange": "Exchange or new delivery",
    "technical_support": "Technical support",
    "goodwill": "A goodwill gesture",
    "corrected": "Put it right",
}
_SPOKEN = frozenset({Channel.PHONE, Channel.IN_PERSON, Channel.CHAT})


async def case_of(work: Work, run: Run) -> Case:
    """The case that was opened in this contact."""
    return await work.session.get_one(Case, run.case_id)


def subject_of(words: str) -> str:
    """The first sentence, or as much of it as a list has room for."""
    first = " ".join(words.split(". ", maxsplit=1)[0].split())
    return first if len(first) <= LONGEST_SUBJECT else f"{first[: LONGEST_SUBJECT - 1]}…"


class CaseKindOfStep(Kind):
    """A step that works on the case of this contact; shut once it was settled."""

    needs_case: ClassVar[bool] = True

    def locked(self, run: Run) -> str:
        return "The customer has to be heard first." if self.needs_case and run.case_id is None else ""

    def closed(self, run: Run) -> str:
        mark = run.mark_of("settle") or run.mark_of("answer")
        return f"{run.case_number} was settled here." if mark.get("settled") else ""


class TakeStatement(CaseKindOfStep):
    """What happened, in the customer's own words: gives the complaint its number and starts its clocks. S3-4.1.1"""

    name = "statement"
    needs_case = False

    def takes(self, step: Step, name: str) -> bool:
        return name in {"statement", "case_kind", "order"} or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if not typed.get("statement", "").strip():
            found["statement"] = "Write down what the customer said, in their own words."
        if typed.get("case_kind", CaseKind.COMPLAINT) not in {one.value for one in ABOUT}:
            found["case_kind"] = "Choose what it is about."
        if typed.get("order", "").strip() and read_number(typed["order"]) is None:
            found["order"] = "That is no order number of ours; check the last digit."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        known = run.caller is not None and run.knows(work.now)
        last = await orders.last_orders(work, run.caller.id) if run.caller and known else []
        return {"kinds": [(one.value, words) for one, words in ABOUT.items()], "last_orders": last}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        order_id = await self._order(work, run, typed.get("order", ""))
        if run.case_id is not None:
            case = await case_of(work, run)
            case.statement, case.order_id = typed["statement"].strip(), order_id
            return Finished()
        case = await cases.open_case(
            work,
            cases.NewCase(
                kind=CaseKind(typed.get("case_kind", CaseKind.COMPLAINT)),
                channel=run.channel,
                subject=subject_of(typed["statement"]),
                statement=typed["statement"],
                customer_id=run.caller.id if run.caller else None,
                contact_id=run.contact_id,
                order_id=order_id,
                received_at=run.started_at,
            ),
        )
        return Finished(columns={"case_id": case.id})

    async def _order(self, work: Work, run: Run, told: str) -> int | None:
        if not told.strip():
            return None
        number = read_number(told)
        for order in await orders.find(work, number or told):
            if order.number == number and run.caller and order.customer_id == run.caller.id:
                return order.id
        raise NotAccepted(order="This customer has no order of that number.")


class Restate(CaseKindOfStep):
    """The concern in fewer words, and the customer's yes to them, or why there is none. S0-3.2.2b"""

    name = "restate"

    def takes(self, step: Step, name: str) -> bool:
        return name in {"restated", "agreed", "reason"} or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if not typed.get("restated", "").strip():
            found["restated"] = "Say it back in your own words."
        if typed.get("agreed") != YES and not typed.get("reason", "").strip():
            found["agreed"] = "Tick the customer’s yes, or say why there is none."
        return found

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        case = await case_of(work, run)
        doubt = "" if typed.get("agreed") == YES else f" (not confirmed: {typed['reason'].strip()})"
        case.restated = typed["restated"].strip() + doubt
        return Finished()


class Apologise(CaseKindOfStep):
    """Given, or why it did not apply. S0-3.4.2a"""

    name = "apology"

    def takes(self, step: Step, name: str) -> bool:
        return name in {"apology", "reason"} or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if typed.get("apology") == "given":
            return {}
        if typed.get("apology") != "not_applicable":
            return {"apology": "Say whether you apologised."}
        return {} if typed.get("reason", "").strip() else {"reason": "Say why an apology did not apply."}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        case = await case_of(work, run)
        given = typed["apology"] == "given"
        case.apology = "Given." if given else f"Not applicable: {typed['reason'].strip()}"
        return Finished()


class OfferOptions(CaseKindOfStep):
    """At least two solutions to choose from, or why there is one. S3-4.1.3a"""

    name = "options"

    def takes(self, step: Step, name: str) -> bool:
        offered = name.removeprefix("offer-") in OFFERS and name.startswith("offer-")
        return offered or name in {"other", "chosen", "reason"} or super().takes(step, name)

    def offered(self, typed: Typed) -> list[str]:
        """Give what was offered, in words."""
        listed = [words for value, words in OFFERS.items() if typed.get(f"offer-{value}") == YES]
        return [*listed, *filter(None, [typed.get("other", "").strip()])]

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        offered = self.offered(typed)
        if not offered:
            return {"offer-refund": "Offer at least two solutions."}
        if len(offered) == 1 and not typed.get("reason", "").strip():
            return {"reason": "Say why there is only one solution to offer."}
        return {}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return {"offers": list(OFFERS.items())}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        case = await case_of(work, run)
        told = [f"- {words}" for words in self.offered(typed)]
        if typed.get("reason", "").strip():
            told.append(f"Only one, because: {typed['reason'].strip()}")
        if typed.get("chosen", "").strip():
            told.append(f"The customer chose: {typed['chosen'].strip()}")
        case.options = "\n".join(told)
        return Finished()


class Settle(CaseKindOfStep):
    """Resolved now with a code and what was done, or handed on with its severity. S3-4.1.4, S3-5.1"""

    name = "settle"
    NAMES = frozenset(
        {"settled", "code", "what_was_done", "actions", "severity", "why", "legal", "regulatory", "concern"}
    )

    def takes(self, step: Step, name: str) -> bool:
        return name in self.NAMES or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if YES in {typed.get("legal"), typed.get("regulatory")}:
            return {} if typed.get("concern", "").strip() else {"concern": "Say what the concern is."}
        if typed.get("settled") == "resolved":
            return _missing(
                typed,
                code="Choose how it was resolved.",
                what_was_done="Say what was done for the customer.",
                actions="Write down at least one action that was taken.",
            )
        if typed.get("settled") == "handed_on":
            return _missing(typed, severity="Say how severe it is.", why="Say why it cannot be solved here.")
        return {"settled": "Say whether it is solved or handed on."}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        case = await case_of(work, run) if run.case_id is not None else None
        return {
            "codes": [(one.value, one.value.replace("_", " ").capitalize()) for one in ResolutionCode],
            "severities": [(one.value, one.value.capitalize()) for one in Severity],
            "missing": escalation.missing_for_escalation(case) if case else [],
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Settle the case. Raises NotAccepted with a message per field."""
        case = await case_of(work, run)
        legal, regulatory = typed.get("legal") == YES, typed.get("regulatory") == YES
        if legal or regulatory:
            await escalation.flag_concern(work, case, typed["concern"], legal=legal, regulatory=regulatory)
            return Finished(mark={"settled": "flagged"})
        if typed["settled"] == "resolved":
            await cases.resolve(
                work,
                case,
                code=_code(typed["code"]),
                what_was_done=typed["what_was_done"],
                actions=typed["actions"].splitlines(),
            )
            return Finished(mark={"settled": "resolved"})
        severity = typed["severity"]
        if severity not in set(map(str, Severity)):
            raise NotAccepted(severity="Choose one of the severities offered.")
        missing = escalation.missing_for_escalation(case)
        gaps = "The customer is on the line." if run.channel in _SPOKEN and missing else ""
        await escalation.raise_by_hand(
            work, case, typed["why"], severity=Severity(severity), in_spite_of_gaps=gaps
        )
        return Finished(mark={"settled": "handed_on"})


def _missing(typed: Typed, **wanted: str) -> dict[str, str]:
    return {name: words for name, words in wanted.items() if not typed.get(name, "").strip()}


def _code(text: str) -> ResolutionCode:
    if text not in set(map(str, ResolutionCode)):
        raise NotAccepted(code="Choose one of the codes offered.")
    return ResolutionCode(text)


class TakeNeed(CaseKindOfStep):
    """What the customer needs to know: gives the inquiry its number and starts its clocks. S0-3.3.1"""

    name = "need"
    needs_case = False

    def takes(self, step: Step, name: str) -> bool:
        return name == "need" or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        return _missing(typed, need="Write down what the customer needs to know.")

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        if run.case_id is not None:
            (await case_of(work, run)).statement = typed["need"].strip()
            return Finished()
        case = await cases.open_case(
            work,
            cases.NewCase(
                kind=CaseKind.INQUIRY,
                channel=run.channel,
                subject=subject_of(typed["need"]),
                statement=typed["need"],
                customer_id=run.caller.id if run.caller else None,
                contact_id=run.contact_id,
                received_at=run.started_at,
            ),
        )
        return Finished(columns={"case_id": case.id})


class GiveAnswer(CaseKindOfStep):
    """The answer, and whether it settles the question or somebody comes back to it. S0-3.3.2, S3-5.1.1"""

    name = "answer"

    def takes(self, step: Step, name: str) -> bool:
        return name in {"answer", "settled"} or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found = _missing(typed, answer="Write down what you answered.")
        if typed.get("settled") not in {"resolved", "follow_up"}:
            found["settled"] = "Say whether that settles it."
        return found

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        case = await case_of(work, run)
        if case.status is CaseStatus.RESOLVED:
            return Finished()
        if typed["settled"] == "resolved":
            await cases.resolve(
                work,
                case,
                code=ResolutionCode.ANSWERED,
                what_was_done=typed["answer"],
                actions=("Answered in the conversation.",),
            )
            return Finished(mark={"settled": "resolved"})
        await cases.answer(work, case, typed["answer"])
        return Finished(mark={"settled": "follow_up"})
