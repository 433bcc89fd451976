"""What the customer needs, before anything is answered: an inquiry, a service request, support. S0-3.3, S2-8.1"""

from __future__ import annotations

from typing import Any, ClassVar

from models.words import CaseKind, Situation
from portal.desk import cases, invented
from portal.desk.kinds.base import KINDS, Finished, Run, Typed
from portal.desk.kinds.on_case import OfNewCase, case_of, missing, subject_of, told_of
from portal.desk.scripts import Step
from portal.desk.work import Work

NEEDS = (CaseKind.INQUIRY, CaseKind.SERVICE_REQUEST, CaseKind.SUPPORT)


def serial_first(run: Run) -> str:
    """Why support cannot go on yet: the serial number, or why there is none, comes before everything. S4-5.3"""
    step = run.script.of_kind("serial")
    mark = run.done.get(step.key, {}) if step else {}
    if step is None or not mark or "skipped" in mark:
        return "First: the serial number, or why there is none."
    changed = KINDS["serial"].stale(run, step)
    return f"First: the serial number once more. {changed}" if changed else ""


class TakeNeed(OfNewCase):
    """What the customer needs: gives the case its number and starts its clocks. S0-3.3.1, S2-8.1, S3-3.1.2

    Which kind of case it opens stands in the step: `options.case_kind`, an inquiry where nothing is said.
    """

    name = "need"
    guarantees: ClassVar[str] = (
        "A case has its number and its clocks before anything is answered; "
        "a support case not before the serial number, or why there is none."
    )
    after: ClassVar[tuple[str, ...]] = ()
    needs_case = False
    ASKS: ClassVar[dict[CaseKind, str]] = {
        CaseKind.INQUIRY: "What the customer needs to know",
        CaseKind.SERVICE_REQUEST: "What the customer asks us to do",
        CaseKind.SUPPORT: "What is wrong, in the customer’s own words",
    }

    def takes(self, step: Step, name: str) -> bool:
        return name == "need" or super().takes(step, name)

    def locked(self, run: Run) -> str:
        return serial_first(run) if run.script.key == Situation.SUPPORT else super().locked(run)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        first = serial_first(run) if opens(step) is CaseKind.SUPPORT else ""
        return {"need": first} if first else missing(typed, need="Write down what the customer needs.")

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return {"label": self.ASKS[opens(step)]}

    def example(self, step: Step) -> Typed:
        return {"need": invented.NEED if opens(step) is CaseKind.INQUIRY else invented.STATEMENT}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return await self.facts(work, run, step)  # what its author told it alone

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        if run.case_id is not None:
            (await case_of(work, run)).statement = typed["need"].strip()
            return Finished()
        piece = run.mark_of("serial")
        case = await cases.open_case(
            work,
            cases.NewCase(
                kind=opens(step),
                channel=run.channel,
                own_channel=run.own_channel,
                subject=subject_of(typed["need"]),
                statement=typed["need"],
                customer_id=run.caller.id if run.caller else None,
                contact_id=run.contact_id,
                order_id=piece.get("order_id"),
                serial=piece.get("serial", ""),
                product_id=piece.get("product_id"),
                received_at=run.started_at,
            ),
        )
        return Finished(columns={"case_id": case.id})


def opens(step: Step) -> CaseKind:
    """The kind of case that a step of kind `need` opens."""
    told = str(told_of(step).get("case_kind", ""))
    return CaseKind(told) if told in set(NEEDS) else CaseKind.INQUIRY
