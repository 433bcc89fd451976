"""How a caller's identity is made sure of, as policy, and the tries that failed. S2-2"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, false, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Numbered, Versioned, word
from models.words import Channel, SensitiveDeed, VerificationMethod


class VerificationMethodRule(Numbered, Versioned, Base):
    """One way to verify a caller: how strong it counts, how many facts or tries, for how long. S2-2.1, S2-2.7"""

    __tablename__ = "verification_methods"

    method: Mapped[VerificationMethod] = mapped_column(word(VerificationMethod, "method"), unique=True)
    strength: Mapped[int]
    """1 usual, 2 strong: a deed names the least it needs."""
    facts_needed: Mapped[int] = mapped_column(default=0)
    """For facts: how many have to match."""
    tries: Mapped[int]
    """Failed tries of one contact before this way is shut."""
    minutes: Mapped[int]
    """How long the caller then counts as verified."""
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        CheckConstraint("strength BETWEEN 1 AND 3", name="strength_in_range"),
        CheckConstraint("tries >= 1 AND minutes >= 1 AND facts_needed >= 0", name="counts_make_sense"),
        {"sqlite_autoincrement": True},
    )


class VerificationNeed(Numbered, Versioned, Base):
    """How strongly a caller has to be verified before one deed. S2-2.1"""

    __tablename__ = "verification_needs"

    deed: Mapped[SensitiveDeed] = mapped_column(word(SensitiveDeed, "deed"), unique=True)
    strength: Mapped[int]
    """0 none, 1 usual, 2 strong."""

    __table_args__ = (
        CheckConstraint("strength BETWEEN 0 AND 3", name="strength_in_range"),
        {"sqlite_autoincrement": True},
    )


class OneTimeCode(Numbered, Base):
    """A code sent to the address on record. Kept as a hash; it opens one contact once. S2-2.1"""

    __tablename__ = "one_time_codes"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    hashed: Mapped[str] = mapped_column(String(64))
    sent_to: Mapped[str] = mapped_column(String(320))
    """Masked: enough to say where it went."""
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    failed: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class CallerTries(Base):
    """Failed verifications from one caller's address or number, whomever they asked for. S2-2.6"""

    __tablename__ = "caller_tries"

    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A keyed hash of the number, address or name the contact came from."""
    failed: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class ChannelRule(Numbered, Versioned, Base):
    """Whether a channel is approved, for new business and for amendments. S0-1.2b, S1-4.1.1, S1-4.6.1"""

    __tablename__ = "channel_rules"

    channel: Mapped[Channel] = mapped_column(word(Channel, "channel"), unique=True)
    approved: Mapped[bool] = mapped_column(default=True)
    amendments: Mapped[bool] = mapped_column(default=True)
    """Whether orders may be amended and cancelled on it."""
    redirect: Mapped[str] = mapped_column(String(500), default="")
    """Where people are sent who write here though it is not approved."""


class OwnChannel(Numbered, Versioned, Base):
    """A channel that a desk has besides the usual ones, such as letters. Its name stays, because contacts bear it."""

    __tablename__ = "own_channels"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    """In English: what contacts, cases and the policy know it by."""
    name_de: Mapped[str] = mapped_column(String(40), default="")
    behaves_like: Mapped[Channel] = mapped_column(word(Channel, "behaves_like"))
    """The channel whose opening, words and rules hold for it."""
    approved: Mapped[bool] = mapped_column(default=True, server_default=true())
    amendments: Mapped[bool] = mapped_column(default=False, server_default=false())
    redirect: Mapped[str] = mapped_column(String(500), default="")
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Taken off the list it is kept, and old contacts still say it."""

    __table_args__ = (
        CheckConstraint("name <> ''", name="is_called_something"),
        {"sqlite_autoincrement": True},
    )
