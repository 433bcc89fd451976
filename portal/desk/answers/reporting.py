"""What came of one question: counts, shares and spreads, the latest answers with their contacts.

A constant number of statements, however many answers there are. S3-7.2.1b
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from models import Contact, ContactAnswer
from portal.desk import audit, disclosures
from portal.desk.answers.questions import Asked, question_of
from portal.desk.answers.rows import COVERED, PERSONAL_FIELDS
from portal.desk.fields import FIELDS, Terms, books
from portal.desk.fields.counting import THOUSAND
from portal.desk.listing import first
from portal.desk.money import in_words
from portal.desk.permissions import May
from portal.desk.rows import narrowed, visible
from portal.desk.work import Work

LATEST = 25
MOST_SORTS = 5000
"""Different answers of a choice read at once: of several choices each combination is one."""
BARS = 10
MOST_BARS = 50
"""Different answers that are listed where none are offered, the most frequent ones."""
FAR = timedelta(days=730)
"""Days further apart than this are told by year."""
MOST_COUNTED = 5_000
"""A report is about the latest so many answers, so that it costs the same however many there are."""
MOST_SEARCHED = 20_000
"""Words are looked for in the latest so many answers."""
MOST_EXPORTED = 10_000

_answers: Any = ContactAnswer.__table__


@dataclass(frozen=True, slots=True)
class Bar:
    """One answer, or one span of numbers, and how often it came."""

    label: str
    count: int
    share: float
    """Percent of all who answered."""


@dataclass(frozen=True, slots=True)
class Given:
    """One answer in one contact."""

    contact_id: int
    contact: str
    ended_at: datetime
    shown: str
    cell: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one question in a span of time."""

    asked: Asked
    answered: int
    """Never more than MOST_COUNTED."""
    bars: tuple[Bar, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()
    """(Mean, Median, Lowest, Highest, Earliest, Latest, Yes …, in words)."""
    latest: tuple[Given, ...] = field(default=())

    @property
    def more(self) -> bool:
        """Whether there may be further answers, which are not counted here."""
        return self.answered >= MOST_COUNTED


async def report(
    work: Work, script: str, step: str, name: str, since: datetime, until: datetime, *, words: str = ""
) -> Report:
    """Count the answers to one question, from `since` until before `until`; `words` narrows the latest ones.

    The latest MOST_COUNTED are counted, and words looked for in the latest MOST_SEARCHED.
    Raises NotFound for a question that was never asked. Latest answers are of contacts the actor may see.
    """
    asked = await question_of(work, script, step, name)
    terms = books.terms_of(work)
    of_it = _of(work, script, step, name, since, until)
    counted = _newest(of_it, MOST_COUNTED)
    summed = FIELDS[asked.field.kind].summed
    latest = await _latest(work, asked, of_it, terms, LATEST, words)
    if summed == "numbers":
        total, bars, figures = await _numbers(work, asked, counted, terms)
    elif summed in {"choices", "yes_no"}:
        total, bars, figures = await _choices(work, asked, counted, terms)
    elif summed == "days":
        total, bars, figures = await _days(work, asked, counted, terms)
    else:
        total = await work.session.scalar(select(func.count()).select_from(counted)) or 0
        bars, figures = (), ()
    return Report(asked, total, tuple(bars), tuple(figures), tuple(latest))


async def exported(
    work: Work, script: str, step: str, name: str, since: datetime, until: datetime, given: disclosures.Given
) -> tuple[Asked, list[Given]]:
    """The answers to one question, the newest first, at most ten thousand, for a table to take away.

    It stands in the register of disclosures and in the trail. S4-3.3
    """
    work.require(May.EXPORT)
    asked = await question_of(work, script, step, name)
    of_it = _of(work, script, step, name, since, until)
    found = await _latest(work, asked, of_it, books.terms_of(work), MOST_EXPORTED, "")
    what = f"Answers to {script}, {step}, {name}, {since:%Y-%m-%d} to {until:%Y-%m-%d}"
    disclosures.exported(work, given, what, len(found))
    told = {"export": {"rows": [None, len(found)], "asked": [None, what]}}
    await audit.record(work, "export answers", reason=given.reason, changes=told)
    return asked, found


def _of(
    work: Work, script: str, step: str, name: str, since: datetime, until: datetime
) -> list[ColumnElement[bool]]:
    """The answers meant, of contacts whose case the actor may see. S3-5.1.2"""
    rule = visible(work.actor, ContactAnswer)
    return [
        *([] if rule is None else [rule]),
        _answers.c.script == script,
        _answers.c.step == step,
        _answers.c.field == name,
        _answers.c.ended_at >= since,
        _answers.c.ended_at < until,
    ]


def _newest(of_it: list[ColumnElement[bool]], most: int) -> Any:
    """The latest of these answers, to count or to look through."""
    told = (_answers.c.value, _answers.c.number, _answers.c.day)
    newest = (
        select(_answers.c.id, _answers.c.contact_id, _answers.c.ended_at, *told)
        .where(*of_it)
        .order_by(_answers.c.ended_at.desc(), _answers.c.id.desc())
    )
    return first(newest, most).subquery("newest")


async def _latest(
    work: Work, asked: Asked, of_it: list[ColumnElement[bool]], terms: Terms, most: int, words: str
) -> list[Given]:
    sought = words.strip().lower()[:100]
    given = _newest(of_it, MOST_SEARCHED if sought else most)
    statement: Select[Any] = (
        select(given.c.contact_id, Contact.number, given.c.ended_at, given.c.value)
        .join(Contact, Contact.id == given.c.contact_id)
        .order_by(given.c.ended_at.desc(), given.c.id.desc())
        .limit(most)
    )
    if sought:
        statement = statement.where(func.lower(given.c.value).contains(sought, autoescape=True))
    kind, covered = FIELDS[asked.field.kind], asked.field.kind in PERSONAL_FIELDS
    return [
        Given(
            row.contact_id,
            row.number,
            row.ended_at,
            COVERED if covered else kind.shown(asked.field, row.value, terms),
            COVERED if covered else kind.cell(asked.field, row.value, terms),
        )
        for row in await work.session.execute(narrowed(work.actor, Contact, statement))
    ]


Summed = tuple[int, Iterable[Bar], Iterable[tuple[str, str]]]


async def _choices(work: Work, asked: Asked, given: Any, terms: Terms) -> Summed:
    """How often each answer came: in the order they are offered, then what is offered no more."""
    rows = await work.session.execute(
        select(given.c.value, func.count().label("times"))
        .group_by(given.c.value)
        .order_by(func.count().desc(), given.c.value)
        .limit(MOST_SORTS)
    )
    counts: Counter[str] = Counter()
    total = 0
    kind = FIELDS[asked.field.kind]
    for row in rows:
        total += row.times
        for one in row.value.split("\n") if kind.several else [row.value.split("\n")[0]]:
            counts[one] += row.times
    offered = [one.value for one in asked.field.choices]
    if kind.summed == "yes_no":
        offered = ["yes"] if kind.name == "tick" else ["yes", "no"]
    others = [one for one, _ in counts.most_common() if one not in offered]
    order = [*offered, *(others if offered else others[:MOST_BARS])]
    label = {"yes": "Yes", "no": "No"}
    bars = [
        Bar(
            label.get(one, kind.shown(asked.field, one, terms))
            if kind.summed == "yes_no"
            else kind.shown(asked.field, one, terms),
            counts[one],
            _share(counts[one], total),
        )
        for one in order
    ]
    figures = [("Yes", f"{_share(counts['yes'], total):.0f} %")] if kind.name == "yes_no" and total else []
    return total, bars, figures


async def _days(work: Work, asked: Asked, given: Any, terms: Terms) -> Summed:
    """The first and the last day, and how many days of each month were told, of each year where they lie far apart."""
    rows = await work.session.execute(
        select(given.c.day, func.count().label("times")).where(given.c.day.is_not(None)).group_by(given.c.day)
    )
    counts = {row.day: row.times for row in rows}
    if not counts:
        return 0, [], []
    first_day, last_day = min(counts), max(counts)
    total = sum(counts.values())
    far = last_day - first_day > FAR
    told: Counter[str] = Counter()
    for day in sorted(counts):
        told[f"{day:%Y}" if far else f"{day:%B %Y}"] += counts[day]
    bars = [Bar(label, times, _share(times, total)) for label, times in told.items()]
    days = FIELDS["date"]
    figures = [
        (name, days.shown(asked.field, day.isoformat(), terms))
        for name, day in (("Earliest", first_day), ("Latest", last_day))
    ]
    return total, bars[-MOST_BARS:], figures


async def _numbers(work: Work, asked: Asked, given: Any, terms: Terms) -> Summed:
    """Mean, median and ends, and how the numbers spread."""
    number = given.c.number
    row = (
        await work.session.execute(
            select(func.count(number).label("n"), func.avg(number), func.min(number), func.max(number))
        )
    ).one()
    total, mean, least, most = row
    if not total:
        return 0, [], []
    middle = (
        select(number)
        .where(number.is_not(None))
        .order_by(number)
        .offset((total - 1) // 2)
        .limit(2 - total % 2)
        .subquery()
    )
    median = await work.session.scalar(select(func.avg(middle.c.number)))

    def in_this(value: Any) -> str:
        return _in_words(asked, Decimal(value), terms)

    figures = [
        ("Mean", in_this(mean)),
        ("Median", in_this(median)),
        ("Lowest", in_this(least)),
        ("Highest", in_this(most)),
    ]
    width = 1 if asked.field.kind == "scale" else max(1, -(-(most - least + 1) // BARS))
    place = (number - least) / width if width == 1 else (number - least - (number - least) % width) / width
    spread = {
        int(one): count
        for one, count in await work.session.execute(
            select(place.label("place"), func.count()).where(number.is_not(None)).group_by("place")
        )
    }
    bars = []
    for one in range(int((most - least) // width) + 1):
        low, high = least + one * width, min(least + (one + 1) * width - 1, most)
        label = in_this(low) if low == high else f"{in_this(low)} to {in_this(high)}"
        bars.append(Bar(label, spread.get(one, 0), _share(spread.get(one, 0), total)))
    return total, bars, figures


def _in_words(asked: Asked, value: Decimal, terms: Terms) -> str:
    """A number of the table in the words of its kind."""
    match asked.field.kind:
        case "money":
            return in_words(round(value), terms.currency)
        case "number":
            plain = f"{value / THOUSAND:.3f}".rstrip("0").rstrip(".")
            return FIELDS["number"].shown(asked.field, plain, terms)
        case _:
            return f"{value:.2f}".rstrip("0").rstrip(".")


def _share(count: int, total: int) -> float:
    return 100 * count / total if total else 0.0
