"""A customer with an order and a case that do not exist: what a preview shows where a contact has its own.

Reads nothing, and nothing of it is ever stored: its rows have the number 0, and the last digits of its numbers are wrong,
so that neither can be anybody's.
"""

from __future__ import annotations

from datetime import timedelta

from models import Case, CaseNote, Deadline, Order, OrderLine, PaymentEntry, Product, ProductLink
from models.words import (
    ArticleKind,
    CaseKind,
    CaseStatus,
    Channel,
    DeadlineKind,
    DeadlineStatus,
    DeliveryMethod,
    LinkKind,
    NoteKind,
    OrderStatus,
    PaymentKind,
    PaymentMethod,
)
from portal.desk.library import Leaf
from portal.desk.open_cases import Standing
from portal.desk.orders import CheckedDraft, CheckedLine, OrderDraft
from portal.desk.reconciling import Comparison, Finding, Movement
from portal.desk.warranty import Piece
from portal.desk.work import Work

CUSTOMER = "Ida Example"
EMAIL = "ida@example.com"
PHONE = "+4930000000"
STREET, POSTAL_CODE, CITY, COUNTRY = "Sample Lane 7", "14467", "Potsdam", "DE"
ADDRESS = f"{STREET}\n{POSTAL_CODE} {CITY}\n{COUNTRY}"
ORDER, EARLIER_ORDER = "HR-26-000123-7", "HR-26-000098-0"
CASE, EARLIER_CASE = "HC-26-000045-0", "HC-26-000031-0"
CONTACT = "HT-26-000678-1"
SERIAL = "KX-2231-0098"
STATEMENT = "The kettle leaks."
RESTATED = "Water runs out under the kettle."
NEED = "How long may the kettle stand with water in it?"
HEARD = "It leaks again since yesterday."
UPDATE = "The new kettle is packed and leaves tomorrow."
ANSWER = "A day at most; then it has to be emptied."
WISH = "Wrapped as a gift"
TERMS = "What you order comes within five days and can be sent back for thirty."
DUE = "Friday, 09:30"
SLOTS = (("then", DUE),)
"""An open time to choose."""
KETTLE, LAMP = ("KETTLE-1", "Kettle"), ("LAMP-2", "Lamp")
PRICE = 24_95


def product(work: Work, code: tuple[str, str] = KETTLE) -> Product:
    """A product of a catalogue that is none of the house's."""
    sku, name = code
    return Product(
        id=0,
        sku=sku,
        name=name,
        unit="piece",
        pack_size=1,
        least_quantity=1,
        shelf="",
        price_minor=PRICE,
        currency=work.terms.currency,
        on_hand=12,
        reserved=0,
        waiting=0,
    )


def draft(channel: Channel = Channel.PHONE) -> OrderDraft:
    """Two kettles, sent to the customer's address, with one special request."""
    return OrderDraft(
        customer_id=0,
        lines=((0, 2),),
        delivery_method=DeliveryMethod.DELIVERY,
        ship_name=CUSTOMER,
        ship_address=ADDRESS,
        requests=(WISH,),
        channel=channel,
    )


def checked(work: Work) -> CheckedDraft:
    """The draft beside its prices; nothing keeps it from being placed."""
    line = CheckedLine(0, *KETTLE, unit="piece", quantity=2, unit_price_minor=PRICE, available=12)
    return CheckedDraft(
        draft=draft(),
        customer_name=CUSTOMER,
        lines=(line,),
        currency=work.terms.currency,
        expected_on=(work.now + timedelta(days=5)).date(),
    )


def order(work: Work, number: str = ORDER, quantity: int = 1) -> Order:
    """An order of before: one kettle fewer than is wanted now."""
    sku, name = KETTLE
    line = OrderLine(
        line_no=1,
        product_id=0,
        sku=sku,
        description=name,
        quantity=quantity,
        unit_price_minor=PRICE,
        discount_bp=0,
        waiting=0,
    )
    return Order(
        id=0,
        number=number,
        customer_id=0,
        channel=Channel.PHONE,
        status=OrderStatus.CONFIRMED,
        delivery_method=DeliveryMethod.DELIVERY,
        ship_name=CUSTOMER,
        ship_address=ADDRESS,
        note="",
        currency=work.terms.currency,
        freight_minor=0,
        total_minor=line.total_minor,
        amended=0,
        placed_at=work.now - timedelta(days=9),
        lines=[line],
        requests=[],
    )


def standing(work: Work, number: str = CASE, subject: str = STATEMENT) -> Standing:
    """A complaint of the day before, that somebody has and that is answered by tomorrow."""
    opened = work.now - timedelta(days=1)
    case = Case(
        id=0,
        number=number,
        kind=CaseKind.COMPLAINT,
        status=CaseStatus.OPEN,
        subject=subject,
        paused_for="",
        opened_at=opened,
    )
    clock = Deadline(
        id=0, kind=DeadlineKind.RESOLVE, status=DeadlineStatus.RUNNING, due_at=work.now + timedelta(days=1)
    )
    note = CaseNote(id=0, kind=NoteKind.TOLD, words=UPDATE, written_at=opened)
    return Standing(case, [clock], [("We told", note)])


def comparison(work: Work) -> Comparison:
    """An order that was paid twice, as its ledger tells it."""
    entries = [
        PaymentEntry(
            kind=PaymentKind.CHARGE,
            method=PaymentMethod.TERMINAL,
            amount_minor=PRICE,
            currency=work.terms.currency,
            reference=reference,
            receipt_number=receipt,
            taken_at=work.now - timedelta(days=9),
        )
        for reference, receipt in (("T-1043", "HP-26-000201-1"), ("T-1044", "HP-26-000202-2"))
    ]
    marks: tuple[tuple[str, ...], ...] = ((), ("The same amount was charged before.",))
    return Comparison(
        total_minor=PRICE,
        paid_minor=2 * PRICE,
        open_minor=2 * PRICE,
        movements=tuple(Movement(entry, "written", told) for entry, told in zip(entries, marks, strict=True)),
        findings={Finding.CHARGED_TWICE: "The same was charged twice."},
    )


def piece(work: Work) -> Piece:
    """A kettle that was bought a while ago, known by its serial number."""
    sku, name = KETTLE
    return Piece(
        number=SERIAL,
        product_id=0,
        sku=sku,
        name=name,
        category="",
        purchased_on=(work.now - timedelta(days=200)).date(),
        order_id=0,
        order_number=ORDER,
    )


def leaf(work: Work) -> Leaf:
    """An article of a library that is not the house's."""
    return Leaf(
        article_id=0,
        version_id=0,
        slug="example",
        kind=ArticleKind.ARTICLE,
        language="en",
        number=1,
        title="Example article: caring for the kettle",
        body="Empty it after a day.",
        links=(),
        published_at=work.now - timedelta(days=30),
        valid_until=None,
        retired_at=None,
        owner="",
        product_id=None,
    )


def link() -> ProductLink:
    """A page about the product."""
    return ProductLink(id=0, kind=LinkKind.PAGE, title="Kettle", address="https://example.com/kettle")
