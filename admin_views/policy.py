"""What a manager changes without code: opening hours and exceptional days; and every version of the policy. S0-4"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, DateField, Form, StringField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views import forms
from admin_views.base import DeskView, Panel, post_action
from admin_views.filters import Choice
from models import BusinessCalendar, CalendarDay, Person, PolicyVersion
from models.words import PolicyStatus
from portal.desk import policy, policy_telling, policy_versions, rows, rulebook
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.work import Actor, Work

SHOWN_DAYS = 60


@dataclass(frozen=True, slots=True)
class Opening:
    """One open window to come."""

    words: str


class CalendarForm(Form):  # type: ignore[misc]  # WTForms has no types
    name = StringField("Name", [InputRequired("A calendar needs a name."), Length(max=120)])
    zone = StringField(
        "Time zone",
        [InputRequired("A calendar needs a time zone."), Length(max=64)],
        description="Such as Europe/Berlin.",
    )
    hours = StringField(
        "Opening hours",
        [InputRequired("A calendar needs opening hours."), Length(max=500)],
        description="Such as Mo-Fr 09:00-17:30; Sa 10:00-13:00.",
    )
    region = StringField(
        "Holidays of", [Length(max=20)], description="A country or a part of one: DE, DE-BE, GB-ENG."
    )
    is_default = BooleanField("The calendar of every case that names none")


class CalendarView(DeskView, model=BusinessCalendar):
    """Opening hours. A change is a version of the policy, and the running clocks follow it."""

    address, title, thing, group = "calendars", "Calendars", "calendar", "Policy"
    told = "When the desk is open; the clocks run on them."
    see = May.SEE_POLICY
    edit = create = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.text("name", "Name"),
        c.text("hours", "Opening hours"),
        c.text("zone", "Time zone"),
        c.text("region", "Holidays of"),
        c.yes_no("is_default", "Default"),
        c.moment("changed_at", "Changed"),
    )
    begins = (BusinessCalendar.name,)
    finds_by = "name"
    form = CalendarForm
    form_columns = ["name", "zone", "hours", "region", "is_default"]

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        ways = [("/policy#calendars", "In the policy")]
        if not actor.may(May.EDIT_POLICY):
            return ways
        return [(f"/admin/calendar-days/create?calendar={row.id}", "Add a day"), *ways]

    async def panels(self, work: Work, row: Any) -> list[Panel]:
        """When it opens next, as the version in force says it, and the exceptional days to come."""
        in_force = (await policy_versions.in_force(work)).calendars.get(row.id)
        opens = policy_telling.next_windows(in_force, work.now) if in_force else []
        today = (work.now - timedelta(days=1)).date()
        statement = select(CalendarDay).where(CalendarDay.calendar_id == row.id, CalendarDay.day >= today)
        days = await work.session.scalars(
            rows.narrowed(work.actor, CalendarDay, statement).order_by(CalendarDay.day).limit(SHOWN_DAYS)
        )
        return [
            Panel(
                title="Opens next",
                columns=(c.text("words", f"On its own clock, {row.zone}"),),
                rows=[Opening(words) for words in opens],
                empty="The policy in force does not have it.",
                to="/policy#calendars",
                more="In the policy",
            ),
            Panel(
                title="Exceptional days to come",
                columns=(
                    c.made_link("day", "Day", "calendar-days"),
                    c.text("hours", "Hours"),
                    c.text("name", "Name"),
                ),
                rows=days.all(),
                empty="None: the desk opens as the hours say.",
            ),
        ]

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        return await rulebook.add_calendar(
            work, data["name"], data["zone"], data["hours"], data.get("region", "")
        )

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        await rulebook.change_calendar(work, row, version, **data)

    @post_action(
        "fill-holidays",
        "Fill in holidays",
        allow=May.EDIT_POLICY,
        done="now has its holidays",
        icon="calendar",
    )
    async def fill_holidays(self, work: Work, row: BusinessCalendar, _reason: str) -> None:
        years = range(work.now.year, work.now.year + 1 + policy.HOLIDAY_YEARS_AHEAD)
        await rulebook.fill_holidays(work, row, years)


class CalendarDayForm(Form):  # type: ignore[misc]  # WTForms has no types
    calendar = forms.LookupField("Calendar", [InputRequired("Choose a calendar.")])
    day = DateField("Day", [InputRequired("Choose a day.")])
    hours = StringField(
        "Hours",
        [InputRequired("Say off, or hours such as 09:00-12:00."), Length(max=120)],
        default="off",
        description="off, or hours of its own such as 09:00-12:00.",
    )
    name = StringField("Name", [Length(max=200)], description="Such as Boxing Day.")


class CalendarDayView(DeskView, model=CalendarDay):
    """One date that is not as the week says."""

    address, title, thing, group = "calendar-days", "Calendar days", "day", "Policy"
    told = "Holidays and other days with hours of their own."
    see = May.SEE_POLICY
    edit = create = (May.EDIT_POLICY,)
    order = ("id", True)
    columns = (
        c.day("day", "Day"),
        c.link("calendar.name", "Calendar", to="calendars", allow=May.SEE_POLICY),
        c.text("hours", "Hours"),
        c.text("name", "Name"),
    )
    loads = detail_loads = (
        joinedload(CalendarDay.calendar).load_only(BusinessCalendar.id, BusinessCalendar.name),
    )
    begins = (CalendarDay.name,)
    finds_by = "name of the day"
    has_history = False  # the entries stand with the calendar
    form = CalendarDayForm
    form_columns = ["calendar", "day", "hours", "name"]

    @classmethod
    def lookups(cls) -> dict[str, type[Any]]:
        return {"calendar": BusinessCalendar}

    def name_of(self, row: Any) -> str:
        return f"{row.day:%d.%m.%Y} {row.name}".strip()

    def typed(self, row: Any) -> dict[str, Any]:
        return {"calendar": row.calendar_id, "day": row.day, "hours": row.hours, "name": row.name}

    async def prepare(self, form: Form, work: Work) -> None:
        key = form.calendar.data
        found = await self._calendar(work, key) if key and abs(key) <= forms.LARGEST else None
        form.calendar.told = found.name if found else ""

    async def _calendar(self, work: Work, key: int) -> BusinessCalendar | None:
        statement = select(BusinessCalendar).where(BusinessCalendar.id == key)
        found: BusinessCalendar | None = await work.session.scalar(
            rows.narrowed(work.actor, BusinessCalendar, statement)
        )
        return found

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        calendar = await self._calendar(work, data["calendar"])
        if calendar is None:
            raise NotAccepted(calendar="Choose a calendar of the list.")
        return await rulebook.set_calendar_day(
            work, calendar, data["day"], data["hours"], data.get("name", "")
        )

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        if (data["calendar"], data["day"]) != (row.calendar_id, row.day):
            raise NotAccepted(day="The day stays; make a new one for another date.")
        calendar = await work.session.get_one(BusinessCalendar, row.calendar_id)
        await rulebook.set_calendar_day(work, calendar, row.day, data["hours"], data.get("name", row.name))

    @post_action(
        "make-ordinary",
        "Make it an ordinary day",
        allow=May.EDIT_POLICY,
        done="ordinary again",
        icon="x",
        gone=True,
    )
    async def make_ordinary(self, work: Work, row: CalendarDay, _reason: str) -> None:
        calendar = await work.session.get_one(BusinessCalendar, row.calendar_id)
        await rulebook.remove_calendar_day(work, calendar, row.day)


class PolicyVersionView(DeskView, model=PolicyVersion):
    """Every version of the policy there was. Drafts are written and published on pages of their own. Decision 8"""

    address, title, thing, group = "policy-versions", "Policy versions", "version", "Policy"
    told = "Targets, levels and calendars as they were in force, and from when."
    see = May.SEE_POLICY
    order = ("id", True)
    columns = (
        c.number("number", "Version"),
        c.word("status", "State"),
        c.moment("in_force_from", "In force from"),
        c.text("note", "What changed"),
        c.link("published_by.name", "Published by", to="people", allow=May.SEE_PEOPLE),
    )
    loads = detail_loads = (joinedload(PolicyVersion.published_by).load_only(Person.id, Person.name),)
    filters = (Choice("state", "State", PolicyVersion.status, PolicyStatus),)

    def name_of(self, row: Any) -> str:
        return str(row)

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        del actor  # whoever sees the policy may look at it as the desk does
        return [(f"/policy/versions/{row.id}", "What it says")]
