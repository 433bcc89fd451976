"""Rows made into HTML in one pass, and the links around a list. No template runs per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from admin_views.base import Action, DeskView, Panel
from admin_views.columns import Column, Look, shown_to
from admin_views.filters import Choice, YesNo
from admin_views.listing import Asked, Listing


def table(view: DeskView, listing: Listing, look: Look) -> Markup:
    """The body of a list: the first cell is the link to the row, boxes only where something can be done."""
    columns = view.shown(look)
    boxes = bool([one for one in view.actions() if look.actor.may(one.allow)])
    opens = f"/admin/{view.address}/details/" if view.has_details else ""
    return Markup("").join(_row(view, row, columns, look, opens, boxes=boxes) for row in listing.rows)


def _row(
    view: DeskView, row: Any, columns: Sequence[Column], look: Look, opens: str, *, boxes: bool
) -> Markup:
    key = row.id if opens else None
    parts = [f'<tr data-href="{opens}{key}">' if opens else "<tr>"]
    if boxes:
        parts.append(
            f'<td class="hr-box"><input class="form-check-input" type="checkbox" name="id" value="{key}" '
            f'form="chosen" aria-label="Choose {escape(view.thing)} {escape(view.name_of(row))}"></td>'
        )
    for at, column in enumerate(columns):
        cell = column.cell(row, look)
        cell = f'<a href="{opens}{key}">{cell}</a>' if opens and at == 0 and "<a " not in cell else cell
        mark = ' class="hr-number"' if column.number else ""
        parts.append(f'<td{mark} data-label="{column.label}">{cell}</td>')
    parts.append("</tr>")
    return Markup("".join(parts))  # noqa: S704 - every part is escaped by its column


@dataclass(frozen=True, slots=True)
class Head:
    """The top of a column; `to` sorts by it, `runs` says how it is sorted now."""

    label: str
    number: bool
    to: str = ""
    runs: str = "none"


def heads(view: DeskView, asked: Asked, look: Look) -> list[Head]:
    found = []
    for column in view.shown(look):
        if not column.sort:
            found.append(Head(column.label, column.number))
            continue
        here = asked.sort == column.name
        turned = "up" if here and asked.descending else "down" if here else "up"
        runs = ("descending" if asked.descending else "ascending") if here else "none"
        found.append(Head(column.label, column.number, asked.to(sort=column.name, dir=turned), runs))
    return found


def filters(view: DeskView, asked: Asked) -> list[dict[str, Any]]:
    """The filters as a form shows them."""
    return [
        {
            "kind": one.kind,
            "names": one.names,
            "label": one.label,
            "options": one.options if isinstance(one, Choice | YesNo) else [],
            "values": [asked.given.get(name, "") for name in one.names],
        }
        for one in view.filters
    ]


def saved(view: DeskView, asked: Asked, look: Look) -> list[tuple[str, str, None, bool]]:
    """The saved views of this role as chips: address, words, no count, whether it is open."""
    offered = [one for one in view.saved if one.needs is None or look.actor.may(one.needs)]
    if not offered:
        return []
    everything = ("?", "All", None, asked.saved is None and not asked.narrow)
    return [everything, *((f"?view={one.name}", one.label, None, asked.saved is one) for one in offered)]


def groups(view: DeskView, row: Any, look: Look) -> list[tuple[str, list[tuple[str, Markup]]]]:
    """A thing's own page: titled groups of (label, value)."""
    asked = view.facts or (("", view.columns),)
    shown = [(title, shown_to(columns, look.actor)) for title, columns in asked]
    return [
        (title, [(column.label, Markup(column.cell(row, look))) for column in columns])  # noqa: S704 - escaped by its column
        for title, columns in shown
        if columns
    ]


def panel(one: Panel, look: Look) -> dict[str, Any]:
    """Related rows, ready to show."""
    columns = shown_to(one.columns, look.actor)
    lines = []
    for row in one.rows:
        cells = [
            f'<td class="hr-number">{column.cell(row, look)}</td>'
            if column.number
            else f"<td>{column.cell(row, look)}</td>"
            for column in columns
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return {
        "title": one.title,
        "heads": [(column.label, column.number) for column in columns],
        "body": Markup("".join(lines)),  # noqa: S704 - escaped by its columns
        "empty": one.empty,
        "any": bool(lines),
        "to": one.to,
        "more": one.more,
    }


def actions(view: DeskView, rows: Sequence[Any], look: Look) -> list[Action]:
    """What this person may do to all of these rows as they stand."""
    return [one for one in view.actions() if look.actor.may(one.allow) and all(one.when(row) for row in rows)]
