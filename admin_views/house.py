"""Who works here, what was done, and what ran by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, select
from wtforms import BooleanField, Form, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views.base import DeskView, Panel
from admin_views.filters import Days, Saved, YesNo
from models import AuditEntry, JobSlot, Person
from models.words import Role
from portal import showing
from portal.desk import people
from portal.desk.permissions import May
from portal.desk.work import Work


class PersonForm(Form):  # type: ignore[misc]  # WTForms has no types
    name = StringField("Name", [InputRequired("Give a name."), Length(max=200)])
    email = StringField("E-mail", [Length(max=320)])
    roles = SelectMultipleField("Roles", choices=[(role.value, showing.word(role)) for role in Role])
    zone = StringField(
        "Time zone",
        [InputRequired("Give a time zone."), Length(max=64)],
        description="Such as Europe/Berlin.",
    )
    team = StringField("Team", [Length(max=60)], description="Reports can be narrowed to it.")
    quiet_hours = StringField(
        "Quiet hours",
        [Length(max=120)],
        description="When reminders and warnings wait, such as Mo-Su 22:00-07:00, on the colleague’s own clock. "
        "Escalations and calls for help never wait.",
    )
    active = BooleanField("May sign in")


class PersonView(DeskView, model=Person):
    """Colleagues. They come by signing in; what they may do is decided here and counts on their next request."""

    address, title, thing, group = "people", "People", "colleague", "House"
    told = "Who works here, in which roles, and whether they may in."
    see = May.SEE_PEOPLE
    edit = (May.EDIT_PEOPLE,)
    order = ("name", False)
    columns = (
        c.text("name", "Name", sort=True),
        c.text("email", "E-mail"),
        c.words("roles", "Roles"),
        c.text("team", "Team"),
        c.yes_no("active", "May sign in"),
        c.text("zone", "Time zone"),
        c.moment("last_signed_in_at", "Last signed in"),
    )
    facts = (
        ("Colleague", (*columns, c.text("quiet_hours", "Quiet hours"))),
        (
            "Known by",
            (c.text("issuer", "Provider"), c.text("subject", "Account"), c.moment("created_at", "Since")),
        ),
    )
    filters = (YesNo("active", "May sign in", Person.active.is_(True)),)
    saved = (Saved("no-role", "Without a role", lambda _: Person.roles == ()),)
    begins = (Person.name, Person.email)
    finds_by = "name or e-mail"
    form = PersonForm
    form_columns = ["name", "email", "roles", "zone", "team", "quiet_hours", "active"]

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        await people.change(work, row, version, **{**data, "email": data.get("email", row.email) or None})


class About:
    """The entries about one kind of thing: its table and the id as text."""

    def __init__(self, table: str) -> None:
        self.table = table

    def in_(self, ids: Sequence[int] | Select[int]) -> ColumnElement[bool]:
        if isinstance(ids, Select):
            found = ids.subquery()
            return (AuditEntry.subject_kind == self.table) & AuditEntry.subject_id.in_(
                select(cast(next(iter(found.c)), String))
            )
        return (AuditEntry.subject_kind == self.table) & AuditEntry.subject_id.in_([str(one) for one in ids])


def _told(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class AuditView(DeskView, model=AuditEntry):
    """One deed: who, when, what, old and new. Nobody changes it, the database refuses. S2-15.5b"""

    address, title, thing, group = "audit", "Audit trail", "entry", "House"
    told = "Every deed of everybody: who, when, what, old and new values."
    see = May.SEE_AUDIT
    order = ("at", True)
    columns = (
        c.text("deed", "Deed"),
        c.moment("at", "When", sort=True),
        c.text("who", "Who"),
        c.made("about", "About", lambda row: f"{showing.word(row.subject_kind)} {row.subject_id}".strip()),
        c.text("reason", "Reason"),
        c.text("request_id", "Request"),
    )
    filters = (Days("done", "Done", AuditEntry.at),)
    saved = (Saved("mine", "Mine", lambda look: AuditEntry.person_id == look.actor.person_id),)
    loads = ()
    finds = {
        "customer": About("customers"),
        "order": About("orders"),
        "case": About("cases"),
        "product": About("products"),
    }
    finds_by = "number or name of what it is about"
    has_history = False

    def name_of(self, row: Any) -> str:
        return f"{row.who}: {row.deed}"

    async def panels(self, work: Work, row: Any) -> list[Panel]:
        """Field by field: old and new."""
        lines = [
            {"thing": thing, "field": showing.word(name), "old": _told(pair[0]), "new": _told(pair[1])}
            for thing, fields in row.changes.items()
            for name, pair in fields.items()
            if isinstance(pair, list) and len(pair) == 2  # noqa: PLR2004 - old and new
        ]
        columns = tuple(
            c.made(name, label, lambda line, name=name: line[name])  # type: ignore[misc]  # bound now, one for each
            for name, label in (("thing", "Thing"), ("field", "Field"), ("old", "Old"), ("new", "New"))
        )
        return [
            Panel(title="What changed", columns=columns, rows=lines, empty="Nothing but what the deed says.")
        ]


class JobView(DeskView, model=JobSlot):
    """One run of one job on one replica. Decision 23"""

    address, title, thing, group = "jobs", "Job runs", "run", "House"
    told = "What ran by itself, when, and how many things it acted on."
    see = May.SEE_JOBS
    has_details = False
    has_history = False
    order = ("started_at", True)
    columns = (
        c.text("name", "Job"),
        c.moment("started_at", "Started"),
        c.moment("finished_at", "Finished"),
        c.number("acted", "Acted on"),
        c.text("error", "Went wrong"),
        c.text("owner", "Where"),
    )
    filters = (Days("started", "Started", JobSlot.started_at),)
    saved = (Saved("failed", "Went wrong", lambda _: JobSlot.error != ""),)
    empty = "No job has run yet."
