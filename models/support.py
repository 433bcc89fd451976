"""What belongs to a product after it was sold: serial numbers, links, files. S4-5, S3-3.1.3b"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, word
from models.customers import Customer
from models.products import Product
from models.words import LinkKind


class Serial(Numbered, Versioned, Base):
    """One piece that was sold, known by its serial number. S4-5.3, S4-5.4"""

    __tablename__ = "serials"

    number: Mapped[str] = mapped_column(String(80), unique=True)
    """As `portal/desk/warranty.py` writes it: capitals and digits, no spaces or dashes."""
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    purchased_on: Mapped[date | None]
    registered_at: Mapped[datetime]

    product: Mapped[Product] = relationship(lazy="raise")
    customer: Mapped[Customer | None] = relationship(lazy="raise")


class ProductLink(Numbered, Base):
    """A product's page, guide or questions and answers. S3-3.1.3b"""

    __tablename__ = "product_links"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[LinkKind] = mapped_column(word(LinkKind, "link_kind"))
    title: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(500))

    product: Mapped[Product] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("product_id", "address"), {"sqlite_autoincrement": True})


class Attachment(Numbered, Base):
    """A file that came with a contact. Its content is read only when it is opened."""

    __tablename__ = "attachments"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    step: Mapped[str] = mapped_column(String(60))
    field: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    """Bytes."""
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    added_at: Mapped[datetime]

    __table_args__ = (Index(None, "contact_id", "id"), {"sqlite_autoincrement": True})
