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
from portal.desk.evidence.month import DEFINITIONS, Kept, Month, Resolution, Response, Scores, Spread
from portal.desk.evidence.month import figures as figures_of_month
from portal.desk.evidence.month import read as read_month
from portal.desk.evidence.record import ContactRecord, StepRecord, record_of
from portal.desk.evidence.writing import write

__all__ = [
    "DEFINITIONS",
    "Acted",
    "After",
    "CaseAfter",
    "ContactRecord",
    "Corrected",
    "Filters",
    "Greeting",
    "Kept",
    "Lapse",
    "LowScore",
    "Month",
    "Resolution",
    "Response",
    "Scores",
    "Served",
    "Spread",
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
    "figures_of_month",
    "lapses",
    "left_out_today",
    "low_scores",
    "read_month",
    "record_of",
    "teams",
    "until_greeting",
    "write",
]
