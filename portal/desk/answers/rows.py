"""What is kept of the answers when a contact ends, and how a contact's answers read."""

from __future__ import annotations

from typing import Any

from portal.desk.fields import FIELDS, Terms
from portal.desk.kinds import KINDS, Run
from portal.desk.scripts import Step

COVERED = "••••"
PERSONAL_STEPS = frozenset({"customer", "verify", "delivery"})
"""Kinds of steps whose own answers tell who the customer is."""
PERSONAL_FIELDS = frozenset({"phone", "email", "address"})
_NOT_TOLD = ("product-", "fingerprint", "choice", "look", "same")
"""Answers of kinds that are ids or what was looked for: they say nothing to a reader."""
_PLAIN = {"yes": "Yes", "no": "No"}


def rows_of(run: Run, currency: str = "") -> list[dict[str, Any]]:
    """Give a row for each answer to a question of the desk's own, and for what a finished step found out besides.

    `currency` is the desk's. Contact and moment are put in by who writes the rows.
    """
    terms = Terms(currency=currency or run.currency)
    rows: list[dict[str, Any]] = []
    for step in run.script.walked(run.answers):
        mark = run.done.get(step.key)
        if mark is None or "skipped" in mark:
            continue
        typed = run.typed(step.key)
        for one in step.asks(run.answers):
            value = typed.get(one.name, "").strip()
            if not value:
                continue
            kind = FIELDS[one.kind]
            counted = kind.counted(one, value, terms)
            rows.append(
                {
                    "version_id": step.version_id,
                    "script": step.script,
                    "step": step.key,
                    "field": one.name,
                    "kind": one.kind,
                    "value": kind.recorded(one, value, terms),
                    "number": counted.number,
                    "day": counted.day,
                }
            )
        rows += [
            {
                "version_id": step.version_id,
                "script": step.script,
                "step": step.key,
                "field": name,
                "kind": "yes_no",
                "value": "yes" if helped else "no",
                "number": int(helped),
                "day": None,
            }
            for name, helped in KINDS[step.kind].found_out(run, step)
        ]
    return rows


def shown(run: Run, step: Step, zone: str, *, covered: bool = False) -> list[tuple[str, str]]:
    """Give the answers of one step as a person in `zone` reads them: (what was asked, what was answered).

    `covered` hides what tells who the customer is. Decision 18
    """
    terms = Terms(currency=run.currency, zone=zone)
    typed = dict(run.typed(step.key))
    told: list[tuple[str, str]] = []
    for one in step.asks(run.answers):
        if value := typed.get(one.name, "").strip():
            words = FIELDS[one.kind].shown(one, value, terms)
            told.append((one.label, COVERED if covered and one.kind in PERSONAL_FIELDS else words))
    labels, own = KINDS[step.kind].labels, {one.name for one in step.ask}
    rest = [
        (name, value)
        for name, value in typed.items()
        if name not in own and value.strip() and not name.startswith(_NOT_TOLD)
    ]
    for name, value in rest:
        label = labels.get(name) or name.replace("_", " ").replace("-", " ").capitalize()
        hidden = covered and step.kind in PERSONAL_STEPS
        told.append((label, COVERED if hidden else _PLAIN.get(value, value)))
    return told
