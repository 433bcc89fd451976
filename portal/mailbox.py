"""The mailbox that mail comes in by: IMAP, in a thread beside the event loop. Nothing is moved or deleted there.

Read by Python's own imaplib: a mail is asked for its size before it is read, and of one that is too large only the head
is. Which mails are new follows from their numbers, never from a mark that a person looking into the mailbox could set.
"""

from __future__ import annotations

import asyncio
import imaplib
import re
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

from portal.desk.mail import LARGEST, Arrived, Mailbox, MailLine, NotHandedOut, Waiting
from portal.desk.messages import Unreachable
from portal.desk.notices import header_safe
from portal.settings import Settings

PATIENCE = 20.0
"""Seconds the mail server may take for one answer."""
HEAD = 64 * 1024
"""Bytes of the head of a mail that is too large to be read whole."""
_UID = re.compile(rb"\bUID (\d{1,10})")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})")
_DATE = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')
_FAILED = (imaplib.IMAP4.error, OSError, EOFError, ValueError)

Answer = TypeVar("Answer")


class ImapMailbox:
    """One folder of one mailbox on a mail server."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str,
        password: str,
        security: str = "tls",
        folder: str = "INBOX",
        patience: float = PATIENCE,
        largest: int = LARGEST,
    ) -> None:
        self.name = f"{user}@{host}/{folder}"
        self.address = user if "@" in user else ""
        self.largest = largest
        self._folder = folder
        self._open: Callable[[], imaplib.IMAP4] = lambda: _signed_in(
            host, port, user, password, security, patience
        )

    @asynccontextmanager
    async def line(self) -> AsyncIterator[MailLine]:
        """Open a line to the folder, and hang up at the end. Raises Unreachable."""
        client = await _asked(self._open)
        try:
            yield ImapLine(client, await _asked(_validity_of, client, self._folder), self.largest)
        finally:
            await asyncio.to_thread(_hang_up, client)


class ImapLine:
    """One connection, at one folder."""

    def __init__(self, client: imaplib.IMAP4, validity: int, largest: int) -> None:
        self.validity = validity
        self._client = client
        self._largest = largest

    async def waiting(self, after: int) -> Sequence[Waiting]:
        """The mails with a higher number, the oldest first. `n:*` always names the last one, also an old one."""
        told = await _asked(self._fetch, f"{after + 1}:*", "(UID RFC822.SIZE INTERNALDATE)")
        found = [one for one in map(_waiting, told) if one is not None and one.uid > after]
        return sorted(found, key=lambda one: one.uid)

    async def read(self, mail: Waiting) -> Arrived | None:
        whole = mail.size <= self._largest
        asked = "(UID BODY.PEEK[])" if whole else f"(UID BODY.PEEK[HEADER]<0.{HEAD}>)"
        state, told = await _asked(self._client.uid, "FETCH", str(mail.uid), asked)
        if state != "OK":
            raise NotHandedOut(header_safe(f"The mail server said: {told!r}")[:300])
        raw = next((bytes(one[1]) for one in told if isinstance(one, tuple)), None)
        if raw is None:
            return None
        return Arrived(mail.uid, self.validity, mail.size, mail.received_at, raw, whole)

    async def taken(self, uids: Sequence[int]) -> None:
        """Mark them as read. A server that refuses has them unread for whoever looks; that is all."""
        if uids:
            with suppress(Unreachable):
                numbers = ",".join(map(str, uids))
                await _asked(self._client.uid, "STORE", numbers, "+FLAGS.SILENT", r"(\Seen)")

    def _fetch(self, numbers: str, asked: str) -> list[Any]:
        state, told = self._client.uid("FETCH", numbers, asked)
        if state != "OK":
            raise imaplib.IMAP4.error(f"The mail server refused: {told!r:.200}")
        return [one for one in told if one is not None]


def mailbox_of(settings: Settings) -> Mailbox | None:
    """The mailbox of this installation; None where none is named."""
    if not settings.imap_host:
        return None
    return ImapMailbox(
        host=settings.imap_host,
        port=settings.imap_port,
        user=settings.imap_user,
        password=settings.imap_password,
        security=settings.imap_security,
        folder=settings.imap_folder,
    )


async def _asked(function: Callable[..., Answer], *told: Any) -> Answer:
    """Ask the mail server something in a thread of its own. Raises Unreachable, in words without a password."""
    try:
        return await asyncio.to_thread(function, *told)
    except _FAILED as error:
        words = "It did not answer in time." if isinstance(error, TimeoutError) else str(error)
        raise Unreachable(header_safe(f"The mailbox cannot be read: {words}")[:300]) from error


def _signed_in(
    host: str, port: int, user: str, password: str, security: str, patience: float
) -> imaplib.IMAP4:
    safely = ssl.create_default_context()
    client: imaplib.IMAP4
    if security == "tls":
        client = imaplib.IMAP4_SSL(host, port, ssl_context=safely, timeout=patience)
    else:
        client = imaplib.IMAP4(host, port, timeout=patience)
    try:
        if security == "starttls":
            client.starttls(safely)
        if "AUTH=PLAIN" in client.capabilities:  # takes a password in any script, and quotes nothing
            client.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        else:
            client.login(user, password)
    except BaseException:
        _hang_up(client)
        raise
    return client


def _validity_of(client: imaplib.IMAP4, folder: str) -> int:
    """Choose the folder; give the number that says whether its mails still have the numbers they had."""
    state, told = client.select(f'"{folder}"')
    if state != "OK":
        raise imaplib.IMAP4.error(f"There is no folder {folder}: {told!r:.200}")
    _, numbers = client.response("UIDVALIDITY")
    return int((numbers[0] if numbers else None) or 1)


def _waiting(told: Any) -> Waiting | None:
    """One line of the list; None for whatever else a server says meanwhile."""
    line = told[0] if isinstance(told, tuple) else told
    uid, size, date = (pattern.search(line) for pattern in (_UID, _SIZE, _DATE))
    if not isinstance(line, bytes) or uid is None or size is None:
        return None
    return Waiting(int(uid[1]), int(size[1]), _moment(date[1].decode("ascii", "replace") if date else ""))


def _moment(text: str) -> datetime:
    """When a mail came, as IMAP writes it; now for what is no moment."""
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC)


def _hang_up(client: imaplib.IMAP4) -> None:
    with suppress(*_FAILED):
        client.logout()
    with suppress(*_FAILED):
        client.shutdown()
