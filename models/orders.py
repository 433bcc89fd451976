"""Orders, their lines and the special requests made with them."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.customers import Customer
from models.people import Person
from models.products import Product
from models.words import Channel, DeliveryMethod, Department, OrderStatus, SpecialRequestStatus


class Order(Numbered, Versioned, Base):
    """An order. Never deleted, only cancelled; the database refuses it, and every jump of its state. S0-5.1a, S1-0.1"""

    __tablename__ = "orders"

    number: Mapped[str] = mapped_column(String(32), unique=True)
    """`HR-26-000123-7`: year, sequence, check digit, so that it can be read over the phone."""
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    channel: Mapped[Channel] = mapped_column(word(Channel, "channel"))
    status: Mapped[OrderStatus] = mapped_column(word(OrderStatus, "status"), default=OrderStatus.DRAFT)
    delivery_method: Mapped[DeliveryMethod] = mapped_column(
        word(DeliveryMethod, "delivery_method"), default=DeliveryMethod.DELIVERY
    )
    ship_name: Mapped[str] = mapped_column(String(300), default="")
    ship_address: Mapped[str] = mapped_column(Text, default="")
    wanted_on: Mapped[date | None]
    wanted_from: Mapped[time | None]
    """From when on that day, on the clock of the desk's calendar; given with `wanted_until`, or not at all. S1-4.1.2d"""
    wanted_until: Mapped[time | None]
    expected_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    freight_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """What carrying it costs, in minor units; part of the total."""
    total_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    """What the customer owes for all of it: the lines and the freight."""
    amended: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was amended: its version is one more. S1-4.6.2b"""
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    """Of exactly the content that was read back and agreed. Decision 19"""
    terms_id: Mapped[int | None] = mapped_column(ForeignKey("order_terms.id"), index=True)
    """The version of the terms it was placed under, for good; None where there was none. S4-4.2"""
    carrier: Mapped[str] = mapped_column(String(120), default="")
    tracking: Mapped[str] = mapped_column(String(120), default="")
    source: Mapped[str | None] = mapped_column(String(60))
    source_id: Mapped[str | None] = mapped_column(String(120))
    cancelled_because: Mapped[str] = mapped_column(Text, default="")
    placed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    prepared_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]

    customer: Mapped[Customer | None] = relationship(lazy="raise")
    taken_by: Mapped[Person | None] = relationship(lazy="raise")
    lines: Mapped[list[OrderLine]] = relationship(
        lazy="raise", back_populates="order", order_by="OrderLine.line_no"
    )
    requests: Mapped[list[SpecialRequest]] = relationship(
        lazy="raise", back_populates="order", order_by="SpecialRequest.id"
    )

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("status <> 'cancelled' OR cancelled_at IS NOT NULL", name="cancelled_has_a_time"),
        CheckConstraint(
            "(wanted_from IS NULL) = (wanted_until IS NULL) AND (wanted_from IS NULL OR wanted_on IS NOT NULL)",
            name="hours_of_a_day",
        ),
        CheckConstraint("status <> 'delivered' OR delivered_at IS NOT NULL", name="delivered_has_a_time"),
        Index(None, "placed_at", "id"),
        Index(None, "status", "placed_at", "id"),
        Index(None, "total_minor", "id"),
        Index(
            "ix_orders_to_prepare",
            "placed_at",
            "id",
            sqlite_where=text("status IN ('confirmed', 'handed_over')"),
            postgresql_where=text("status IN ('confirmed', 'handed_over')"),
        ),
        Index(
            "ix_orders_delivered_at",
            "delivered_at",
            sqlite_where=text("delivered_at IS NOT NULL"),
            postgresql_where=text("delivered_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return self.number

    @property
    def wanted_hours(self) -> str:
        """The hours of the day that is wanted: `09:00–12:00`; empty where any will do."""
        return hours_in_words(self.wanted_from, self.wanted_until)


def hours_in_words(begins: time | None, ends: time | None) -> str:
    """Two times of a day as one reads them: `09:00–12:00`; empty without."""
    return f"{begins:%H:%M}–{ends:%H:%M}" if begins and ends else ""


class OrderLine(Numbered, Base):
    """One line, with the price of the moment it was ordered. S0-3.1.3"""

    __tablename__ = "order_lines"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    line_no: Mapped[int]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True)
    sku: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(String(500), default="")
    quantity: Mapped[int]
    """Units; below zero only on imported returns."""
    unit_price_minor: Mapped[int] = mapped_column(BigInteger)
    list_price_minor: Mapped[int | None] = mapped_column(BigInteger)
    """What one cost the customer by the price lists at that moment; None where nobody noted it. S1-4.2.1b"""
    price_reason: Mapped[str] = mapped_column(String(300), default="", server_default="")
    """Why the customer pays another price than that; empty where the list price holds."""
    discount_bp: Mapped[int] = mapped_column(default=0)
    """Discount in basis points: 1500 is 15 %."""
    tax_bp: Mapped[int | None]
    """The tax its price includes, in basis points, at the rate of that moment; None where there was none. S1-4.4.1a"""
    tax_minor: Mapped[int | None] = mapped_column(BigInteger)
    """So much of it in minor units, as the confirmation told it."""
    waiting: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of the units, those that are not there yet and that the customer waits for. S1-4.2.1a"""
    waits_since: Mapped[datetime | None]
    """Since when, which is the place in the queue for what comes in; None where nothing waits."""
    waits_until: Mapped[date | None]
    """The day on which they are expected to come in, where somebody knows one."""

    order: Mapped[Order] = relationship(lazy="raise", back_populates="lines")
    product: Mapped[Product | None] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("order_id", "line_no"),
        CheckConstraint("quantity <> 0", name="quantity_given"),
        CheckConstraint(
            "price_reason = '' OR list_price_minor IS NOT NULL", name="own_price_beside_the_listed"
        ),
        CheckConstraint("(tax_bp IS NULL) = (tax_minor IS NULL)", name="tax_with_its_rate"),
        CheckConstraint("discount_bp BETWEEN 0 AND 10000", name="discount_is_a_share"),
        CheckConstraint("waiting >= 0", name="waiting_not_negative"),
        CheckConstraint("(waiting > 0) = (waits_since IS NOT NULL)", name="waiting_has_a_time"),
        Index(None, "sku", "order_id"),
        Index(
            "ix_order_lines_waiting",
            "product_id",
            "waits_since",
            "id",
            sqlite_where=text("waiting > 0"),
            postgresql_where=text("waiting > 0"),
        ),
        Index(
            "ix_order_lines_waiting_order",
            "order_id",
            sqlite_where=text("waiting > 0"),
            postgresql_where=text("waiting > 0"),
        ),
        {"sqlite_autoincrement": True},
    )

    @property
    def total_minor(self) -> int:
        """Line value in minor units, rounded half up."""
        return line_total_minor(self.quantity, self.unit_price_minor, self.discount_bp)


