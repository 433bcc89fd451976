"""Practising: scenarios as data, what the system checks step by step, and the record of it. S2-0.3, S3-8.2, S3-13"""

from __future__ import annotations

from portal.desk.training.checking import Card, Checked, card_of, check, scenario_of, tells
from portal.desk.training.records import TOUR, begin, conclude, conclude_tour, latest, listed, record_of
from portal.desk.training.scenarios import Check, Line, Scenario, scenario, scenarios

__all__ = [
    "TOUR",
    "Card",
    "Check",
    "Checked",
    "Line",
    "Scenario",
    "begin",
    "card_of",
    "check",
    "conclude",
    "conclude_tour",
    "latest",
    "listed",
    "record_of",
    "scenario",
    "scenario_of",
    "scenarios",
    "tells",
]
