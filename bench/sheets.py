"""The desk of the measurements: customers, orders, cases and their clocks, invented by arithmetic.

The same number of rows gives the same desk. No person in it exists: names are put together from syllables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Table

from models import Case, Customer, Deadline, Order, OrderLine, Product, SearchToken
from portal.desk import tokens
from portal.desk.numbers import written

YEAR = 2024
"""Of all numbers here, so that those the desk gives out meanwhile are others."""
PRODUCTS = 1_000
STRIDE = 7_919
"""A prime: multiplied with it, the rows of one table are scattered over another."""
APART = 20
"""Seconds from one order, customer or case to the next."""
DUE_AT_ONCE = 10_000
ROUND = timedelta(minutes=1)
"""From one lot of deadlines to the next."""

ONSETS = ("bal", "cor", "dem", "fen", "gor", "hil", "jan", "kel", "lom", "mur", "nev", "tas")
MIDDLES = [f"{one}{two}" for one in "bdfgklmnprst" for two in "aeio"]
ENDS = ("berg", "dal", "feld", "grund", "hof", "kamp", "lund", "mann", "rode", "sen", "stad", "weg")
FIRST = [
    f"{one}{two}{three}"
    for one in ("Al", "Be", "Ka", "Mi", "So")
    for two in "bdlnr"
    for three in ("a", "o", "ek", "in")
]
KINDS = ("inquiry", "complaint", "order_error", "payment_issue", "service_request", "support")
LEVELS = ("complaint", "order_error", "payment_issue")
"""Kinds of case that the matrix hands up."""
POLICY = CALENDAR = 1
"""What every clock of a new desk follows: the policy it ships with, and the calendar in it."""
TOWNS = [f"{one}{two}".title() for one in ONSETS for two in ENDS]

Moment = Callable[[float], Any]
"""Seconds since 1970 as this database stores a moment."""
Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one table: what each row has of its own. What a model gives by default is added."""

    table: Table
    columns: tuple[str, ...]
    count: int
    rows: Callable[[], Rows]
    ordered: bool = True
    """Whether the rows come in the order of their primary key."""

    @property
    def defaults(self) -> dict[str, Any]:
        """The columns that every row has alike."""
        found: dict[str, Any] = {}
        for column in self.table.columns:
            if column.name in self.columns or column.name == "id" or column.nullable:
                continue
            default: Any = column.default
            if default is None or not default.is_scalar:
                continue
            value = "" if default.arg == () else default.arg  # no words
            found[column.name] = value.value if isinstance(value, Enum) else value
        return found


