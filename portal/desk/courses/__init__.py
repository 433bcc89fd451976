"""Courses: articles with questions, who passed them, and which role takes which. S2-7.2, S2-7.3, S2-7.6, S2-7.7

A course is an article of the library, never a text of its own. `questions` keeps its bank, `trying` puts the questions and
computes the score, `standing` knows who has to take what by when, `planning` says which role takes it and reminds,
`covering` counts role by course, `pack` is what ships with the product.
"""

from portal.desk.courses.covering import Cell, Line, Taker, coverage, exported, leaf_of, plan_of, takers_of
from portal.desk.courses.pack import install
from portal.desk.courses.planning import plan, plans_of, remind, unplan
from portal.desk.courses.questions import (
    MOST_CHOICES,
    Asked,
    Choice,
    Terms,
    ask,
    bank,
    course_of,
    put,
    take_out,
)
from portal.desk.courses.standing import EVERY, Offered, Standing, ToTake, mine, offered, waiting
from portal.desk.courses.trying import Sheet, Tried, begin, finish, history, sheet

__all__ = [
    "EVERY",
    "MOST_CHOICES",
    "Asked",
    "Cell",
    "Choice",
    "Line",
    "Offered",
    "Sheet",
    "Standing",
    "Taker",
    "Terms",
    "ToTake",
    "Tried",
    "ask",
    "bank",
    "begin",
    "course_of",
    "coverage",
    "exported",
    "finish",
    "history",
    "install",
    "leaf_of",
    "mine",
    "offered",
    "plan",
    "plan_of",
    "plans_of",
    "put",
    "remind",
    "sheet",
    "take_out",
    "takers_of",
    "unplan",
    "waiting",
]
