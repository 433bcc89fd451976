"""What `escalate` and `settle` share: who takes a case on that is not solved, and what they are given. S3-5, S2-13.3"""

from __future__ import annotations

from typing import Any

from models import Case
from models.words import FollowUpKind, Role, Severity
from portal.desk import escalation, followups, invented, rota
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import NOTES, YES, Run, Typed
from portal.desk.kinds.on_case import moment_of, slots
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work

ESCALATING = frozenset(
    {
        "why",
        "severity",
        "emergency",
        "emergency_reason",
        "legal",
        "regulatory",
        "concern",
        "owner",
        "due",
        "next",
    }
)
"""Their answers: why it goes up, the emergency, a concern; or who keeps it until when, and what comes next."""
FILLED_AT = {
    "customer": ("customer",),
    "statement": ("statement", "need", "compare_payment"),
    "restate": ("restate",),
    "options": ("options",),
    "order": ("statement", "choose_order"),
}
"""The kinds of steps at which what is missing is entered, by what it is."""


def severities() -> list[tuple[str, str]]:
    """Every severity, to choose from."""
    return [(one.value, one.value.capitalize()) for one in Severity]


def severity_of(run: Run, typed: Typed) -> str:
    """The severity as assessed at its own step, or as typed here; empty when neither."""
    return str(run.mark_of("severity").get("severity", "")) or typed.get("severity", "")


def ask_severity(run: Run, typed: Typed) -> dict[str, str]:
    """Say what is wrong with the severity; nothing when it is known. S2-13.1"""
    if severity_of(run, typed) in set(map(str, Severity)):
        return {}
    step = next((one for one in run.walk if one.kind == "severity"), None)
    where = f" at “{step.name}”" if step else ""
    return {"severity": f"Say how severe it is{where} before it is handed up."}


def package(run: Run, case: Case) -> list[tuple[str, str]]:
    """What goes with the case, in words, as it was entered: nobody has to ask again. S2-13.3"""
    told = [
        ("Subject", case.subject),
        ("In the customer’s own words", case.statement),
        ("Restated", case.restated),
        ("Offered", case.options),
        ("Order", run.of_kind("statement").get("order", "") or run.of_kind("choose_order").get("order", "")),
        ("Serial number", case.serial),
        ("Tried", _tried(run)),
        ("Notes", run.typed(NOTES).get(NOTES, "")),
    ]
    return [(what, words.strip()) for what, words in told if words.strip()]


def _tried(run: Run) -> str:
    """The path through a troubleshooting tree, as its step remembers it; else the answers given there."""
    step = run.script.of_kind("troubleshoot")
    if step is None:
        return ""
    path = run.done.get(step.key, {}).get("path") or run.typed(step.key).get("path", "")
    if isinstance(path, list):
        return "\n".join(str(one) for one in path)
    return str(path) or "\n".join(f"{name}: {value}" for name, value in run.typed(step.key).items())


async def missing_of(work: Work, run: Run, case: Case | None) -> dict[str, Any]:
    """What a template shows of the hand-over: how complete it is, where to complete it, who may keep it and when."""
    wanted = escalation.wanted_for_escalation(case) if case else []
    gaps = [(one.words, _address(run, one.name)) for one in wanted if not one.there]
    return {
        "gaps": gaps,
        "complete": len(wanted) - len(gaps),
        "wanted": len(wanted),
        "assessed": str(run.mark_of("severity").get("severity", "")),
        "assess_at": _step_of(run, "severity"),
        "severities": severities(),
        "owners": await _owners(work),
        "slots": await slots(work),
    }


def missing_in_specimen(work: Work, run: Run, assess_at: str) -> dict[str, Any]:
    """The same of the invented case of a preview, which lacks one thing: what is asked then is seen too."""
    return {
        "gaps": [("the solutions offered", _step_of(run, "options"))],
        "complete": 3,
        "wanted": 4,
        "assessed": Severity.NORMAL.value if assess_at else "",
        "assess_at": assess_at,
        "severities": severities(),
        "owners": [("me", work.actor.name)],
        "slots": invented.SLOTS,
    }


async def _owners(work: Work) -> list[tuple[str, str]]:
    """Who may come back to it: whoever takes the contact first, then the other representatives."""
    others = await rota.holding(work, Role.REPRESENTATIVE)
    found: dict[int | None, str] = {work.actor.person_id: work.actor.name}
    found |= {one.id: one.name for one in others}
    return [(str(key), name) for key, name in found.items()]


def _address(run: Run, wanted: str) -> str:
    return next((key for kind in FILLED_AT[wanted] if (key := _step_of(run, kind))), "")


def _step_of(run: Run, kind: str) -> str:
    """The step of a kind that these answers lead through; empty when there is none."""
    return next((step.key for step in run.walk if step.kind == kind), "")


async def hand_on(work: Work, run: Run, case: Case, typed: Typed) -> str:
    """Flag the concern, hand the case up, or plan who comes back to it; return how the case is left.

    Raises NotAccepted naming what is missing for a hand-over that is no emergency, or per field.
    """
    legal, regulatory = typed.get("legal") == YES, typed.get("regulatory") == YES
    if legal or regulatory:
        await escalation.flag_concern(work, case, typed["concern"], legal=legal, regulatory=regulatory)
        return "flagged"
    if typed.get("handed_up") == "owner" or typed.get("settled") == "kept":
        await _keep(work, run, case, typed)
        return "kept"
    emergency = typed.get("emergency") == YES
    reason = typed.get("emergency_reason", "").strip() if emergency else ""
    if emergency and not reason and escalation.missing_for_escalation(case):
        raise NotAccepted(emergency_reason="Say why it cannot wait until nothing is missing.")
    try:
        await escalation.raise_by_hand(
            work,
            case,
            _reason(run, case, typed),
            severity=Severity(severity_of(run, typed)),
            in_spite_of_gaps=reason,
        )
    except NotAccepted as error:
        told = {"missing": "emergency", "reason": "why"}
        raise NotAccepted.of({told.get(name, name): words for name, words in error.fields.items()}) from error
    return "handed_on"


def _reason(run: Run, case: Case, typed: Typed) -> str:
    """Why it goes up, and of what was entered everything that does not stand on the case itself."""
    extra = [
        f"{what}: {words}"
        for what, words in package(run, case)
        if what in {"Serial number", "Tried", "Notes"}
    ]
    return "\n".join([typed["why"].strip(), *extra])


async def _keep(work: Work, run: Run, case: Case, typed: Typed) -> None:
    try:
        await followups.plan(
            work,
            FollowUpKind.CALL_BACK,
            typed.get("next", "").strip() or f"Come back to {case.number}: {case.subject}",
            number_in(typed["owner"].strip()),
            moment_of(typed["due"]),
            customer_id=case.customer_id,
            contact_id=run.contact_id,
            case_id=case.id,
            order_id=case.order_id,
            once=f"intake-{run.id}-kept",
        )
    except NotAccepted as error:
        told = {"words": "next", "owner_id": "owner", "due_at": "due"}
        raise NotAccepted.of({told.get(name, name): words for name, words in error.fields.items()}) from error
