"""What the law of a region wants said, as a table that managers edit. S3-10.2.1"""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, DateField, Form, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views.base import DeskView
from models import Announcement
from models.words import Channel
from portal import showing
from portal.desk import announcements
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.work import Work

FIXED = ("country", "channel")
CHANGED = ("words_en", "words_de", "valid_from", "active")


class AnnouncementForm(Form):  # type: ignore[misc]  # WTForms has no types
    country = StringField(
        "Country of the customer",
        [Length(max=60)],
        description="Its name or code, such as DE. Empty for everywhere else, and while nobody knows.",
    )
    channel = SelectField(
        "Channel",
        choices=[("", "Every channel"), *((one.value, showing.word(one)) for one in Channel)],
    )
    words_en = TextAreaField("Text in English", [Length(max=announcements.LONGEST)])
    words_de = TextAreaField("Text in German", [Length(max=announcements.LONGEST)])
    valid_from = DateField("Said from", [InputRequired("Choose the first day.")])
    active = BooleanField("In use")


class AnnouncementView(DeskView, model=Announcement):
    """One text that has to be said to the customers of one country, or everywhere else."""

    address, title, thing, group = "announcements", "Announcements", "announcement", "Policy"
    told = "What the law of a country wants said in a contact. The newest whose day has come is shown, and ticked off."
    see = May.SEE_POLICY
    edit = create = (May.EDIT_POLICY,)
    order = ("id", True)
    columns = (
        c.made("key", "Name", announcements.key_of),
        c.text("country", "Country"),
        c.word("channel", "Channel"),
        c.long_text("words_en", "In English"),
        c.long_text("words_de", "In German"),
        c.day("valid_from", "Said from"),
        c.yes_no("active", "In use"),
    )
    form = AnnouncementForm
    form_columns = [*FIXED, *CHANGED]
    empty = "Nothing has to be said by region."

    def name_of(self, row: Any) -> str:
        return announcements.key_of(row)

    def typed(self, row: Any) -> dict[str, Any]:
        return {**{name: getattr(row, name) for name in (*FIXED, *CHANGED)}, "channel": row.channel or ""}

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        told = {name: data.get(name) or "" for name in ("country", "words_en", "words_de")}
        return await announcements.add(
            work, **told, channel=_channel(data.get("channel")), valid_from=data["valid_from"]
        )

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        before = {"country": row.country, "channel": row.channel}
        after = {"country": data.get("country", row.country) or "", "channel": row.channel}
        if "channel" in data:
            after["channel"] = _channel(data["channel"])
        if moved := [name for name in FIXED if after[name] != before[name]]:
            raise NotAccepted.of(dict.fromkeys(moved, "This stays; write a new one for another."))
        told = {name: data.get(name, getattr(row, name)) for name in CHANGED}
        words = {name: told[name] or "" for name in ("words_en", "words_de")}
        await announcements.change(work, row, version, **{**told, **words})


def _channel(told: str | None) -> Channel | None:
    return Channel(told) if told else None
