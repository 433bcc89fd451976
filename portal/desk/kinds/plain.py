"""The plain kinds: something to say, something to ask, and what the contact is about."""

from __future__ import annotations

from typing import Any, ClassVar

from models.words import Situation
from portal.desk import open_cases
from portal.desk.kinds.base import NOTHING, SENT_ON, Finished, Kind, Run, Typed, contact_of
from portal.desk.kinds.on_case import chosen_here, only_chosen
from portal.desk.scripts import Step, composing
from portal.desk.work import Work


class Say(Kind):
    """Words to say, with a tick that they were said. S0-3.1.1b"""

    name = "say"


class Ask(Kind):
    """The script's own questions."""

    name = "ask"


class ChooseSituation(Kind):
    """What it is about: decides which steps follow. S0-0.3"""

    name = "situation"
    WORDS: ClassVar[dict[Situation, str]] = {
        Situation.ORDER: "The customer wants to have something",
        Situation.AMENDMENT: "An order that was placed is to change, or to be cancelled",
        Situation.INQUIRY: "The customer wants to know something",
        Situation.COMPLAINT: "Something went wrong, or the customer is unhappy",
        Situation.SERVICE_REQUEST: "The customer wants something done: a repair, a spare part, a visit",
        Situation.SUPPORT: "Something does not work, or the customer does not know how to use it",
        Situation.PAYMENT_ISSUE: "A charge, an invoice or a refund is not as it should be",
        Situation.OPEN_CASE: "The customer comes back to something we are looking after already",
    }

    def takes(self, step: Step, name: str) -> bool:
        return name == "situation" or super().takes(step, name)

    def needless(self, run: Run) -> str:
        return SENT_ON if run.redirected else ""

    def closed(self, run: Run) -> str:
        if only_chosen(run) and run.order_id is None:
            return ""
        if chosen_here(run):
            return f"What the customer said stands on {run.case_number} already."
        if run.case_id is None and _only_chosen(run):
            return ""
        if run.order_id is not None or run.case_id is not None:
            return f"{run.order_number or run.case_number} was already made of this contact."
        return ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if typed.get("situation") in {situation.value for situation in Situation}:
            return {}
        return {"situation": "Choose what it is about."}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        """With how many cases of the customer are open, so that nobody opens another for the same matter. S2-10.5"""
        told = await self.specimen(work, run, step)
        offered = {value for value, _, _ in told["situations"]}
        if run.caller is not None and Situation.OPEN_CASE in offered:
            told["open_cases"] = await open_cases.counted(work, run.caller.id)
        return told

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        titles = await composing.titles(work)
        known = [(one.value, titles[one.value], words) for one, words in self.WORDS.items() if one in titles]
        return {"situations": known, "open_cases": 0}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        if run.script.key == typed["situation"]:
            return NOTHING
        contact = await contact_of(work, run)
        contact.situation = Situation(typed["situation"])
        version = await composing.with_situation(work, run.script, typed["situation"])
        columns: dict[str, Any] = {"script": typed["situation"], "script_version": version}
        if _only_chosen(run):  # in another situation it is chosen anew, or a new one is taken
            columns |= {"order_id": None, "read_back": "", "read_back_at": None}
        if only_chosen(run):  # the case stays as it was
            columns |= {"case_id": None}
        return Finished(columns=columns)


def _only_chosen(run: Run) -> bool:
    """Whether an order was chosen in this contact and nothing was done to it yet."""
    done = run.mark_of("confirm_amendment").get("amended") or run.mark_of("cancel_order").get("cancelled")
    asked = run.mark_of("refund").get("asked") or run.mark_of("payment").get("paid")
    return bool(run.mark_of("choose_order")) and not (done or asked)