@dataclass(frozen=True, slots=True)
class Plan:
    """A desk of so many rows, whose last order came in at `now`."""

    rows: int
    now: datetime

    @property
    def due_at_once(self) -> int:
        """How many deadlines fall due in each round."""
        return min(DUE_AT_ONCE, max(1, self.rows // 20))

    @property
    def rounds(self) -> int:
        return self.rows // self.due_at_once

    @property
    def first_due(self) -> datetime:
        """No deadline is due before this: whoever sweeps now finds nothing."""
        return (self.now + timedelta(days=60)).replace(second=0, microsecond=0)

    def swept_at(self, lot: int) -> datetime:
        """A moment at which exactly the lots up to this one (from 0) have fallen due."""
        return self.first_due + ROUND * lot + timedelta(seconds=59)

    def lot_at(self, due: datetime) -> int:
        """Which lot falls due at this moment."""
        return int((due - self.first_due) / ROUND)

    def sheets(self, moment: Moment) -> list[Sheet]:
        """Every table's rows, in an order that foreign keys allow."""
        began = self.now.timestamp() - self.rows * APART
        return [
            _products(moment, began),
            _customers(self, moment, began),
            _orders(self, moment, began),
            _order_lines(self),
            _cases(self, moment, began),
            _deadlines(self, moment, began),
            _tokens(self),
        ]


def surname(at: int) -> str:
    place = at * STRIDE % (len(ONSETS) * len(MIDDLES) * len(ENDS))
    onset, rest = place % len(ONSETS), place // len(ONSETS)
    return ONSETS[onset] + MIDDLES[rest % len(MIDDLES)] + ENDS[rest // len(MIDDLES)]


def first_name(at: int) -> str:
    return FIRST[at // 7 % len(FIRST)]


def national(at: int) -> str:
    """A number of Berlin, another for each customer."""
    return f"30{at * 48_271 % 10**8:08}"


def postal_code(at: int) -> str:
    return f"{10_000 + at * 37 % 80_000}"


def email(at: int) -> str:
    return f"{first_name(at)}.{surname(at)}.{at}@example.com".lower()


def _products(moment: Moment, began: float) -> Sheet:
    def rows() -> Rows:
        for at in range(1, PRODUCTS + 1):
            name = f"{MIDDLES[at % len(MIDDLES)].title()}{ENDS[at % len(ENDS)]} {at}"
            yield (
                at,
                f"SKU-{at:05}",
                name,
                f"Shelf {at % 20}",
                250 + at * 13 % 9_000,
                1_000_000,
                moment(began),
            )

    columns = ("id", "sku", "name", "category", "price_minor", "on_hand", "created_at")
    return Sheet(table_of(Product), columns, PRODUCTS, rows)


def _customers(plan: Plan, moment: Moment, began: float) -> Sheet:
    def rows() -> Rows:
        for at in range(1, plan.rows + 1):
            yield (
                at,
                written("customer", YEAR, at),
                f"{first_name(at)} {surname(at).title()}",
                email(at),
                f"+49{national(at)}",
                f"{TOWNS[at % 97]}er Weg {at % 200}",
                TOWNS[at % len(TOWNS)],
                postal_code(at),
                "DE",
                moment(began + at * APART),
            )

    columns = (
        "id",
        "number",
        "name",
        "email",
        "phone",
        "street",
        "city",
        "postal_code",
        "country",
        "created_at",
    )
    return Sheet(table_of(Customer), columns, plan.rows, rows)


def _orders(plan: Plan, moment: Moment, began: float) -> Sheet:
    statuses = ("confirmed",) * 5 + ("handed_over", "prepared", "dispatched", "cancelled", "confirmed")
    channels = ("phone", "email", "online")

    def rows() -> Rows:
        for at in range(1, plan.rows + 1):
            placed, status = moment(began + at * APART), statuses[at % 10]
            buyer = at * STRIDE % plan.rows + 1
            yield (
                at,
                written("order", YEAR, at),
                buyer,
                1 + at % 5,
                channels[at % 3],
                status,
                f"{first_name(buyer)} {surname(buyer).title()}",
                f"{TOWNS[buyer % 97]}er Weg {buyer % 200}\n{postal_code(buyer)} {TOWNS[buyer % len(TOWNS)]}\nDE",
                500 + at * STRIDE % 50_000,
                placed,
                placed,
                placed if status == "cancelled" else None,
            )

    columns = (
        "id", "number", "customer_id", "taken_by_id", "channel", "status", "ship_name", "ship_address",
        "total_minor", "placed_at", "confirmed_at", "cancelled_at",
    )  # fmt: skip
    return Sheet(table_of(Order), columns, plan.rows, rows)


def _order_lines(plan: Plan) -> Sheet:
    def rows() -> Rows:
        for at in range(1, plan.rows + 1):
            product = at % PRODUCTS + 1
            yield (
                at,
                at,
                1,
                product,
                f"SKU-{product:05}",
                f"Article {product}",
                1 + at % 4,
                250 + product * 13 % 9_000,
            )

    columns = (
        "id",
        "order_id",
        "line_no",
        "product_id",
        "sku",
        "description",
        "quantity",
        "unit_price_minor",
    )
    return Sheet(table_of(OrderLine), columns, plan.rows, rows)


def _cases(plan: Plan, moment: Moment, began: float) -> Sheet:
    def rows() -> Rows:
        for at in range(1, plan.rows + 1):
            yield (
                at,
                written("case", YEAR, at),
                KINDS[at % len(KINDS)],
                "phone",
                f"Parcel {at % 977} and what became of it",
                f"The parcel of order {at} came late, and one of its {at % 7 + 1} boxes was open.",
                at * STRIDE % plan.rows + 1,
                at,
                1 + at % 5,
                moment(began + at * APART),
                moment(_due(plan, at)),
            )

    columns = (
        "id", "number", "kind", "channel", "subject", "statement", "customer_id", "order_id", "held_by_id", "opened_at",
        "due_at",
    )  # fmt: skip
    return Sheet(table_of(Case), columns, plan.rows, rows)


def _due(plan: Plan, at: int) -> float:
    """When the one clock of a case is due, in seconds since 1970."""
    lot, place = divmod(at * STRIDE % plan.rows, plan.due_at_once)
    return plan.first_due.timestamp() + lot * ROUND.total_seconds() + place / 1_000


def _deadlines(plan: Plan, moment: Moment, began: float) -> Sheet:
    """One running clock a case, each warned of already: of every second case its resolution, of the others a level."""

    def rows() -> Rows:
        for at in range(1, plan.rows + 1):
            due, warned = moment(_due(plan, at)), moment(began + at * APART + 60)
            handed_up = KINDS[at % len(KINDS)] in LEVELS
            yield (
                at,
                at,
                "escalate" if handed_up else "resolve",
                int(handed_up),
                "elapsed",
                86_400,
                "S3-3.2.3",
                POLICY,
                CALENDAR,
                f"level-1-{KINDS[at % len(KINDS)].replace('_', '-')}" if handed_up else "resolve",
                moment(began + at * APART),
                due,
                warned,
                due,
                warned,
            )

    columns = (
        "id", "case_id", "kind", "level", "target_kind", "target_amount", "source", "policy", "calendar", "rule",
        "started_at", "due_at", "warn_at", "next_at", "warned_at",
    )  # fmt: skip
    return Sheet(table_of(Deadline), columns, plan.rows, rows)


def _tokens(plan: Plan) -> Sheet:
    def rows() -> Rows:
        for at in range(1, plan.rows + 1):
            for token in tokens_of(at):
                yield "customer", token, at

    return Sheet(
        table_of(SearchToken), ("kind", "token", "thing_id"), plan.rows * TOKENS, rows, ordered=False
    )


TOKENS = 9
"""Words by which each customer here is found."""


def tokens_of(at: int) -> tuple[str, ...]:
    """What `search.tokens_of` finds for this customer, without reading the phone number again for each."""
    first, last, phone = first_name(at).lower(), surname(at), national(at)
    number = written("customer", YEAR, at).replace("-", "").lower()
    who = " ".join(sorted((first, last)))
    whole = f"49{phone}"
    return (
        first, last, whole, tokens.backwards(whole), phone, email(at), number, number[2:],
        f"={postal_code(at)}={who}",
    )  # fmt: skip


def customer(at: int) -> Customer:
    """The customer as a row of the desk, to compare with what the desk itself would index."""
    return Customer(
        id=at,
        number=written("customer", YEAR, at),
        name=f"{first_name(at)} {surname(at).title()}",
        organisation="",
        email=email(at),
        phone=f"+49{national(at)}",
        postal_code=postal_code(at),
    )


def moments(*, on_sqlite: bool) -> Moment:
    """How this database stores a moment."""
    if on_sqlite:
        return lambda seconds: (
            datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        )
    return lambda seconds: datetime.fromtimestamp(seconds, UTC)


def table_of(model: Any) -> Table:
    """The table of a model."""
    found: Table = model.__table__
    return found
