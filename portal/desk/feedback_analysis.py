"""What customers said in a month: which kinds of matters score low, which words come again, and how it changed.

S3-11.1.1a, S3-11.1.1b

A job makes one for each month that is over, those that passed while it stood still included, and it stays as it is. A
word counts once a comment, and only where several comments have it: so a name that somebody wrote is in none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, defer

from models import Case, Feedback, FeedbackAnalysis
from models.words import FeedbackKind
from portal.desk import audit, bulk, policy
from portal.desk.errors import NotFound
from portal.desk.evidence.compliance import month_of, today
from portal.desk.evidence.counting import AFTER_MIDNIGHT, start_of, within
from portal.desk.listing import PAGE, Rows, newest_first, paged
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import AS_SUPERVISOR, Work

MOST_MONTHS = 12
"""So many months that passed without an analysis are made up for."""
MOST_WORDS = 12
_WORD = re.compile(r"[^\W\d_]{4,}")
_FILLING = frozenset(
    {
        "about", "after", "again", "aber", "also", "alle", "auch", "been", "before", "being", "bitte", "could",
        "danke", "dann", "dass", "denn", "diese", "does", "doch", "eine", "einen", "einer", "even", "from", "habe",
        "haben", "hatte", "have", "having", "here", "ihre", "immer", "just", "kein", "keine", "like", "made", "make",
        "mehr", "mich", "more", "much", "nach", "nicht", "nichts", "noch", "nothing", "nur", "oder", "only", "over",
        "schon", "sehr", "sein", "seine", "should", "sich", "sind", "some", "such", "than", "that", "their", "them",
        "then", "there", "they", "this", "thank", "thanks", "till", "unser", "very", "waren", "warum", "was", "well",
        "were", "what", "when", "where", "which", "while", "will", "wird", "wurde", "wurden", "with", "would", "you",
        "your",
    }
)  # fmt: skip
"""Words that say nothing of what was wrong, in the languages customers are asked in."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How matters of one kind were scored, and the month before."""

    kind: str
    """A kind of case, or `delivery`."""
    answers: int
    mean: float
    low: int
    low_before: int

    @property
    def recurring(self) -> bool:
        """Whether low scores of it come again, and no fewer than the month before."""
        return self.low >= policy.RECURRING and self.low >= self.low_before


@dataclass(frozen=True, slots=True)
class Term:
    """A word that several customers wrote with a low score: in how many comments, and in how many the month before."""

    word: str
    comments: int
    before: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """One month beside the one before."""

    answers: int
    answers_before: int
    mean: float | None
    mean_before: float | None
    kinds: Sequence[Kind]
    """The most low scores first."""
    words: Sequence[Term]


async def make_due(work: Work) -> int:
    """Analyse each month that is over and was not yet, from the first with an answer on; return how many.

    Run twice, or on several replicas at once, it makes each once. S3-11.1.1a
    """
    here = today(work)
    last = month_of(here)[0] - timedelta(days=1)
    if work.now < start_of(here.replace(day=1)) + AFTER_MIDNIGHT:
        last = last.replace(day=1) - timedelta(days=1)  # who still commits to the month is waited for
    first = await work.session.scalar(select(func.min(Feedback.answered_at)))
    made = set(await work.session.scalars(select(FeedbackAnalysis.month)))
    wanted: list[date] = []
    month = last.replace(day=1)
    while (
        first is not None
        and month >= first.astimezone(UTC).date().replace(day=1)
        and len(wanted) < MOST_MONTHS
    ):
        if month in made:
            break  # those before it were made with it
        wanted.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    if not wanted:
        return 0
    rows = [
        {"month": one, "figures": asdict(await _analysed(work, one)), "made_at": work.now}
        for one in reversed(wanted)
    ]
    table: Any = FeedbackAnalysis.__table__
    written = (
        bulk.insert_of(work.session)(table).on_conflict_do_nothing(index_elements=["month"]).values(rows)
    )
    found = await work.session.execute(
        written.returning(table.c.id, table.c.month), execution_options={"audited": True}
    )
    changes: list[tuple[int, dict[str, Any]]] = [
        (number, {"month": [None, one.isoformat()]}) for number, one in found
    ]
    await audit.record_each(work, "analyse feedback", FeedbackAnalysis.__tablename__, changes)
    return len(changes)


