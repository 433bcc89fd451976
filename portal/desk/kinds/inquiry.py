"""Inquiries: the answer to what the customer needs. S0-3.3, S3-3"""

from __future__ import annotations

from typing import ClassVar

from models.words import CaseStatus, ResolutionCode
from portal.desk import cases
from portal.desk.kinds.base import Finished, Run, Typed
from portal.desk.kinds.on_case import CaseKindOfStep, case_of, missing
from portal.desk.scripts import Step
from portal.desk.work import Work


class GiveAnswer(CaseKindOfStep):
    """The answer, and whether it settles the question or somebody comes back to it. S0-3.3.2, S3-5.1.1"""

    name = "answer"
    guarantees = "Nothing is answered before it is known what the customer needs."
    after = ("statement or need",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {"settled": ("resolved", "follow_up")}

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
