"""A real IMAP server with one mailbox, in a thread of its own."""

import asyncio
import imaplib
import socket
import threading
from argparse import Namespace
from contextlib import AsyncExitStack, suppress
from datetime import datetime

from pymap.backend.dict import Config, DictBackend, Login
from pymap.imap import IMAPService
from pymap.user import Passwords, UserMetadata

USER, PASSWORD = "desk@example.com", "a pass word, with “signs”"


class ImapServer:
    """Keeps what is put into its mailbox until it is stopped; started again it counts anew, as after a restore."""

    def __init__(self) -> None:
        self.host = "127.0.0.1"
        with socket.socket() as probe:
            probe.bind((self.host, 0))
            self.port = int(probe.getsockname()[1])
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None

    def start(self) -> None:
        """Listen, on the same port each time."""
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def stop(self) -> None:
        """Refuse connections until `start`, as a server that is down does."""
        if self._loop is not None and self._over is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(10)
        self._loop = None

    def put(self, *mails: bytes, at: datetime) -> None:
        """Let mails arrive at a moment, from Python's own client."""
        with self._client() as client:
            for one in mails:
                state, told = client.append("INBOX", "", f'"{at:%d-%b-%Y %H:%M:%S %z}"', one)
                assert state == "OK", told

    def flags(self) -> list[bytes]:
        """What stands beside each mail for whoever looks into the mailbox."""
        with self._client() as client:
            client.select("INBOX", readonly=True)
            _, told = client.fetch("1:*", "(FLAGS)")
            return [one for one in told if isinstance(one, bytes)]

    def take_out(self, number: int) -> None:
        """Delete a mail, as a person at a mail program does."""
        with self._client() as client:
            client.select("INBOX")
            client.store(str(number), "+FLAGS", r"(\Deleted)")
            client.expunge()

    def _client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4(self.host, self.port, timeout=10)
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return client

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        args = Namespace(inherited_sockets=None, passlib_cfg=None, proxy_protocol=None)
        config = Config(
            args,
            host=self.host,
            port=self.port,
            demo_data=False,
            demo_user=USER,
            demo_password=PASSWORD,
            tls_enabled=False,
            secure_auth=False,
            reject_dnsbl=False,
            invalid_user_sleep=0,
            max_append_len=100_000_000,
        )
        config.apply_context()
        backend = DictBackend(Login(config), config)
        hashed = await Passwords(config).hash_password(PASSWORD)
        await backend.login.demo_user_identity.set(UserMetadata(config, USER, password=hashed))
        async with AsyncExitStack() as stack:
            await IMAPService(backend, config).start(stack)
            ready.set()
            await self._over.wait()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*left, return_exceptions=True)
