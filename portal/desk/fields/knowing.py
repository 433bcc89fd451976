"""Answers that name something the desk has: a product, an order, a file. What only the books tell is in `books`."""

from __future__ import annotations

import re

from portal.desk import numbers
from portal.desk.fields.base import PLAIN, FieldKind, Option, Question, Terms, whole_option

LONGEST_CODE = 60
MOST_FILES = 5
ACCEPTED = ("image", "pdf", "text")
"""What a question can ask for, of what the desk takes at all."""
_FILE = re.compile(r"([0-9]{1,9}) (\S.{0,199})")


class ProductCode(FieldKind):
    """A product by its code; the catalogue knows it."""

    name, label, help = "product", "Product", "By its code in the catalogue."
    summed = "choices"

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        return "" if len(given) <= LONGEST_CODE and len(given.splitlines()) == 1 else "Enter a product code."


class OrderNumber(FieldKind):
    """An order of this customer by its number. S1-4.4.1c"""

    name, label, help = (
        "order",
        "Order",
        "By its number; its check digit tells a slip. It has to be this customer's.",
    )
    paper = "squares"

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        found = numbers.read_number(given)
        if found is None or not found.startswith(f"{numbers.PREFIXES['order']}-"):
            return (
                "That is no order number. It reads like HR-26-000001-9, and its last digit checks the others."
            )
        return ""

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        return numbers.read_number(given) or given


class File(FieldKind):
    """Files that belong to the contact; the answer names them, one a line."""

    name, label, help = "file", "File", "Pictures, PDF and plain text, at most 5 MB each."
    paper, by_files = "boxes", True
    options = (
        Option("accept", "several", "Takes", "Everything without it.", among=ACCEPTED),
        Option("max", "whole", "At most", "Files; 1 without it.", 1, MOST_FILES),
    )

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        lines = given.splitlines()
        if not all(_FILE.fullmatch(line) for line in lines):
            return "Choose a file."
        most = self.most(question)
        return f"At most {most} file{'s' if most > 1 else ''}." if len(lines) > most else ""

    def most(self, question: Question) -> int:
        """How many files the question takes."""
        return min(whole_option(question.options, "max", 1), MOST_FILES)

    def boxes(self, question: Question) -> list[str]:
        return ["Enclosed"]

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return ", ".join(name for _, name in files_of(value))


def files_of(value: str) -> list[tuple[int, str]]:
    """The files that an answer names: id and name of each."""
    found = (_FILE.fullmatch(line) for line in value.splitlines())
    return [(int(one[1]), one[2]) for one in found if one]
