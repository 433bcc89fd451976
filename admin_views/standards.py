"""The register of standards, as a table that managers edit. S3-1.1"""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views import forms
from admin_views.base import DeskView
from models import ServiceStandard
from models.words import Role
from portal.desk import standards
from portal.desk.permissions import May
from portal.desk.work import Work


class StandardForm(Form):  # type: ignore[misc]  # WTForms has no types
    name = StringField("Standard", [InputRequired("Give it a name."), Length(max=standards.LONGEST_NAME)])
    words = TextAreaField("What it asks", [Length(max=standards.LONGEST_WORDS)])
    clauses = StringField(
        "Clauses it is measured by",
        [InputRequired("Name the clauses it is measured by, such as S0-3.1.4.")],
        description="Several with a blank between, such as S0-3.1.4 S1-4.4.2b.",
    )
    owner = forms.choice("Who answers for it", Role)
    active = BooleanField("In use", default=True)


class StandardView(DeskView, model=ServiceStandard):
    """One thing that every service of the house is measured by."""

    address, title, thing, group = "service-standards", "Standards", "standard", "Policy"
    told = "What every service is measured by, and who answers for it. How far each is kept stands under Evidence."
    see = May.SEE_EVIDENCE
    edit = create = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.text("name", "Standard"),
        c.made("clauses", "Clauses", lambda row: " ".join(row.clauses)),
        c.word("owner", "Who answers for it"),
        c.yes_no("active", "In use"),
    )
    facts = (
        (
            "Standard",
            (
                c.text("name", "Standard"),
                c.long_text("words", "What it asks", full=True),
                c.made("clauses", "Clauses", lambda row: " ".join(row.clauses)),
                c.word("owner", "Who answers for it"),
                c.yes_no("active", "In use"),
            ),
        ),
    )
    form = StandardForm
    form_columns = ["name", "words", "clauses", "owner", "active"]
    empty = "There is no standard yet."

    def name_of(self, row: Any) -> str:
        return str(row.name)

    def typed(self, row: Any) -> dict[str, Any]:
        told = {name: getattr(row, name) for name in ("name", "words", "active")}
        return {**told, "clauses": " ".join(row.clauses), "owner": row.owner.value}

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        told = [data.get(name) or "" for name in ("name", "words", "clauses", "owner")]
        return await standards.add(work, *told, active=bool(data.get("active")))

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        told = {**self.typed(row), **data}
        typed = told.pop("clauses")
        await standards.change(work, row, version, typed=typed, **told)
