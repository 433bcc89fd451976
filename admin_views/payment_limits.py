"""How little and how much may be paid at once in each way: versions that managers write. S0-3.5.2b"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import joinedload
from wtforms import Form, SelectField, StringField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views.base import DeskView
from models import PaymentLimit, Person
from models.words import PaymentMethod
from portal import showing
from portal.desk import payment_limits
from portal.desk.permissions import May
from portal.desk.work import Work


class PaymentLimitForm(Form):  # type: ignore[misc]  # WTForms has no types
    method = SelectField("Paid by", choices=[(one.value, showing.word(one)) for one in PaymentMethod])
    currency = StringField("Currency", [InputRequired("Three letters, such as EUR."), Length(max=3)])
    least = StringField(
        "At least", [Length(max=30)], description="All that is owed may be less. Empty: no limit."
    )
    most = StringField("At most", [Length(max=30)], description="At once. Empty: no limit.")
    lead_above = StringField(
        "A supervisor records more than", [Length(max=30)], description="Empty: anybody records any sum."
    )


class PaymentLimitView(DeskView, model=PaymentLimit):
    """The newest of a way and a currency holds; the older ones are what earlier payments followed."""

    address, title, thing, group = "payment-limits", "Limits of payments", "limit of payments", "Policy"
    told = "The newest row of a way and a currency holds for the next payment; each payment names the one it followed."
    see = May.SEE_POLICY
    create = (May.EDIT_POLICY,)
    order = ("id", True)
    columns = (
        c.made("number", "Version", lambda row: str(row.id)),
        c.word("method", "Paid by"),
        c.text("currency", "Currency"),
        c.money("least_minor", "At least"),
        c.money("most_minor", "At most"),
        c.money("lead_above_minor", "Supervisor above"),
        c.moment("written_at", "From"),
        c.text("written_by.name", "Written by"),
    )
    loads = detail_loads = (joinedload(PaymentLimit.written_by).load_only(Person.id, Person.name),)
    form = PaymentLimitForm
    form_columns = ["method", "currency", *payment_limits.FIELDS]
    empty = "No limits: any sum that is owed is paid in any way that is offered."

    def name_of(self, row: Any) -> str:
        return f"Version {row.id}, {showing.word(row.method).lower()}"

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        typed = {name: data.get(name) or "" for name in payment_limits.FIELDS}
        return await payment_limits.write(
            work, method=PaymentMethod(data["method"]), currency=data["currency"], **typed
        )
