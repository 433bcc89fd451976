"""Numbers that can be read over the phone: year, sequence and a check digit. Decision 21, S1-4.4.1c

`HR-26-000123-7`. The check digit (Damm) tells every single wrong digit and every swap of two neighbours.
"""

from __future__ import annotations

import re
import unicodedata

from models import NumberSequence
from portal.desk import bulk
from portal.desk.work import Work

PREFIXES = {
    "order": "HR",
    "case": "HC",
    "contact": "HT",
    "customer": "HK",
    "receipt": "HB",
    "return": "HZ",
    "chat": "HG",
}
"""What each kind of thing is called by, before its number."""

_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_NUMBER = re.compile(rf"({'|'.join(PREFIXES.values())})(\d\d)(\d{{6,9}})(\d)")


def check_digit(digits: str) -> str:
    """The digit that, set behind these, makes their sum nothing."""
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim


def written(name: str, year: int, sequence: int) -> str:
    """The number as it is printed: of one kind of thing, one year, one place in the sequence."""
    digits = f"{year % 100:02}{sequence:06}"
    return f"{PREFIXES[name]}-{digits[:2]}-{digits[2:]}-{check_digit(digits)}"


async def take_numbers(work: Work, name: str, count: int) -> list[str]:
    """Take the next `count` numbers of one sequence of this year; nobody else is given any of them."""
    insert = bulk.insert_of(work.session)
    statement = insert(NumberSequence).values(name=name, year=work.now.year, last=count)
    statement = statement.on_conflict_do_update(
        index_elements=[NumberSequence.name, NumberSequence.year],
        set_={"last": NumberSequence.last + count},
    )
    last = (await work.session.execute(statement.returning(NumberSequence.last))).scalar_one()
    return [written(name, work.now.year, last - count + 1 + step) for step in range(count)]


async def next_number(work: Work, name: str) -> str:
    """The next number of a sequence: `order`, `case`, `contact`, `customer`, `receipt`, `return` or `chat`."""
    return (await take_numbers(work, name, 1))[0]


def squeezed(text: str) -> str:
    """Capital letters and plain digits alone, whatever the spaces, dashes and width they were typed with."""
    kept: list[str] = []
    for sign in unicodedata.normalize("NFKC", text).upper():
        digit = unicodedata.decimal(sign, None)
        if digit is not None:
            kept.append(str(digit))
        elif sign.isalnum():
            kept.append(sign)
    return "".join(kept)


def read_number(text: str) -> str | None:
    """The number somebody typed or read out, as it is printed; None when it is none or its digit is wrong."""
    found = _NUMBER.fullmatch(squeezed(text))
    if found is None:
        return None
    prefix, year, sequence, check = found.groups()
    if check_digit(year + sequence) != check:
        return None
    return f"{prefix}-{year}-{sequence}-{check}"


def is_number(text: str) -> bool:
    """Whether this is one of our numbers, with the right check digit."""
    return read_number(text) is not None
