"""How a case ends in the contact: solved with a code, or handed on with its severity. S3-4.1.4, S3-5.1"""

from __future__ import annotations

from typing import Any

from models.words import ResolutionCode, Severity
from portal.desk import cases, escalation
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import YES, Finished, Run, Typed
from portal.desk.kinds.on_case import SPOKEN, CaseKindOfStep, case_of, missing
from portal.desk.scripts import Step
from portal.desk.work import Work


class Settle(CaseKindOfStep):
    """Resolved now with a code and what was done, or handed on with its severity. S3-4.1.4, S3-5.1"""

    name = "settle"
    guarantees = "No case is settled before the customer was heard."
    after = ("statement or need",)
    NAMES = frozenset(
        {"settled", "code", "what_was_done", "actions", "severity", "why", "legal", "regulatory", "concern"}
    )

    def takes(self, step: Step, name: str) -> bool:
        return name in self.NAMES or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if YES in {typed.get("legal"), typed.get("regulatory")}:
            return {} if typed.get("concern", "").strip() else {"concern": "Say what the concern is."}
        if typed.get("settled") == "resolved":
            return missing(
                typed,
                code="Choose how it was resolved.",
                what_was_done="Say what was done for the customer.",
                actions="Write down at least one action that was taken.",
            )
        if typed.get("settled") == "handed_on":
            return missing(typed, severity="Say how severe it is.", why="Say why it cannot be solved here.")
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
        gaps_of = escalation.missing_for_escalation(case)
        gaps = "The customer is on the line." if run.channel in SPOKEN and gaps_of else ""
        await escalation.raise_by_hand(
            work, case, typed["why"], severity=Severity(severity), in_spite_of_gaps=gaps
        )
        return Finished(mark={"settled": "handed_on"})


def _code(text: str) -> ResolutionCode:
    if text not in set(map(str, ResolutionCode)):
        raise NotAccepted(code="Choose one of the codes offered.")
    return ResolutionCode(text)
