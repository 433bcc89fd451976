"""How well contacts are taken, as a habit: a card of criteria, samples that anybody can draw again, scores, answers.

S2-0.4, S2-15.6, S3-18.1.1b
"""

from __future__ import annotations

from portal.desk.quality.averages import Average, averages
from portal.desk.quality.card import MOST_CRITERIA, Criterion, criteria_of, in_force, write
from portal.desk.quality.sampling import MOST_EACH, Sampled, draw, listed, load, months, redrawn, scores_of
from portal.desk.quality.scoring import adherence, answer, mine, of_contact, one, own, score

__all__ = [
    "MOST_CRITERIA",
    "MOST_EACH",
    "Average",
    "Criterion",
    "Sampled",
    "adherence",
    "answer",
    "averages",
    "criteria_of",
    "draw",
    "in_force",
    "listed",
    "load",
    "mine",
    "months",
    "of_contact",
    "one",
    "own",
    "redrawn",
    "score",
    "scores_of",
    "write",
]
