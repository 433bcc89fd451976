"""Inquiries: what the customer needs, and the answer. S0-3.3, S3-3"""

from __future__ import annotations

from models.words import CaseKind, CaseStatus, ResolutionCode
from portal.desk import cases
from portal.desk.kinds.base import Finished, Run, Typed
from portal.desk.kinds.on_case import CaseKindOfStep, case_of, missing, subject_of
from portal.desk.scripts import Step
from portal.desk.work import Work


class TakeNeed(CaseKindOfStep):
    """What the customer needs to know: gives the inquiry its number and starts its clocks. S0-3.3.1"""

    name = "need"
    needs_case = False

    def takes(self, step: Step, name: str) -> bool:
        return name == "need" or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        return missing(typed, need="Write down what the customer needs to know.")

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
        found = missing(typed, answer="Write down what you answered.")
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
