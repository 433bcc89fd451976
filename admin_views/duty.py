"""The rota as a table: who is on duty for a role, and when. S0-4"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import DateField, Form, StringField
from wtforms.validators import InputRequired, Length, Optional

from admin_views import columns as c
from admin_views import forms
from admin_views.base import DeskView
from admin_views.filters import Choice
from models import OnDuty, Person
from models.words import Role
from portal import showing
from portal.desk import duty, rows
from portal.desk.permissions import May
from portal.desk.work import Actor, Work


class OnDutyForm(Form):  # type: ignore[misc]  # WTForms has no types
    role = forms.choice("Role", Role)
    person = forms.LookupField("Who", [InputRequired("Choose a colleague.")])
    hours = StringField(
        "Shifts",
        [InputRequired("Say when."), Length(max=500)],
        description="Such as Mo-Fr 08:00-14:00, or Fr-Su 22:00-06:00 for nights.",
    )
    zone = StringField(
        "Time zone",
        [InputRequired("A shift needs a time zone."), Length(max=64)],
        description="Such as Europe/Berlin.",
    )
    valid_from = DateField("First day", [InputRequired("Choose the first day.")])
    valid_until = DateField("Last day", [Optional()], description="Empty: until further notice.")
    note = StringField("Note", [Length(max=300)])


class OnDutyView(DeskView, model=OnDuty):
    """Shifts of people by role. Notices to a role go to those on duty."""

    address, title, thing, group = "on-duty", "On duty", "entry", "Policy"
    told = "The rota: who is on duty for each role, and when."
    see = May.SEE_POLICY
    edit = create = (May.EDIT_POLICY,)
    order = ("id", True)
    columns = (
        c.word("role", "Role"),
        c.text("person.name", "Who"),
        c.text("hours", "Shifts"),
        c.text("zone", "Time zone"),
        c.day("valid_from", "First day"),
        c.day("valid_until", "Last day"),
        c.text("note", "Note"),
    )
    loads = detail_loads = (joinedload(OnDuty.person).load_only(Person.id, Person.name),)
    filters = (Choice("role", "Role", OnDuty.role, Role),)
    empty = "Nobody is on the rota: everybody who holds a role is told."
    form = OnDutyForm
    form_columns = ["role", "person", "hours", "zone", "valid_from", "valid_until", "note"]

    @classmethod
    def lookups(cls) -> dict[str, type[Any]]:
        return {"person": Person}

    def name_of(self, row: Any) -> str:
        return f"{row.person.name}, {showing.word(row.role).lower()}"

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        ways = [("/on-duty", "Who would be told?")]
        return [*ways, (f"/on-duty/{row.id}", "Change or end")] if actor.may(May.EDIT_POLICY) else ways

    def typed(self, row: Any) -> dict[str, Any]:
        names = ("role", "hours", "zone", "valid_from", "valid_until", "note")
        return {"person": row.person_id, **{name: getattr(row, name) for name in names}}

    async def prepare(self, form: Form, work: Work) -> None:
        key = form.person.data
        if key and abs(key) <= forms.LARGEST:
            statement = rows.narrowed(work.actor, Person, select(Person.name)).where(Person.id == key)
            form.person.told = await work.session.scalar(statement) or ""

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        return await duty.put_on(
            work,
            data["role"],
            data["person"],
            data["hours"],
            data["zone"],
            data["valid_from"],
            data.get("valid_until"),
            data.get("note", ""),
        )

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        changes = {("person_id" if name == "person" else name): value for name, value in data.items()}
        await duty.change(work, row, version, **changes)
