"""The answers to the desk's own questions: kept when a contact ends, counted, searched, read. S1-6.2, S3-7.2.1b"""

from __future__ import annotations

from portal.desk.answers.questions import Asked, known, question_of
from portal.desk.answers.reporting import Bar, Given, Report, exported, report
from portal.desk.answers.rows import Pointed, pointed_at, rows_of, shown

__all__ = [
    "Asked",
    "Bar",
    "Given",
    "Pointed",
    "Report",
    "exported",
    "known",
    "pointed_at",
    "question_of",
    "report",
    "rows_of",
    "shown",
]
