"""How values look to a reader: money, moments in the reader's zone, our words in plain English."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.numbers import format_currency, get_currency_precision
from markupsafe import Markup, escape

MINUTES_IN_WORDS = 60
NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}
DAYS_IN_A_WEEK = 7
TWO_DAYS = 48
"""Hours; from here on an age is told in days."""

LABELS = {
    "in_person": "In person",
    "same_business_day": "Same business day",
    "business_days": "Business days",
    "order_error": "Order error",
    "payment_issue": "Payment issue",
    "service_request": "Service request",
    "open_case": "About an open case",
}


def word(value: object) -> str:
    """One of our words as a reader expects it: `payment_issue` is "Payment issue"."""
    if value is None:
        return ""
    plain = str(value.value) if isinstance(value, Enum) else str(value)
    if not plain.islower():  # a name that somebody gave, such as that of a channel of the desk's own
        return plain
    return LABELS.get(plain) or plain.replace("_", " ").replace("-", " ").capitalize()


@lru_cache(maxsize=4096)
def money(minor: int, currency: str = "EUR") -> str:
    """Minor units as an amount with its currency: 1250 is €12.50."""
    digits = get_currency_precision(currency)
    return format_currency(minor / 10**digits if digits else minor, currency, locale="en")


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def exact(moment: datetime, zone: str) -> str:
    """The full moment: `Mon 2 Mar 2026, 09:30:00 CET`."""
    local = moment.astimezone(zone_of(zone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S %Z}"


def tenths(value: int) -> str:
    """Tenths as a number with one place: 875 is 87.5."""
    return f"{value / 10:.1f}"


def age(since: datetime, now: datetime) -> str:
    """How long ago something began: `5 min`, `3 h`, `12 days`."""
    minutes = max(int((now - since).total_seconds()) // 60, 0)
    if minutes < MINUTES_IN_WORDS:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < TWO_DAYS else f"{hours // 24} days"


def clock_words(moment: datetime, now: datetime, zone: str) -> str:
    """A moment in few words: `in 9 min`, `5 min ago`, `today 15:00`, `Fri 09:30`, `12 Mar 2026`."""
    away = moment - now
    minutes = round(abs(away).total_seconds() / 60)
    if minutes == 0:
        return "now"
    if minutes < MINUTES_IN_WORDS:
        return f"in {minutes} min" if away > timedelta(0) else f"{minutes} min ago"
    local, today = moment.astimezone(zone_of(zone)), now.astimezone(zone_of(zone)).date()
    days = (local.date() - today).days
    if days in NEAR_DAYS:
        return f"{NEAR_DAYS[days]} {local:%H:%M}"
    if abs(days) < DAYS_IN_A_WEEK:
        return f"{local:%a %H:%M}" if days > 0 else f"last {local:%a %H:%M}"
    return f"{local.day} {local:%b %Y}"


def moment(value: datetime | None, now: datetime, zone: str) -> Markup:
    """A moment as a <time> element: words to read, the exact moment on hover and focus."""
    if value is None:
        return Markup('<span class="hr-none">–</span>')
    at, told, words = value.astimezone(UTC).isoformat(), exact(value, zone), clock_words(value, now, zone)
    # Markup.format takes a string apart anew each time: a third of what a list of moments costs.
    return Markup(f'<time datetime="{at}" title="{escape(told)}">{escape(words)}</time>')  # noqa: S704 - every part is escaped


def day(value: date | None) -> str:
    return f"{value:%a} {value.day} {value:%b %Y}" if value else ""


def article(value: str) -> Markup:
    """Plain text as it is written in the library: paragraphs apart by an empty line, points beginning with `- `."""
    made = []
    for block in re.split(r"\n\s*\n", value.strip()):
        points: list[str] = []
        said: list[str] = []
        for line in block.splitlines():
            if line.startswith("- "):
                points.append(line[2:])
            elif points:
                points[-1] += f" {line.strip()}"
            else:
                said.append(line)
        if said:
            made.append(Markup("<p>{}</p>").format(lines("\n".join(said))))
        if points:
            listed = Markup("").join(Markup("<li>{}</li>").format(point) for point in points)
            made.append(Markup("<ul>{}</ul>").format(listed))
    return Markup("\n").join(made)


def lines(value: str) -> Markup:
    """Text with its line breaks kept, everything else escaped."""
    return Markup("<br>").join(escape(part) for part in value.splitlines())
