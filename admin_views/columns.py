"""How a value of a row is shown in a list, on its page and in an export: one column, said once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any

from markupsafe import Markup, escape

from portal import showing
from portal.desk.customers import DOTS, masked_name
from portal.desk.permissions import May
from portal.desk.work import Actor

NONE = Markup('<span class="hr-none">–</span>')
SHORT = 80
"""Signs of a long text that a list shows."""

SHORTEST = 4
"""Of so few signs none is shown where a value is masked."""

KINDS = {
    "good": {"sent", "resolved", "delivered", "met", "done", "closed", "feasible", "charge"},
    "bad": {"dead", "missed", "not_feasible", "urgent"},
    "warn": {"waiting", "high", "refund", "raised", "abandoned"},
    "accent": {"open", "queued", "confirmed", "running", "new"},
}
_KIND_OF = {word: kind for kind, words in KINDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, when, and in which zone."""

    actor: Actor
    now: datetime
    zone: str


Cell = Callable[[Any, Look], str]
Plain = Callable[[Any, Look], object]


def has_one(actor: Actor, wanted: May | tuple[May, ...]) -> bool:
    """Whether somebody has the permission, or one of several."""
    return any(map(actor.may, (wanted,) if isinstance(wanted, May) else wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One value of a row. `needs` leaves it out for everybody who has none of these permissions."""

    name: str
    label: str
    cell: Cell
    """As HTML, escaped."""
    plain: Plain
    """For an export: text, a number or nothing."""
    sort: bool = False
    """Only where an index begins with this column: a test looks."""
    number: bool = False
    needs: May | tuple[May, ...] | None = None

    def is_for(self, actor: Actor) -> bool:
        return self.needs is None or has_one(actor, self.needs)


def _reader(path: str) -> Callable[[Any], Any]:
    """Read `order.customer.name` of a row; nothing where one of the things in between is nothing."""
    if "." not in path:
        return attrgetter(path)
    steps = path.split(".")

    def read(row: Any) -> Any:
        for step in steps:
            if row is None:
                return None
            row = getattr(row, step)
        return row

    return read


def _column(
    path: str, label: str, cell: Callable[[Any, Look], str], plain: Callable[[Any], object], **more: Any
) -> Column:
    read = _reader(path)

    def show(row: Any, look: Look) -> str:
        value = read(row)
        return NONE if value is None or value == "" else cell(value, look)

    return Column(
        name=path.replace(".", "_"),
        label=label,
        cell=show,
        plain=lambda row, _look: plain(read(row)),
        **more,
    )


def text(path: str, label: str, **more: Any) -> Column:
    return _column(path, label, lambda value, _: escape(value), lambda value: value, **more)


def shortened(value: str) -> str:
    """The beginning of a long text."""
    return value if len(value) <= SHORT else f"{value[:SHORT].rstrip()}…"


def long_text(path: str, label: str, *, full: bool = False, **more: Any) -> Column:
    """A text of many lines: its beginning in a list, all of it where it is `full`."""

    def cell(value: str, _look: Look) -> str:
        if full:
            return showing.lines(value)
        return escape(shortened(value))

    return _column(path, label, cell, lambda value: value, **more)


def number(path: str, label: str, **more: Any) -> Column:
    return _column(
        path, label, lambda value, _: escape(f"{value:,}"), lambda value: value, number=True, **more
    )


@cache
def _chip(value: Any) -> Markup:
    kind = _KIND_OF.get(str(getattr(value, "value", value)), "")
    extra = f" hr-chip-{kind}" if kind else ""
    return Markup('<span class="hr-chip{}">{}</span>').format(extra, showing.word(value))


def chip(path: str, label: str, **more: Any) -> Column:
    """A state: words, with a colour that only helps."""
    return _column(path, label, lambda value, _: _chip(value), showing.word, **more)


def word(path: str, label: str, **more: Any) -> Column:
    return _column(path, label, lambda value, _: escape(showing.word(value)), showing.word, **more)


def words(path: str, label: str, **more: Any) -> Column:
    """A set of our words, with commas between."""

    def joined(values: tuple[str, ...]) -> str:
        return ", ".join(showing.word(value) for value in values)

    return _column(path, label, lambda value, _: escape(joined(value)) or NONE, joined, **more)


def money(path: str, label: str, currency: str = "currency", **more: Any) -> Column:
    """An amount of the path in the currency named beside it."""
    read, unit = _reader(path), _reader(currency)

    def shown(row: Any, _look: Look) -> str:
        value = read(row)
        return NONE if value is None else escape(showing.money(value, unit(row)))

    def plain(row: Any, _look: Look) -> object:
        value = read(row)
        return "" if value is None else showing.money(value, unit(row))

    return Column(name=path.replace(".", "_"), label=label, cell=shown, plain=plain, number=True, **more)


def moment(path: str, label: str, **more: Any) -> Column:
    """A moment in words, exact on hover; exports write it in UTC."""

    def cell(value: datetime, look: Look) -> str:
        return showing.moment(value, look.now, look.zone)

    return _column(path, label, cell, lambda value: value.isoformat() if value else "", **more)


def day(path: str, label: str, **more: Any) -> Column:
    def plain(value: date | None) -> str:
        return value.isoformat() if value else ""

    return _column(path, label, lambda value, _: escape(showing.day(value)), plain, **more)


def yes_no(path: str, label: str, **more: Any) -> Column:
    def said(value: object) -> str:
        return "Yes" if value else "No"

    return _column(path, label, lambda value, _: escape(said(value)), said, **more)


def link(path: str, label: str, to: str, allow: May, how: Callable[[str], str] = str, **more: Any) -> Column:
    """The name of a related thing; a link for those who may open it."""
    read, key = _reader(path), _reader(f"{path.rsplit('.', 1)[0]}.id")

    def cell(row: Any, look: Look) -> str:
        value = read(row)
        if value is None:
            return NONE
        if not look.actor.may(allow):
            return escape(how(value))
        return Markup(f'<a href="/admin/{to}/details/{key(row)}">{escape(how(value))}</a>')  # noqa: S704 - the value is escaped

    return Column(name=path.replace(".", "_"), label=label, cell=cell, plain=lambda row, _: read(row), **more)


def made_link(path: str, label: str, to: str, **more: Any) -> Column:
    """The row's own name as a link to its page, for the rows of another thing's page."""

    def cell(row: Any, _look: Look) -> str:
        return Markup('<a href="/admin/{}/details/{}">{}</a>').format(to, row.id, read(row))

    read = _reader(path)
    return Column(name=path, label=label, cell=cell, plain=lambda row, _: read(row), **more)


def hidden_part(value: str) -> str:
    """A value of which just enough is left to recognise it: `a••••@example.com`, `••••67`. Decision 18"""
    name, at, host = value.partition("@")
    if at:
        return f"{name[:1]}{DOTS}@{host}"
    return f"{DOTS}{value[-2:]}" if len(value) > SHORTEST else DOTS


def first_sign(value: str) -> str:
    """Of a town or an organisation only how it begins: `B••••`."""
    return value[:1] + DOTS


def masked(
    path: str,
    label: str,
    *,
    unless: May | tuple[May, ...],
    how: Callable[[str], str] = hidden_part,
    **more: Any,
) -> Column:
    """Something personal: shown in full only to those with the permission, or one of them. Decision 18"""
    read = _reader(path)

    def told(row: Any, look: Look) -> str:
        value = str(read(row) or "")
        return value if has_one(look.actor, unless) or not value else how(value)

    return Column(
        name=path.replace(".", "_"),
        label=label,
        cell=lambda row, look: escape(told(row, look)) or NONE,
        plain=told,
        **more,
    )


def customer(path: str = "customer.name", label: str = "Customer", **more: Any) -> Column:
    """Whose a row is: a link for those who may open it, masked as on the desk's own pages. Decision 18, S2-2.4

    An export has the whole name: it is given a reason, and stands in the register of disclosures.
    """
    whole = link(path, label, to="customers", allow=May.SEE_CUSTOMERS, **more)
    covered = link(path, label, to="customers", allow=May.SEE_CUSTOMERS, how=masked_name, **more)

    def cell(row: Any, look: Look) -> str:
        return (whole if look.actor.may(May.SEE_TEAM) else covered).cell(row, look)

    return replace(whole, cell=cell)


def made(name: str, label: str, tell: Callable[[Any], object], **more: Any) -> Column:
    """A column whose value is worked out of the row."""
    return Column(
        name=name,
        label=label,
        cell=lambda row, _: escape(tell(row)) or NONE,
        plain=lambda row, _: tell(row),
        **more,
    )


def shown_to(columns: tuple[Column, ...], actor: Actor) -> tuple[Column, ...]:
    """The columns this person's role has."""
    return tuple(column for column in columns if column.is_for(actor))
