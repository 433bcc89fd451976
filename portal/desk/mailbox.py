"""What the desk needs of a mailbox: what waits there, one mail after the other, and that it was taken."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

LARGEST = 25 * 1024 * 1024
"""Bytes of a mail that is read whole; of a larger one only its head is."""


class NotHandedOut(Exception):
    """The mail server lists a mail and does not give it out; asking again is of no use."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that was not read yet: its number in the folder, its bytes, when it came."""

    uid: int
    size: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail as it was read: all of it, or only its head where it is too large."""

    uid: int
    validity: int
    size: int
    received_at: datetime
    raw: bytes
    whole: bool = True


class MailLine(Protocol):
    """An open line to one folder of a mailbox. Raises messages.Unreachable."""

    validity: int

    async def waiting(self, after: int) -> Sequence[Waiting]:
        """The mails with a higher number than this, the oldest first."""
        ...

    async def read(self, mail: Waiting) -> Arrived | None:
        """One of them; None where somebody has taken it away. Raises NotHandedOut."""
        ...

    async def taken(self, uids: Sequence[int]) -> None:
        """Mark them as read for whoever looks into the mailbox; nothing depends on it."""
        ...


class Mailbox(Protocol):
    """The mailbox of this installation."""

    name: str
    """Such as `desk@mail.example.com/INBOX`."""
    address: str
    """Whose mailbox it is, where its user is an address."""

    def line(self) -> AbstractAsyncContextManager[MailLine]: ...
