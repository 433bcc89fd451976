"""How a contact ends: said goodbye to, and its outcome noted. S2-10"""

from __future__ import annotations

from typing import Any, ClassVar

from models.words import ContactStatus, Outcome
from portal.desk.kinds.base import KINDS, Ending, Finished, Kind, Run, Typed, unannounced
from portal.desk.kinds.on_case import chosen_here, settled_of
from portal.desk.scripts import Step
from portal.desk.work import Work

OUTCOMES = {
    Outcome.ORDER_PLACED: "An order was placed",
    Outcome.ORDER_AMENDED: "An order was changed",
    Outcome.RESOLVED: "Solved or answered",
    Outcome.HANDED_ON: "Handed on to somebody else",
    Outcome.FOLLOW_UP: "Somebody comes back to the customer",
    Outcome.NO_ORDER: "No order",
    Outcome.REDIRECTED: "Sent to another channel",
    Outcome.LOST: "The conversation broke off",
}
"""What can be chosen; ended for abuse is what the guide for difficult contacts says."""
_LIKELY = {
    "resolved": Outcome.RESOLVED,
    "handed_on": Outcome.HANDED_ON,
    "flagged": Outcome.HANDED_ON,
    "follow_up": Outcome.FOLLOW_UP,
    "kept": Outcome.FOLLOW_UP,
}


def likely(run: Run) -> Outcome | None:
    """The outcome that what was done suggests; None where nothing does."""
    if run.mark_of("confirm_amendment"):
        return Outcome.ORDER_AMENDED
    if run.mark_of("confirm_order") and run.order_id is not None and run.case_id is None:
        return Outcome.ORDER_PLACED
    if run.redirected:
        return Outcome.REDIRECTED
    if chosen_here(run) and not settled_of(run):
        return Outcome.FOLLOW_UP  # the case goes on: whoever has it comes back to the customer
    return _LIKELY.get(settled_of(run))


class Close(Kind):
    """Goodbye: anything else, satisfied, and how it ended. S2-10.2, S2-10.3, S2-6.1"""

    name = "close"
    guarantees = "No contact is closed without an outcome and a word on what was left undone."
    values: ClassVar[dict[str, tuple[str, ...]]] = {
        "anything_else": ("asked", "not_asked"),
        "satisfied": ("yes", "no", "unknown"),
        "outcome": tuple(one.value for one in OUTCOMES),
    }

    def takes(self, step: Step, name: str) -> bool:
        return name in {"anything_else", "satisfied", "outcome", "undone"} or super().takes(step, name)

    def undone(self, run: Run) -> list[str]:
        """Name the steps that had to be done and were not."""
        return [
            step.name
            for step in run.script.walked(run.answers)
            if step.required
            and step.kind != self.name
            and (step.key not in run.done or unannounced(run, step))
            and not KINDS[step.kind].needless(run)
        ]

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if typed.get("anything_else") not in self.values["anything_else"]:
            found["anything_else"] = "Ask whether there is anything else."
        if typed.get("satisfied") not in self.values["satisfied"]:
            found["satisfied"] = "Say whether the customer is satisfied."
        if typed.get("outcome") not in self.values["outcome"]:
            found["outcome"] = "Choose how the contact ended."
        elif words := self._contradicts(run, Outcome(typed["outcome"])):
            found["outcome"] = words
        if self.undone(run) and not typed.get("undone", "").strip():
            found["undone"] = "Say why these steps were not done."
        return found

    def _contradicts(self, run: Run, outcome: Outcome) -> str:
        """Why the record says otherwise; empty when it does not."""
        amended = bool(run.mark_of("confirm_amendment"))
        if outcome is Outcome.ORDER_PLACED and (run.order_id is None or amended):
            return "No order was placed in this contact."
        if outcome is Outcome.ORDER_AMENDED and not amended:
            return "No order was changed in this contact."
        if outcome is Outcome.RESOLVED and run.case_id is not None and settled_of(run) != "resolved":
            return f"{run.case_number} is still open."
        return ""

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        suggested = likely(run)
        return {
            "outcomes": [(one.value, words) for one, words in OUTCOMES.items()],
            "likely": suggested.value if suggested else "",
            "undone": self.undone(run),
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return await self.facts(work, run, step)  # what the invented contact says alone

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        note = ""
        if typed.get("undone", "").strip():
            note = f"Not done: {', '.join(self.undone(run))}. {typed['undone'].strip()}"
        return Finished(ends=Ending(ContactStatus.CLOSED, Outcome(typed["outcome"]), note=note))
