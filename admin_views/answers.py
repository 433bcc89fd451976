"""The answers to the desk's own questions, one row each. Written when a contact ends, and never changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import joinedload

from admin_views import columns as c
from admin_views.base import DeskView
from admin_views.filters import Days
from models import Contact, ContactAnswer
from portal.desk.answers.rows import COVERED, PERSONAL_FIELDS
from portal.desk.permissions import May


def _answer(row: Any) -> str:
    """As its kind keeps it; what tells who the customer is stays covered here. Decision 18"""
    return COVERED if row.kind in PERSONAL_FIELDS else str(row.value).replace("\n", ", ")


class AnswerView(DeskView, model=ContactAnswer):
    """What was answered to the desk's own questions. S3-7.2.1b"""

    address, title, thing = "answers", "Answers", "answer"
    told = (
        "Answers to the questions that this desk asks of its own. What came of each question is at Answers."
    )
    see = May.SEE_EVIDENCE
    order = ("ended_at", True)
    columns = (
        c.link("contact.number", "Contact", to="contacts", allow=May.SEE_CONTACTS),
        c.moment("ended_at", "Ended", sort=True),
        c.word("script", "Script"),
        c.word("step", "Step"),
        c.word("field", "Question"),
        c.made("value", "Answer", _answer),
    )
    filters = (Days("ended", "Ended", ContactAnswer.ended_at),)
    loads = (joinedload(ContactAnswer.contact).load_only(Contact.id, Contact.number),)
    detail_loads = loads
    begins = (ContactAnswer.script,)
    finds_by = "script"
    empty = "No question of this desk's own has been answered yet."