async def listed(work: Work, before: str = "", limit: int = PAGE) -> Rows[FeedbackAnalysis]:
    """Every analysis, the newest month first, without its figures."""
    work.require(May.SEE_FEEDBACK)
    chosen = select(FeedbackAnalysis).options(defer(FeedbackAnalysis.figures, raiseload=True))
    ordered = newest_first(chosen, FeedbackAnalysis.made_at, FeedbackAnalysis.id, before).limit(limit + 1)
    return paged(list(await work.session.scalars(ordered)), limit, lambda one: one.made_at)


async def load(work: Work, analysis_id: int) -> FeedbackAnalysis:
    """One analysis. Raises NotFound."""
    work.require(May.SEE_FEEDBACK)
    found: FeedbackAnalysis | None = await work.session.scalar(
        select(FeedbackAnalysis).where(FeedbackAnalysis.id == analysis_id)
    )
    if found is None:
        raise NotFound("There is no such analysis.")
    return found


def read(told: Mapping[str, Any]) -> Analysis:
    """The figures as a row keeps them."""
    return Analysis(
        **{
            **told,
            "kinds": [Kind(**one) for one in told["kinds"]],
            "words": [Term(**one) for one in told["words"]],
        }
    )


async def _analysed(work: Work, month: date) -> Analysis:
    """Work out one month, as a supervisor sees it. Four statements."""
    before = month_of(month - timedelta(days=1))
    now_kinds, then_kinds = await _kinds(work, *month_of(month)), await _kinds(work, *before)
    now_words, then_words = await _words(work, *month_of(month)), await _words(work, *before)
    kinds = [
        Kind(kind, answers, total / answers, low, then_kinds.get(kind, (0, 0, 0))[2])
        for kind, (answers, total, low) in now_kinds.items()
    ]
    terms = [
        Term(word, many, then_words[word]) for word, many in now_words.items() if many >= policy.RECURRING
    ]
    return Analysis(
        *_sums(now_kinds, then_kinds),
        sorted(kinds, key=lambda one: (-one.low, one.mean, one.kind)),
        sorted(terms, key=lambda one: (-one.comments, one.before, one.word))[:MOST_WORDS],
    )


def _sums(
    now: Mapping[str, tuple[int, int, int]], then: Mapping[str, tuple[int, int, int]]
) -> tuple[int, int, float | None, float | None]:
    counts = [sum(one[0] for one in kinds.values()) for kinds in (now, then)]
    totals = [sum(one[1] for one in kinds.values()) for kinds in (now, then)]
    means = [total / count if count else None for total, count in zip(totals, counts, strict=True)]
    return counts[0], counts[1], means[0], means[1]


async def _kinds(work: Work, since: date, until: date) -> dict[str, tuple[int, int, int]]:
    """{kind: (answers, sum of the scores, low ones)} of what was answered in these days."""
    about = aliased(Case)  # the rule of who sees what looks into the cases itself
    counted = (
        select(
            Feedback.kind,
            about.kind,
            func.count(),
            func.sum(Feedback.score),
            func.count().filter(Feedback.score <= policy.LOW_SCORE),
        )
        .select_from(Feedback)
        .outerjoin(about, about.id == Feedback.case_id)
        .where(within(Feedback.answered_at, since, until))
        .group_by(Feedback.kind, about.kind)
    )
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for kind, of_case, *counts in await work.session.execute(narrowed(AS_SUPERVISOR, Feedback, counted)):
        name = of_case.value if kind is FeedbackKind.RESOLUTION and of_case else str(kind)
        found[name] = [known + int(more) for known, more in zip(found[name], counts, strict=True)]
    return {kind: (answers, total, low) for kind, (answers, total, low) in found.items()}


async def _words(work: Work, since: date, until: date) -> Counter[str]:
    """In how many comments with a low score each word stands."""
    comments = select(Feedback.comment).where(
        within(Feedback.answered_at, since, until), Feedback.score <= policy.LOW_SCORE, Feedback.comment != ""
    )
    told: Counter[str] = Counter()
    for comment in await work.session.scalars(narrowed(AS_SUPERVISOR, Feedback, comments)):
        told.update(set(_WORD.findall(comment.casefold())) - _FILLING)
    return told
