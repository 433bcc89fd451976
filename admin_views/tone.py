"""The words that customers are not written, as a table that managers edit. S0-3.2.1"""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form, SelectField, StringField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views.base import DeskView
from models import ListedWord
from portal.desk import tone
from portal.desk.errors import NotAccepted
from portal.desk.notices import LANGUAGES
from portal.desk.permissions import May
from portal.desk.work import Work

NAMES = ("language", "phrase", "instead", "active")


class ListedWordForm(Form):  # type: ignore[misc]  # WTForms has no types
    language = SelectField("Language", choices=[(one, one) for one in LANGUAGES])
    phrase = StringField(
        "Word or phrase",
        [InputRequired("Write the word."), Length(max=tone.LONGEST_PHRASE)],
        description="Found as whole words, whatever its case. A star at its end stands for any ending: cheap*.",
    )
    instead = StringField(
        "What to say instead",
        [InputRequired("Say what is said instead."), Length(max=tone.LONGEST_INSTEAD)],
    )
    active = BooleanField("On the list")


class ListedWordView(DeskView, model=ListedWord):
    """One word that is pointed out before it is sent to a customer."""

    address, title, thing, group = "listed-words", "Listed words", "word", "Policy"
    told = "Words that are pointed out before they are sent to a customer, with what to say instead."
    see = May.SEE_POLICY
    edit = create = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.text("language", "Language"),
        c.text("phrase", "Word or phrase"),
        c.text("instead", "Instead"),
        c.yes_no("active", "On the list"),
    )
    form = ListedWordForm
    form_columns = list(NAMES)
    empty = "No word is listed."

    def name_of(self, row: Any) -> str:
        return str(row.phrase)

    def typed(self, row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in NAMES}

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        return await tone.add(work, data["language"], data["phrase"], data["instead"])

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        if data.get("language", row.language) != row.language:
            raise NotAccepted(language="The language stays; list the word anew in another one.")
        told = {name: data.get(name, getattr(row, name)) for name in ("phrase", "instead", "active")}
        await tone.change(work, row, version, **told)
