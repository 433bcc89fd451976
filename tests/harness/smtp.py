"""A real mail server that says what a test tells it to say."""

import asyncio
import email
import email.policy
import socket
from collections import deque
from dataclasses import dataclass
from email.message import EmailMessage
from enum import Enum
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Session


class Reply(Enum):
    """What the server does with the next message offered to it."""

    ACCEPT = "takes it"
    LATER = "451 4.3.0 Try again later"
    NEVER = "550 5.1.1 No such mailbox"
    HANG = "falls silent after the message has arrived"
    DROP = "takes it, and the line breaks before it can say so"


@dataclass(frozen=True)
class Letter:
    """One message as it arrived, with the addresses of its envelope."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


class MailServer:
    """Accepts everything unless told otherwise: `smtp.next(Reply.LATER, Reply.ACCEPT)`."""

    def __init__(self) -> None:
        self.host = "127.0.0.1"
        self.port = _free_port(self.host)
        self.letters: list[Letter] = []
        self.attempts = 0
        self._replies: deque[Reply] = deque()
        self._controller: Controller | None = None

    def next(self, *replies: Reply) -> None:
        """Say how the next messages are answered, in order; those after them are accepted."""
        self._replies.extend(replies)

    def start(self) -> None:
        """Listen, on the same port each time."""
        # The loop must not outlive the server in any thread, or a later test is blamed for it.
        self._controller = Controller(self, hostname=self.host, port=self.port, ready_timeout=10)
        self._controller.start()

    def stop(self) -> None:
        """Refuse connections until `start`, as a server that is down does."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Decide on the answer when a message is announced."""
        self.attempts += 1
        envelope.mail_from = address
        envelope.reply = self._replies.popleft() if self._replies else Reply.ACCEPT
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Refuse a receiver for now or for ever, or note them."""
        if envelope.reply in {Reply.LATER, Reply.NEVER}:
            return str(envelope.reply.value)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Session, envelope: Any) -> str:  # noqa: N802 - as above
        """Take the message, or misbehave."""
        if envelope.reply is Reply.HANG:
            await asyncio.Event().wait()
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append(Letter(envelope.mail_from, tuple(envelope.rcpt_tos), parsed))
        if envelope.reply is Reply.DROP:
            server.transport.abort()
        return "250 Taken"


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
