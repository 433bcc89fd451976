"""The register of disclosures: fed by exports, and by hand. S4-3.3"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import joinedload
from wtforms import Form, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views import forms
from admin_views.base import DeskView
from admin_views.filters import Days
from models import Customer, Disclosure
from models.words import DisclosureGround
from portal.desk import disclosures
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.work import Work


class DisclosureForm(Form):  # type: ignore[misc]  # WTForms has no types
    recipient = StringField("Who gets it", [InputRequired("Say who gets it."), Length(max=300)])
    what = TextAreaField("What is given out", [InputRequired("Say what is given out."), Length(max=500)])
    customer_number = StringField(
        "Customer number", [Length(max=32)], description="Where it is of one customer; empty for several."
    )
    ground = forms.choice("On what ground", DisclosureGround)
    reason = StringField("What for", [InputRequired("Say what it is for."), Length(max=500)])


class DisclosureView(DeskView, model=Disclosure):
    """Who was given data of customers. Nobody changes a row, the database refuses. S4-3.3"""

    address, title, thing, group = "disclosures", "Disclosures", "disclosure", "House"
    told = "Who was given data of customers: what, when, why and on what ground. Exports are noted by themselves."
    see = May.SEE_AUDIT
    create = (May.EXPORT,)
    order = ("at", True)
    columns = (
        c.text("recipient", "Who got it"),
        c.moment("at", "When", sort=True),
        c.long_text("what", "What"),
        c.link("customer.number", "Customer", to="customers", allow=May.SEE_CUSTOMERS),
        c.word("ground", "Ground"),
        c.text("reason", "What for"),
        c.text("who", "Given by"),
    )
    facts = (
        (
            "Disclosure",
            (
                *columns[:2],
                c.long_text("what", "What", full=True),
                *columns[3:],
                c.number("exported", "Rows taken"),
            ),
        ),
    )
    filters = (Days("at", "When", Disclosure.at),)
    loads = detail_loads = (joinedload(Disclosure.customer).load_only(Customer.number),)
    finds = {"customer": Disclosure.customer_id}
    finds_by = "name or number of the customer"
    form = DisclosureForm
    form_columns = ["recipient", "what", "customer_number", "ground", "reason"]
    empty = "Nothing was given out yet."

    def name_of(self, row: Any) -> str:
        return str(row.recipient)

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        if data.get("ground") is None:
            raise NotAccepted(ground="Choose on what ground.")
        told = {name: data.get(name) or "" for name in ("recipient", "what", "reason", "customer_number")}
        return await disclosures.note(work, ground=data["ground"], **told)
