"""The post: builds the MIME message and hands it to the mail server. One connection for a batch.

Headers are built so that no name can add one, and the written bytes are checked before they leave.
Python's email package writes what an encoded word decodes to, line ends included (CVE-2024-6923). S2-12.2, S3-3.1.1b
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

import aiosmtplib

from portal.desk.messages import Envelope, Line, NotTaken, Post, Unreachable
from portal.desk.notices import header_safe
from portal.settings import Settings

PATIENCE = 10.0
"""Seconds the mail server may take for one answer."""
FOR_GOOD = 500
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Handrail-Reference",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]
"""Exactly the headers a message leaves with, in this order; those without a reference, or that answer no mail, leave
some out."""


class UnsafeMessage(NotTaken):
    """The written bytes hold a header nobody put there, so the message does not leave."""

    def __init__(self) -> None:
        super().__init__("A value in a header would have added another header.", for_good=True)


def written(envelope: Envelope, company: str, mail_from: str) -> bytes:
    """The message as bytes: text and HTML, marked as automatic, its reference in the headers. S1-4.4.1c, S3-3.1.1b

    Raises UnsafeMessage when the bytes hold any header but ours, NotTaken when an address is none.
    """
    address = _ascii_domain(envelope.to_address)
    message = EmailMessage(policy=SMTP if address.isascii() else SMTPUTF8)
    try:
        message["From"] = _mailbox(company, mail_from)
        message["To"] = _mailbox(envelope.to_name, address)
    except (ValueError, IndexError, HeaderParseError) as error:
        raise NotTaken("The address cannot be written on an envelope.", for_good=True) from error
    message["Subject"] = header_safe(envelope.subject)
    message["Date"] = format_datetime(envelope.written_at)
    message["Message-ID"] = envelope.message_id
    reference = header_safe(envelope.reference)
    answers = header_safe(envelope.in_reply_to)
    if answers:
        message["In-Reply-To"] = answers
    if reference:  # a reply carries it back, so that it finds its thread
        thread = f"<{reference}@{mail_from.rpartition('@')[2]}>"
        message["References"] = f"{answers} {thread}".strip()
    message["Auto-Submitted"] = "auto-replied" if answers else "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if reference:
        message["X-Handrail-Reference"] = reference
    message["MIME-Version"] = "1.0"
    message.set_content(envelope.text, cte="quoted-printable")
    message.add_alternative(envelope.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = envelope.language
    content = message.as_bytes()
    needless = {
        "References": not reference,
        "X-Handrail-Reference": not reference,
        "In-Reply-To": not answers,
    }
    wanted = [name for name in HEADERS if not needless.get(name)]
    if _header_names(content) != wanted:
        raise UnsafeMessage
    return content


def _mailbox(name: str, address: str) -> Address:
    return Address(header_safe(name), addr_spec=header_safe(address))


def _ascii_domain(address: str) -> str:
    """The address with its domain as the name service knows it; a local part in another script stays."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def _header_names(content: bytes) -> list[str]:
    head = content.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = [line for line in head.split(b"\n") if not line.startswith((b" ", b"\t"))]
    return [line.partition(b":")[0].decode("ascii", "replace") for line in lines]


class SmtpPost:
    """Sends through a mail server."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        company: str,
        mail_from: str,
        security: str = "starttls",
        user: str = "",
        password: str = "",
        patience: float = PATIENCE,
    ) -> None:
        self.company = company
        self.mail_from = mail_from
        self.patience = patience
        self._connect = {
            "hostname": host,
            "port": port,
            "username": user or None,
            "password": password or None,
            "use_tls": security == "tls",
            "start_tls": security == "starttls",
            "timeout": patience,
        }

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Open a line that connects with the first message and hangs up at the end."""
        line = SmtpLine(self)
        try:
            yield line
        finally:
            await line.hang_up()

    async def connection(self) -> aiosmtplib.SMTP:
        """A fresh connection, greeted and signed in. Raises Unreachable."""
        smtp = aiosmtplib.SMTP(**self._connect)  # type: ignore[arg-type]  # the values fit, each by its name
        try:
            async with asyncio.timeout(self.patience * 3):  # greeting, TLS, sign-in
                await smtp.connect()
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError) as error:
            smtp.close()
            raise Unreachable(_in_words(error)) from error
        return smtp


class SmtpLine:
    """One connection, made anew after it broke."""

    def __init__(self, post: SmtpPost) -> None:
        self._post = post
        self._smtp: aiosmtplib.SMTP | None = None

    async def send(self, envelope: Envelope) -> None:
        """Hand one message over. Raises NotTaken, or Unreachable when nobody answers at all."""
        content = written(envelope, self._post.company, self._post.mail_from)
        address = _ascii_domain(envelope.to_address)
        if self._smtp is None or not self._smtp.is_connected:
            self._smtp = await self._post.connection()
        options = [] if address.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        if options and not self._smtp.supports_extension("smtputf8"):
            raise NotTaken("The mail server takes no address in this script.", for_good=True)
        try:
            async with asyncio.timeout(self._post.patience * 2):
                await self._smtp.sendmail(self._post.mail_from, [address], content, mail_options=options)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusal = error.recipients[0]
            raise NotTaken(_said(refusal), for_good=refusal.code >= FOR_GOOD) from error
        except aiosmtplib.SMTPDataError as error:
            raise NotTaken(_said(error), for_good=error.code >= FOR_GOOD) from error
        except (
            aiosmtplib.SMTPResponseException
        ) as error:  # the sender or the greeting: ours to mend, not theirs
            raise NotTaken(_said(error), for_good=False) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._smtp.close()
            self._smtp = None
            raise NotTaken(_in_words(error), for_good=False) from error

    async def hang_up(self) -> None:
        """Say good-bye; a server that does not answer is left."""
        if self._smtp is not None and self._smtp.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await self._smtp.quit()
            self._smtp.close()


class DemoPost:
    """Takes everything and sends nothing: the messages of the demo are read at /demo/mail."""

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Open a line to nowhere."""
        yield self

    async def send(self, envelope: Envelope) -> None:
        """Take the message. It is built and checked like any other."""
        written(envelope, "Demo", "desk@example.com")


def post_of(settings: Settings) -> Post | None:
    """The post of this installation; None where messages wait until a mail server is named."""
    if settings.smtp_host:
        return SmtpPost(
            host=settings.smtp_host,
            port=settings.smtp_port,
            company=settings.company,
            mail_from=settings.mail_from,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password,
        )
    return DemoPost() if settings.demo else None


def _said(error: aiosmtplib.SMTPResponseException) -> str:
    return header_safe(f"The mail server said: {error.code} {error.message}")


def _in_words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    return header_safe(f"The line to the mail server failed: {error}")
