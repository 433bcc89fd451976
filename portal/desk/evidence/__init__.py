"""The proof that the procedures were followed: written when a contact ends, read by contact and by clause. S1-3.4c"""

from __future__ import annotations

from portal.desk.evidence.afterwards import After, CaseAfter, TeamAfter, asked_after, cases_after
from portal.desk.evidence.compliance import (
    Filters,
    Lapse,
    Served,
    compliance,
    contacts_of,
    lapses,
    left_out_today,
    teams,
)
from portal.desk.evidence.counting import count_days
from portal.desk.evidence.figures import (
    Corrected,
    Greeting,
    Went,
    cases_went,
    corrected,
    until_greeting,
)
from portal.desk.evidence.low_scores import Acted, LowScore, acted_on, low_scores
from portal.desk.evidence.record import ContactRecord, StepRecord, record_of
from portal.desk.evidence.writing import write

__all__ = [
    "Acted",
    "After",
    "CaseAfter",
    "ContactRecord",
    "Corrected",
    "Filters",
    "Greeting",
    "Lapse",
    "LowScore",
    "Served",
    "StepRecord",
    "TeamAfter",
    "Went",
    "acted_on",
    "asked_after",
    "cases_after",
    "cases_went",
    "compliance",
    "contacts_of",
    "corrected",
    "count_days",
    "lapses",
    "left_out_today",
    "low_scores",
    "record_of",
    "teams",
    "until_greeting",
    "write",
]
