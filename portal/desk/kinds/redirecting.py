"""The customer came by a channel that is not approved: the contact is kept, the customer sent to another one."""

from __future__ import annotations

from typing import Any, ClassVar

from portal.desk import channels
from portal.desk.kinds.base import Kind, Run, Typed
from portal.desk.kinds.on_case import chosen_here
from portal.desk.scripts import Step
from portal.desk.work import Work

NO = "no"


class Redirect(Kind):
    """Where the customer is sent, in their language; nothing to do on a channel that is approved. S1-4.1.1"""

    name = "redirect"
    guarantees = "On a channel that is not approved no order is placed or amended, and the contact is kept."
    labels: ClassVar[dict[str, str]] = {"redirected": "Sent to another channel"}
    values: ClassVar[dict[str, tuple[str, ...]]] = {"redirected": ("yes", NO)}

    def takes(self, step: Step, name: str) -> bool:
        return name == "redirected" or super().takes(step, name)

    def needless(self, run: Run) -> str:
        return "This channel is approved." if run.approved else ""

    def closed(self, run: Run) -> str:
        if chosen_here(run):
            return f"It is about {run.case_number}, which is open already."
        return f"{run.case_number} was already opened in this contact." if run.case_id is not None else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if typed.get("redirected") in {"yes", NO}:
            return {}
        return {"redirected": "Say whether the customer goes to another channel."}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        known = await channels.rules(work)
        return {
            "sends_to": (await channels.rule_of(work, run.channel, run.own_channel)).sends_to(run.language),
            "instead": [one.called for one in [*known.values(), *await channels.own(work)] if one.approved],
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return await self.facts(work, run, step)  # the rules of the channels alone
