"""Classifying a case anew: what becomes of its clocks is shown side by side before anything is saved."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from models import Case
from models.words import CaseKind, Channel, Severity, Tier
from portal.desk import cases, due, queues, reclassifying
from portal.desk.errors import Conflict, NotAccepted, WrongMoment
from portal.desk.reclassifying import Classification, WouldBe
from portal.forms import Typed
from portal.showing import word
from portal.web import Visit, chosen

WORDS = {"kind": CaseKind, "severity": Severity, "channel": Channel, "tier": Tier}
ASKED = {
    "kind": "What kind of case is it?",
    "severity": "How severe is it?",
    "channel": "By which channel did it come?",
    "tier": "What was the customer promised?",
}
NOTHING: Typed = {}


async def show(visit: Visit) -> Response:
    """How the case is classified now, to be changed."""
    return await _page(visit, NOTHING)


async def send(visit: Visit) -> Response:
    """Show what would become of the clocks; save it when that was seen. Without a script these are two submits."""
    form = await visit.form()
    typed = {name: chosen(form, name) for name in (*WORDS, "reason", "version", "do")}
    if typed["do"] != "save":
        return await _page(visit, typed, looked=True)
    case_id = visit.number("case_id")
    try:
        async with visit.work() as work:
            case = await queues.case_of(work, case_id)
            version = int(typed["version"]) if typed["version"].isdecimal() else case.version
            await cases.reclassify(work, case, version, _wanted(case, typed), typed["reason"])
    except NotAccepted as refused:
        return await _page(visit, typed, looked=True, errors=refused.fields)
    except Conflict as conflict:
        return await _page(visit, typed, looked=True, conflict=conflict)
    return visit.go(f"/cases/{case_id}", "Classified anew. The clocks follow.")


async def _page(
    visit: Visit,
    typed: Typed,
    *,
    looked: bool = False,
    errors: Typed = NOTHING,
    conflict: Conflict | None = None,
) -> Response:
    refused = dict(errors)
    found: list[WouldBe] = []
    async with visit.look() as work:
        case = await queues.case_of(work, visit.number("case_id"))
        if case.status not in due.OPEN_CASES:
            raise WrongMoment(f"Case {case.number} is {case.status.value}. Reopen it first.")
        try:
            wanted = _wanted(case, typed)
        except NotAccepted as wrong:
            wanted, looked = reclassifying.as_it_is(case), False
            refused |= wrong.fields
        if looked:
            found = await reclassifying.would_be(work, case, wanted)
    status = (
        HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    )
    return visit.page(
        "cases/classification.html",
        case=case,
        fields=[
            (name, ASKED[name], [(one.value, word(one)) for one in words], getattr(wanted, name).value)
            for name, words in WORDS.items()
        ],
        reason=typed.get("reason", ""),
        version=case.version if conflict or not typed else typed.get("version") or case.version,
        looked=looked,
        found=found,
        errors=refused,
        conflict=conflict,
        status=status,
    )


def _wanted(case: Case, typed: Typed) -> Classification:
    """Read what was chosen; what was not asked stays. Raises NotAccepted of each field with a word we do not have."""
    given = {name: typed.get(name, "") for name in WORDS}
    wrong = {
        name: "Choose one of the list."
        for name, value in given.items()
        if value and value not in {one.value for one in WORDS[name]}
    }
    if wrong:
        raise NotAccepted.of(wrong)
    return reclassifying.as_it_is(
        case,
        CaseKind(given["kind"]) if given["kind"] else None,
        Severity(given["severity"]) if given["severity"] else None,
        Channel(given["channel"]) if given["channel"] else None,
        Tier(given["tier"]) if given["tier"] else None,
    )
