"""How a case ends in the contact: solved with a code, kept with an owner and a date, or handed on. S3-4.1.4, S3-5.1"""

from __future__ import annotations

from typing import Any, ClassVar

from models import Case
from models.words import ResolutionCode
from portal.desk import cases
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import YES, Finished, Run, Typed
from portal.desk.kinds.escalating import EndOfCase
from portal.desk.kinds.handing import ESCALATING, ask_severity, hand_on, missing_in_specimen, missing_of
from portal.desk.kinds.on_case import case_of, missing, moment_of
from portal.desk.scripts import Step
from portal.desk.work import Work


class Settle(EndOfCase):
    """Solved with a code, what was done and a follow-up; kept with an owner and a date; or handed on.

    S3-4.1.4, S3-4.2.1, S3-5.1.1. Where the script has an `escalate` step in front, what was handed up or kept there
    makes this one needless; a script with this step alone hands on here. Answers for conditions: `settled` (resolved,
    kept, handed_on), `code`, `severity`, `legal`, `regulatory`.
    """

    name = "settle"
    guarantees = (
        "A case is solved only with a code, at least one action and a follow-up; one that is not goes up, "
        "or to an owner with a date."
    )
    after = ("statement or need or compare_payment or heard",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {
        "settled": ("resolved", "kept", "handed_on"),
        "code": tuple(map(str, ResolutionCode)),
        "legal": (YES,),
        "regulatory": (YES,),
    }
    NAMES = ESCALATING | {"settled", "code", "what_was_done", "actions", "follow_up"}

    def takes(self, step: Step, name: str) -> bool:
        return name in self.NAMES or super().takes(step, name)

    def needless(self, run: Run) -> str:
        left = str(run.mark_of("escalate").get("settled", ""))
        return {
            "handed_on": "It was handed up.",
            "flagged": "It was passed to the managers.",
            "kept": "Somebody comes back to it.",
        }.get(left) or super().needless(run)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if YES in {typed.get("legal"), typed.get("regulatory")}:
            return missing(typed, concern="Say what the concern is.")
        if typed.get("settled") == "resolved":
            return missing(
                typed,
                code="Choose how it was resolved.",
                what_was_done="Say what was done for the customer.",
                actions="Write down at least one action that was taken.",
            )
        if typed.get("settled") == "handed_on":
            return {**missing(typed, why="Say why it cannot be solved here."), **ask_severity(run, typed)}
        if typed.get("settled") == "kept":
            return missing(typed, owner="Say who comes back to it.", due="Say by when.")
        return {"settled": "Say whether it is solved, who keeps it, or that it is handed on."}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        case = await case_of(work, run) if run.case_id is not None else None
        return {
            **_codes(run),
            **await missing_of(work, run, case),
        }

    def example(self, step: Step) -> Typed:
        return {"settled": "resolved"}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return {**_codes(run), **missing_in_specimen(work, run, "")}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Settle the case. Raises NotAccepted with a message per field."""
        case = await case_of(work, run)
        flagged = YES in {typed.get("legal"), typed.get("regulatory")}
        if flagged or typed["settled"] != "resolved":
            return Finished(mark={"settled": await hand_on(work, run, case, typed)})
        await resolved(
            work,
            case,
            typed,
            code=_code(typed["code"]),
            words=typed["what_was_done"],
            actions=tuple(typed["actions"].splitlines()),
        )
        return Finished(mark={"settled": "resolved"})


async def resolved(
    work: Work, case: Case, typed: Typed, *, code: ResolutionCode, words: str, actions: tuple[str, ...]
) -> None:
    """Resolve the case with the follow-up that was chosen. Raises NotAccepted, also for a slot that is none."""
    at = moment_of(typed.get("follow_up", ""))
    if typed.get("follow_up", "").strip() and (at is None or at <= work.now):
        raise NotAccepted(follow_up="Choose one of the open times offered.")
    await cases.resolve(work, case, code=code, what_was_done=words, actions=actions, follow_up_at=at)


def _codes(run: Run) -> dict[str, Any]:
    codes = [(one.value, one.value.replace("_", " ").capitalize()) for one in ResolutionCode]
    return {"codes": codes, "likely": _likely(run)}


def _likely(run: Run) -> str:
    """The code that the customer's choice among the solutions means."""
    chosen = run.of_kind("options").get("outcome", "")
    return chosen if chosen in set(map(str, ResolutionCode)) else ""


def _code(text: str) -> ResolutionCode:
    if text not in set(map(str, ResolutionCode)):
        raise NotAccepted(code="Choose one of the codes offered.")
    return ResolutionCode(text)
