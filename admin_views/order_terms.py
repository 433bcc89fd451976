"""The terms under which orders are placed, as versions that managers write. S4-4.2"""

from __future__ import annotations

from typing import Any

from wtforms import DateField, Form, TextAreaField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views.base import DeskView
from models import OrderTerms
from portal.desk import order_terms
from portal.desk.permissions import May
from portal.desk.work import Work

CHANGED = ("words_en", "words_de", "valid_from")


class OrderTermsForm(Form):  # type: ignore[misc]  # WTForms has no types
    words_en = TextAreaField("Terms in English", [Length(max=order_terms.LONGEST)])
    words_de = TextAreaField("Terms in German", [Length(max=order_terms.LONGEST)])
    valid_from = DateField("Hold from", [InputRequired("Choose the first day.")])


class OrderTermsView(DeskView, model=OrderTerms):
    """One version of the terms; orders name the one they were placed under."""

    address, title, thing, group = "order-terms", "Order terms", "version of the terms", "Policy"
    told = "What an order is placed under. The newest whose day has come is read out and confirmed; orders keep theirs."
    see = May.SEE_POLICY
    edit = create = (May.EDIT_POLICY,)
    order = ("id", True)
    columns = (
        c.made("number", "Version", lambda row: str(row.id)),
        c.day("valid_from", "Hold from"),
        c.long_text("words_en", "In English"),
        c.long_text("words_de", "In German"),
    )
    form = OrderTermsForm
    form_columns = [*CHANGED]
    empty = "Orders are placed under no terms of their own."

    def name_of(self, row: Any) -> str:
        return f"Version {row.id}"

    def typed(self, row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in CHANGED}

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        words = {name: data.get(name) or "" for name in ("words_en", "words_de")}
        return await order_terms.add(work, **words, valid_from=data["valid_from"])

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        told = {name: data.get(name, getattr(row, name)) for name in CHANGED}
        words = {name: told[name] or "" for name in ("words_en", "words_de")}
        await order_terms.change(work, row, version, **{**told, **words})
