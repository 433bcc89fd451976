"""A customer comes back about a case that is open: which one, what they say, how it stands. S2-10.5, S0-3.3.3, S1-3.1b"""

from __future__ import annotations

from typing import Any, ClassVar

from models import Case
from models.words import SensitiveDeed
from portal.desk import cases, due, in_hand, invented, open_cases, verification
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import NOTHING, YES, Finished, Kind, Run, Typed
from portal.desk.kinds.on_case import CaseKindOfStep, case_of, chosen_here, heard_here, missing, settled_of
from portal.desk.numbers import read_number
from portal.desk.scripts import Step
from portal.desk.work import Work

NOT_THEIRS = "This customer has no open case of that number."


class ChooseCase(Kind):
    """Which of the customer's open cases it is about, from the list or by its number; how each stands. S2-10.5

    Choosing does nothing to the case. Answer for conditions: `case`, its number.
    """

    name = "choose_case"
    guarantees = (
        "Only an open case of this customer is chosen, only for a caller who is verified as the policy asks, "
        "and none that is restricted by who may not see it."
    )
    after = ("customer",)
    labels: ClassVar[dict[str, str]] = {"case": "Case", "number": "Case number"}

    def takes(self, step: Step, name: str) -> bool:
        return name in self.labels or super().takes(step, name)

    def locked(self, run: Run) -> str:
        return "" if run.caller else "The customer has to be found first."

    def closed(self, run: Run) -> str:
        if run.case_id is not None and not chosen_here(run):
            return f"{run.case_number} was opened in this contact."
        return f"What the customer said stands on {run.case_number} already." if heard_here(run) else ""

    def stale(self, run: Run, step: Step) -> str:
        gone = bool(run.done.get(step.key, {}).get("case")) and not chosen_here(run)
        return "The situation changed since." if gone else super().stale(run, step)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        given = typed.get("number", "").strip()
        if given and read_number(given) is None:
            return {"number": "That is no case number of ours; check the last digit."}
        return {} if given or typed.get("case", "").strip() else {"case": "Choose the case."}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        may = run.caller is not None and await verification.meets(work, run, SensitiveDeed.SEE_DETAILS)
        found = await open_cases.of_customer(work, run.caller.id) if run.caller and may else []
        return {
            "covered": not may,
            "found": found,
            "fresh": found[0].case.number if len(found) == 1 else "",
            "elsewhere": _step_of(run, "situation"),
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        found = [invented.standing(work), invented.standing(work, invented.EARLIER_CASE, invented.NEED)]
        return {"covered": False, "found": found, "fresh": "", "elsewhere": ""}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Tie the contact to its case. Raises NotVerified, NotAccepted for a case that is not theirs or has ended."""
        await verification.require(work, run, SensitiveDeed.SEE_DETAILS)
        case = await self._find(work, run, typed)
        rest = {name: value for name, value in typed.items() if name not in self.labels}
        return Finished(
            columns={"case_id": case.id},
            mark={"case": case.id},
            answers={step.key: {**rest, "case": case.number}},
        )

    async def _find(self, work: Work, run: Run, typed: Typed) -> Case:
        field = "number" if typed.get("number", "").strip() else "case"
        number = read_number(typed.get(field, ""))
        case = await open_cases.by_number(work, run.caller.id, number) if run.caller and number else None
        if case is None:
            raise NotAccepted.of({field: NOT_THEIRS})
        if case.status not in due.OPEN_CASES:
            raise NotAccepted.of(
                {field: f"{case.number} has ended. Reopen it on its page, or choose another situation."}
            )
        return case


class BesideTheCase(Kind):
    """A step at which the case of the contact stands beside what is asked, as it is now."""

    def takes(self, step: Step, name: str) -> bool:
        return name in self.labels or super().takes(step, name)

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        """How it stands, covered while the caller is not verified as the policy asks. Decision 18"""
        may = await verification.meets(work, run, SensitiveDeed.SEE_DETAILS)
        known = may and run.case_id is not None
        return {
            "covered": not may,
            "standing": await open_cases.of_case(work, run.case_id) if known else None,
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return {"covered": False, "standing": invented.standing(work)}


class Hear(BesideTheCase):
    """What the customer says of the case, noted on it once, whatever the channel. S0-3.3.3, S0-3.2.2c

    While the case waits for the customer it is the answer, and its clocks run on from now; mere thanks move none
    (decision 13). Answer for conditions: `thanks`.
    """

    name = "heard"
    guarantees = (
        "What the customer says of an open case is noted on it once; it ends the wait for an answer, "
        "and a mere thank-you moves no clock."
    )
    after = ("choose_case",)
    labels: ClassVar[dict[str, str]] = {"heard": "What the customer said", "thanks": "Only a thank-you"}
    values: ClassVar[dict[str, tuple[str, ...]]] = {"thanks": (YES,)}

    def locked(self, run: Run) -> str:
        return "" if chosen_here(run) else "The case has to be chosen first."

    def closed(self, run: Run) -> str:
        stands = (
            f"It stands on {run.case_number} as it was said. What else is said belongs to the next steps."
        )
        return stands if heard_here(run) else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        return missing(typed, heard="Write down what the customer said, in their own words.")

    def example(self, step: Step) -> Typed:
        return {"heard": invented.HEARD}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Note it on the case. Raises WrongMoment when the case has ended meanwhile."""
        if heard_here(run):
            return NOTHING
        case = await case_of(work, run)
        await cases.customer_wrote(work, case, typed["heard"], thanks=typed.get("thanks") == YES)
        return Finished(mark={"noted": case.id})


class TellStanding(BesideTheCase, CaseKindOfStep):
    """How the case stands, told before it is solved: the next update is due from then. S1-3.1b

    It is written to the customer where there is an address, and noted either way.
    """

    name = "update"
    guarantees = "Nobody is told how a case stands before they were heard, and it is told once."
    after = ("statement or need or heard",)
    labels: ClassVar[dict[str, str]] = {"told": "How it stands"}

    def closed(self, run: Run) -> str:
        if run.mark_of(self.name).get("told"):
            return f"The customer was told how {run.case_number} stands."
        return super().closed(run)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        return missing(typed, told="Write down what you told the customer.")

    def example(self, step: Step) -> Typed:
        return {"told": invented.UPDATE}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Tell it. Raises WrongMoment when the case has ended meanwhile."""
        if run.mark_of(self.name).get("told") or settled_of(run):
            return NOTHING
        case = await case_of(work, run)
        await in_hand.heed(work, case, told=typed["told"])
        await cases.update_customer(work, case, typed["told"])
        return Finished(mark={"told": case.id})


def _step_of(run: Run, kind: str) -> str:
    step = run.script.of_kind(kind)
    return step.key if step else ""
