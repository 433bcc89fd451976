"""Forms of the admin: plain WTForms, shown by the house's own macros, with no list longer than a screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, inspect, select
from starlette.datastructures import FormData
from wtforms import (
    BooleanField,
    DateField,
    Form,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from portal import showing
from portal.desk import cards
from portal.desk.errors import Conflict, DeskError, NotAccepted
from portal.desk.money import read_percent
from portal.desk.plain_numbers import number_in
from portal.desk.saving import UNSTORABLE

LARGEST = 2**31 - 1
"""The largest number a column takes."""
NUMBERS = frozenset({"phone", "email", "sku"})
"""Fields that hold long numbers of their own; everywhere else one may be a card's. Decision 7"""
MOST_OPTIONS = 200
"""A longer list is a lookup, never a select."""


class LookupField(IntegerField):  # type: ignore[misc]  # WTForms has no types
    """The id of a related row, found by a few letters. `told` is its name, filled in by the view."""

    told = ""


def choice(label: str, words: type[StrEnum], **more: Any) -> SelectField:
    """One of our words."""
    return SelectField(
        label,
        choices=[(one.value, showing.word(one)) for one in words],
        coerce=lambda value: words(value) if value else None,
        **more,
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """One field, as the macros take it."""

    kind: str
    name: str
    label: str
    value: Any
    hint: str
    required: bool
    options: list[tuple[str, str]] = field(default_factory=list)
    told: str = ""
    type: str = "text"
    attributes: Mapping[str, Any] = field(default_factory=dict)


def shown(form: Form) -> list[Shown]:
    """The fields in their order."""
    return [_shown(one) for one in form]


def _shown(one: Any) -> Shown:
    common: dict[str, Any] = {
        "name": one.name,
        "label": str(one.label.text),
        "hint": one.description,
        "required": any(isinstance(check, InputRequired) for check in one.validators),
    }
    match one:
        case BooleanField():
            return Shown("tick", value=bool(one.data), **common)
        case SelectMultipleField():
            return Shown("ticks", value=list(one.data or ()), options=_options(one), **common)
        case SelectField():
            typed = one.raw_data[0] if one.raw_data else one.data
            return Shown("select", value=_plain(typed), options=_options(one), **common)
    kinds: dict[type, str] = {TextAreaField: "textarea", LookupField: "lookup"}
    return Shown(
        next((kind for field_type, kind in kinds.items() if isinstance(one, field_type)), "field"),
        value=one._value(),  # noqa: SLF001 - what was typed, as WTForms keeps it
        told=getattr(one, "told", ""),
        type="date" if isinstance(one, DateField) else "text",
        attributes={"inputmode": "numeric"} if isinstance(one, IntegerField) else {},
        **common,
    )


def _plain(value: Any) -> str:
    return "" if value is None else str(getattr(value, "value", value))


def _options(one: Any) -> list[tuple[str, str]]:
    return [(_plain(key), str(label)) for key, label in one.choices]


def check(form: Form) -> None:
    """Raises NotAccepted with a message per field, before a database could stumble over it."""
    form.validate()
    found = {name: str(errors[0]) for name, errors in form.errors.items() if name}
    for one in form:
        if isinstance(one.data, str) and UNSTORABLE.search(one.data):
            found[one.name] = "This holds a sign that cannot be stored. Type it anew."
        if isinstance(one.data, int) and abs(one.data) > LARGEST:
            found[one.name] = f"At most {LARGEST:,}."
    texts = {one.name: one.data for one in form if isinstance(one, StringField) and one.data}
    try:
        cards.refuse_card_numbers(**{name: text for name, text in texts.items() if name not in NUMBERS})
    except NotAccepted as refused:
        found |= refused.fields
    if found:
        raise NotAccepted.of(found)


def given(form: Form) -> dict[str, Any]:
    """What was sent, field by field. A field that was not sent is left as it is; an unticked box is a no."""
    boxes = (BooleanField, SelectMultipleField)
    return {one.name: one.data for one in form if one.raw_data or isinstance(one, boxes)}


def share(typed: str | None, name: str) -> int | None:
    """The basis points of a share as typed; None for an empty field. Raises NotAccepted on the field of this name."""
    if not (typed or "").strip():
        return None
    found = read_percent(typed or "")
    if found is None:
        raise NotAccepted.of({name: "Between 0 and 100, such as 7.5."})
    return found


def version(row: Any, sent: FormData) -> int:
    """The version the person saw when the form opened. Raises DeskError when the form does not say.

    What keeps no version (a calendar day) is told apart by its date, and is at 0.
    """
    if not hasattr(row, "version"):
        return 0
    told = number_in(str(sent.get("version", "")))
    if told is None:
        raise DeskError("The form came without its version, so nothing was saved. Please open it again.")
    return told


def differences(conflict: Conflict, labels: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Field by field: its label, what they saved, what was typed here."""
    return [
        (labels.get(name) or showing.word(name), value, conflict.yours.get(name, ""))
        for name, value in conflict.theirs.items()
    ]


def beginning(model: type[Any], term: str) -> Select[Any]:
    """Rows whose name begins with these letters: a look into an index, never through the table."""
    name = inspect(model).all_orm_descriptors["name"]
    return select(model).where(name.startswith(term, autoescape=True)).order_by(name)