def line_total_minor(quantity: int, unit_price_minor: int, discount_bp: int) -> int:
    """What a line is worth in minor units, rounded half up."""
    return (quantity * unit_price_minor * (10_000 - discount_bp) + 5_000) // 10_000


class SpecialRequest(Numbered, Base):
    """Something out of the ordinary the customer asked for. S1-4.4.2, S0-3.1.2d"""

    __tablename__ = "special_requests"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    wish: Mapped[str] = mapped_column(Text)
    status: Mapped[SpecialRequestStatus] = mapped_column(
        word(SpecialRequestStatus, "status"), default=SpecialRequestStatus.NEW
    )
    department: Mapped[Department] = mapped_column(
        word(Department, "department"), default=Department.FULFILMENT, server_default="fulfilment"
    )
    """Whose it is to decide. S1-4.5.2"""
    reason: Mapped[str] = mapped_column(Text, default="")
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """Who looks into it, or did."""
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    due_at: Mapped[datetime | None]
    """By when the department decides; none for those of before."""
    next_at: Mapped[datetime | None]
    """When somebody is to be told that it is not decided; empty once it is, or all are told."""
    late_told_at: Mapped[datetime | None]
    """When its department was told that the time has passed, once."""
    leaders_told_at: Mapped[datetime | None]
    """When the supervisors were told, once."""
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    put_off: Mapped[int] = mapped_column(default=0, server_default="0")

    order: Mapped[Order] = relationship(lazy="raise", back_populates="requests")
    reviewed_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[reviewed_by_id])
    decided_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[decided_by_id])

    __table_args__ = (
        Index(
            "ix_special_requests_next",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(
            "ix_special_requests_undecided",
            "created_at",
            "id",
            sqlite_where=text("status IN ('new', 'under_review')"),
            postgresql_where=text("status IN ('new', 'under_review')"),
        ),
    )


class HandOver(Numbered, Base):
    """An order, or a change of it, that a department was told of: when, and who ticked that they have it. S1-4.7.1"""

    __tablename__ = "hand_overs"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    department: Mapped[Department] = mapped_column(word(Department, "department"))
    version: Mapped[int]
    """Of the order, as it was told."""
    cancelled: Mapped[bool] = mapped_column(default=False)
    told_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """By when somebody has ticked it."""
    next_at: Mapped[datetime | None]
    """When the supervisors are to be told that nobody did; empty once somebody did, or they are told."""
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    received_at: Mapped[datetime | None]
    late_told_at: Mapped[datetime | None]
    put_off: Mapped[int] = mapped_column(default=0, server_default="0")

    order: Mapped[Order] = relationship(lazy="raise")
    received_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (
        Index(None, "order_id", "id"),
        Index(
            "uq_hand_overs_open",
            "order_id",
            "department",
            unique=True,
            sqlite_where=text("received_at IS NULL"),
            postgresql_where=text("received_at IS NULL"),
        ),
        Index(
            "ix_hand_overs_open",
            "department",
            "told_at",
            "id",
            sqlite_where=text("received_at IS NULL"),
            postgresql_where=text("received_at IS NULL"),
        ),
        Index(
            "ix_hand_overs_next",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        CheckConstraint("received_at IS NULL OR next_at IS NULL", name="received_is_not_chased"),
        {"sqlite_autoincrement": True},
    )
