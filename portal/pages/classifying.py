"""Classifying a case anew: what becomes of its clocks is shown side by side before anything is saved."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from starlette.responses import Response

from models import Case
from models.words import CaseKind, Channel, Severity, Tier
from portal.desk import cases, channels, due, matrix, queues, reclassifying
from portal.desk.channels import ChannelTerms
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
            wanted = _wanted(case, typed, await channels.own(work))
            await cases.reclassify(work, case, version, wanted, typed["reason"])
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
        own = await channels.own(work)
        try:
            wanted = _wanted(case, typed, own)
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
            (name, ASKED[name], offered, _value(wanted, name))
            for name, offered in _offered(own, wanted.own_channel).items()
        ],
        reason=typed.get("reason", ""),
        version=case.version if conflict or not typed else typed.get("version") or case.version,
        looked=looked,
        found=found,
        errors=refused,
        conflict=conflict,
        status=status,
    )


def _offered(own: Sequence[ChannelTerms], named: str = "") -> dict[str, list[tuple[str, str]]]:
    """What each field can be; the channel also one of the desk's own, and that of the case off the list. S0-1.2b"""
    found = {name: [(one.value, word(one)) for one in words] for name, words in WORDS.items()}
    names = dict.fromkeys([*(one.own for one in own), *filter(None, [named])])
    return {**found, "channel": found["channel"] + [(matrix.own(one), one) for one in names]}


def _value(wanted: Classification, name: str) -> str:
    if name == "channel" and wanted.own_channel:
        return matrix.own(wanted.own_channel)
    return str(getattr(wanted, name).value)


def _wanted(case: Case, typed: Typed, own: Sequence[ChannelTerms]) -> Classification:
    """Read what was chosen; what was not asked stays. Raises NotAccepted of each field with a word we do not have."""
    given = {name: typed.get(name, "") for name in WORDS}
    wrong = {
        name: "Choose one of the list."
        for name, value in given.items()
        if value and value not in dict(_offered(own, case.own_channel)[name])
    }
    if wrong:
        raise NotAccepted.of(wrong)
    channel: Channel | None = None
    name = given["channel"].removeprefix(matrix.OWN_CHANNEL)
    by = next((one for one in own if one.own == name), None)
    if given["channel"] and name != case.own_channel:
        channel = by.channel if by else Channel(given["channel"])
    return reclassifying.as_it_is(
        case,
        CaseKind(given["kind"]) if given["kind"] else None,
        Severity(given["severity"]) if given["severity"] else None,
        channel,
        Tier(given["tier"]) if given["tier"] else None,
        own_channel=by.own if by else "",
    )
