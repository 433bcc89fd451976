"""The writer of messages: templates/mail/<language>/<template>.txt and .html, rendered with their facts. S0-0.2

The text template also holds the block `subject`. What a template is not told stops the deed, and everything is
escaped in the HTML part: a name is never markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_precision
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup, escape

from portal.desk.work import Letter

MAIL = Path(__file__).resolve().parent.parent / "templates" / "mail"

LOCALES = {"en": "en_GB", "de": "de_DE"}
MOMENTS = {"en": "EEEE d MMMM y, HH:mm z", "de": "EEEE, d. MMMM y, HH:mm z"}

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "answer": "first answer",
        "acknowledge": "acknowledgement",
        "resolve": "resolution",
        "escalate": "escalation",
    },
    "de": {
        "inquiry": "Anfrage",
        "complaint": "Beschwerde",
        "order_error": "Bestellfehler",
        "payment_issue": "Zahlungsproblem",
        "service_request": "Serviceanfrage",
        "support": "Supportanfrage",
        "acknowledge": "Eingangsbestätigung",
        "answer": "erste Antwort",
        "next_answer": "nächste Antwort",
        "update": "Zwischenstand",
        "resolve": "Lösung",
        "escalate": "Eskalation",
        "phone": "Telefon",
        "email": "E-Mail",
        "social": "soziales Netzwerk",
        "online": "Webformular",
        "in_person": "persönlich",
        "cash": "bar",
        "transfer": "Überweisung",
        "terminal": "Kartenterminal",
        "call_back": "Rückruf",
        "promise": "Zusage",
        "data_request": "Anfrage zu den eigenen Daten",
        "delivery_check": "Nachfrage zur Lieferung",
        "resolution_check": "Nachfrage zur Lösung",
        "confirmation_call": "Anruf zur Bestätigung",
        "confirmation_message": "Nachricht zur Bestätigung",
        "status_update": "Zwischenstand",
        "representative": "Kundenservice",
        "supervisor": "Teamleitung",
        "manager": "Leitung",
        "finance": "Finanzen",
        "inventory": "Lager",
        "fulfilment": "Versand",
        "administrator": "Administration",
    },
}
"""Our own words as a reader sees them, where taking the underscore out is not enough."""

_BLANK_LINES = re.compile(r"\n{3,}")


@pass_context
def word(facts: Context, value: str) -> str:
    """Say one of our own words in the letter's language."""
    return said_word(value, facts["language"])


def said_word(value: str, language: str) -> str:
    """One of our own words as a customer who speaks this language reads it."""
    return WORDS[language].get(str(value), str(value).replace("_", " "))


@pass_context
def money(facts: Context, minor: int, currency: str) -> str:
    """Write an amount of minor units as the letter's readers write money."""
    amount = minor / 10 ** get_currency_precision(currency)
    return format_currency(amount, currency, locale=LOCALES[facts["language"]])


@pass_context
def percent(facts: Context, basis_points: int) -> str:
    """Write a share as the letter's readers write it: 7.5 %, 7,5 %."""
    share = format_decimal(Decimal(basis_points).scaleb(-2), "0.##", locale=LOCALES[facts["language"]])
    return f"{share} %"


@pass_context
def day(facts: Context, value: date) -> str:
    """Write a date in words: Monday, 2 March 2026."""
    return said_day(value, facts["language"])


def said_day(value: date, language: str) -> str:
    """A date in words of this language."""
    return format_date(value, "full", locale=LOCALES[language])


@pass_context
def moment(facts: Context, value: datetime) -> str:
    """Write a moment on the reader's clock, with its zone."""
    return said_moment(value, facts["zone"], facts["language"])


def said_moment(value: datetime, zone: str, language: str) -> str:
    """A moment to the minute on the clock of a zone, in words of this language."""
    return _moment(value.replace(second=0, microsecond=0), zone, language)


@lru_cache(maxsize=4096)
def _moment(minute: datetime, zone: str, language: str) -> str:
    """A sweep tells many readers of the same minute."""
    at = minute.astimezone(ZoneInfo(zone))
    return format_datetime(at, MOMENTS[language], locale=LOCALES[language])


def broken(value: str) -> Markup:
    """Keep the line breaks of somebody's own words in HTML."""
    return Markup("<br>\n").join(escape(line) for line in value.splitlines())


class Letters:
    """Renders the letters of one folder; give it to a Desk as its writer."""

    def __init__(self, folder: Path = MAIL) -> None:
        kept = [{file.stem for file in (folder / one).glob("*.txt")} for one in LOCALES]
        self.names = frozenset(name for name in set.intersection(*kept) if not name.startswith("_"))
        """The letters there are in every language."""
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=select_autoescape(["html"], default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {
            "word": word,
            "money": money,
            "percent": percent,
            "day": day,
            "moment": moment,
            "broken": broken,
        }

    def __call__(self, template: str, language: str, facts: Mapping[str, Any]) -> Letter:
        """Render one letter. Raises jinja2.UndefinedError when a fact is missing."""
        told = {**facts, "language": language}
        text = self._environment.get_template(f"{language}/{template}.txt")
        html = self._environment.get_template(f"{language}/{template}.html")
        subject = "".join(text.blocks["subject"](text.new_context(told)))
        told["title"] = subject = " ".join(subject.split())
        return Letter(
            subject=subject,
            text=_BLANK_LINES.sub("\n\n", text.render(told)).strip() + "\n",
            html=html.render(told).strip() + "\n",
        )
