"""How long customers may withdraw and send back, by country, as a table that managers edit. S3-14.2.1a"""

from __future__ import annotations

from typing import Any

from wtforms import Form, IntegerField, StringField
from wtforms.validators import Length, Optional

from admin_views import columns as c
from admin_views.base import DeskView
from models import ReturnPeriod
from portal.desk import return_periods
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.work import Work

DAYS = ("withdrawal_days", "return_days")


class ReturnPeriodForm(Form):  # type: ignore[misc]  # WTForms has no types
    country = StringField(
        "Country of the customer",
        [Length(max=60)],
        description="Its name or code, such as DE. Empty for everywhere else.",
    )
    withdrawal_days = IntegerField(
        "Days to withdraw",
        [Optional()],
        description="What the law gives, from the day after the goods arrived.",
    )
    return_days = IntegerField(
        "Days to send back",
        [Optional()],
        description="What the house gives beyond; empty where it gives none.",
    )


class ReturnPeriodView(DeskView, model=ReturnPeriod):
    """The days of one country, or of everywhere else."""

    address, title, thing, group = "return-periods", "Return periods", "return period", "Policy"
    told = (
        "How long customers may withdraw from an order, and send it back. Their last days stand on the order."
    )
    see = May.SEE_POLICY
    edit = create = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.made("country", "Country", lambda row: row.country or "everywhere else"),
        c.number("withdrawal_days", "Days to withdraw"),
        c.number("return_days", "Days to send back"),
    )
    form = ReturnPeriodForm
    form_columns = ["country", *DAYS]
    empty = "Nothing is promised anywhere."

    def name_of(self, row: Any) -> str:
        return row.country or "Everywhere else"

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        return await return_periods.add(
            work, data.get("country") or "", **{name: data.get(name) for name in DAYS}
        )

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        if (data.get("country", row.country) or "").strip().upper() != row.country:
            raise NotAccepted(country="This stays; write a new one for another.")
        await return_periods.change(
            work, row, version, **{name: data.get(name, getattr(row, name)) for name in DAYS}
        )
