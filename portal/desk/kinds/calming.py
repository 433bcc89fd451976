"""Difficult contacts: what may be given to make peace, and how a contact with an abusive caller ends. S2-5"""

from __future__ import annotations

from typing import Any, ClassVar

from models.words import ContactStatus, Outcome, Role
from portal.desk import abuse, mandates
from portal.desk.kinds.base import NOTHING, YES, Ending, Finished, Kind, Run, Typed
from portal.desk.money import in_words, read_amount
from portal.desk.scripts import Step
from portal.desk.work import Work

GO_ON, END = "go_on", "end"


class OfferWithin(Kind):
    """What somebody offers to make peace, within what their role may give. S2-5.5"""

    name = "mandate"
    guarantees = "Nobody offers more than their role may give: the supervisor has to take the contact over."
    labels: ClassVar[dict[str, str]] = {"offer": "What you offer", "goodwill": "Its worth"}

    def takes(self, step: Step, name: str) -> bool:
        return name in self.labels or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if not typed.get("offer", "").strip():
            found["offer"] = "Say what you offer, or that nothing has to be given."
        amount = typed.get("goodwill", "").strip()
        if amount and read_amount(amount, run.currency) is None:
            found["goodwill"] = "Enter an amount such as 12.50."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return {"limit": in_words(await mandates.limit(work), run.currency), "currency": run.currency}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        """With what a representative may give, whoever looks."""
        most = await mandates.limit_of(work, (Role.REPRESENTATIVE,))
        return {"limit": in_words(most, run.currency), "currency": run.currency}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Raises NotAccepted for more than the actor may give."""
        amount = read_amount(typed.get("goodwill", ""), run.currency) or 0
        await mandates.refuse_beyond(work, amount, run.currency)
        return Finished(mark={"offered": in_words(amount, run.currency)}) if amount else NOTHING


class EndForAbuse(Kind):
    """Going on, or ending the contact with an abusive caller: warned first, written down, reviewed later. S2-5.7"""

    name = "abuse"
    guarantees = "No contact ends for abuse without a warning, or the reason why none was possible; a supervisor reviews it."
    labels: ClassVar[dict[str, str]] = {
        "ending": "How it goes on",
        "warned": "Warned",
        "unwarned": "Why there was no warning",
        "words": "What was said",
    }
    values: ClassVar[dict[str, tuple[str, ...]]] = {"ending": (GO_ON, END)}

    def example(self, step: Step) -> Typed:
        return {"ending": END}

    def takes(self, step: Step, name: str) -> bool:
        return name in self.labels or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if typed.get("ending") == GO_ON:
            return {}
        if typed.get("ending") != END:
            return {"ending": "Say whether the contact goes on."}
        found: dict[str, str] = {}
        if typed.get("warned") != YES and not typed.get("unwarned", "").strip():
            found["warned"] = "Warn first and tick that you did, or say why no warning was possible."
        if not typed.get("words", "").strip():
            found["words"] = "Write down what was said or done: your supervisor reviews it."
        return found

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Write the report and end the contact, where that was chosen."""
        if typed["ending"] == GO_ON:
            return NOTHING
        told, unwarned = typed["words"].strip(), typed.get("unwarned", "").strip()
        warned = typed.get("warned") == YES
        if not warned:
            told = f"{told}\nNot warned: {unwarned}"
        await abuse.report(work, run.contact_id, told, warned=warned)
        note = "Ended because the caller was abusive."
        return Finished(ends=Ending(ContactStatus.CLOSED, Outcome.ENDED_FOR_ABUSE, note=note))
