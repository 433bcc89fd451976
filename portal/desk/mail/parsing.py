"""From the bytes of a mail to plain values. Nothing a sender writes is believed, loaded or run.

Headers are cut before they are looked at, so that ten thousand receivers cost no more than one; what is no character,
or ends a line where none should end, is left out; text in an unknown character set is read as well as it can be.
"""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message as Mime
from email.policy import compat32
from email.utils import getaddresses

from portal.desk.attachments import LARGEST, kind_of, safe_name
from portal.desk.cards import without_card_numbers
from portal.desk.mail.plain import of_html
from portal.desk.notices import header_safe
from portal.desk.saving import storable

LONGEST_HEADER = 2000
LONGEST_REFERENCES = 20_000
LONGEST_WORDS = 20_000
LONGEST_SUBJECT = 300
MOST_PARTS = 200
MOST_FILES = 20
NO_SUBJECT = "(no subject)"
CUT = "\n… (cut here; the whole mail is in the mailbox)"
_IDS = re.compile(r"<([^<>\s]{3,490})>")
_ADDRESS = re.compile(r"""[^\s@<>,;:"()\[\]\\]{1,64}@[^\s@<>,;:"()\[\]\\]{1,255}""")
_NOBODY = re.compile(r"(no|do-?not)[-_.]?reply.*|mailer-daemon|postmaster|bounces?([-+=].*)?", re.IGNORECASE)
_ENDS = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}


@dataclass(frozen=True, slots=True)
class File:
    """A file that is kept: looked at, named safely."""

    name: str
    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server says of a letter of ours. RFC 3464"""

    failed: bool
    """For good; otherwise it is still being tried."""
    said: str
    letters: tuple[str, ...]
    """Message-IDs of what it is about."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail as plain values."""

    key: str
    message_id: str
    sender_name: str
    sender_address: str
    """In small letters; empty where there is none that could be answered."""
    subject: str
    words: str
    references: tuple[str, ...]
    """Message-IDs that it answers, the nearest first."""
    automatic: str = ""
    """Why a machine wrote it; empty for a person."""
    report: Report | None = None
    files: tuple[File, ...] = ()
    left_out: tuple[str, ...] = ()


def parsed(raw: bytes, *, whole: bool = True) -> Parsed:
    """Take a mail apart. Raises whatever Python's reader does for what nobody can read; the caller rejects it then."""
    mime = email.message_from_bytes(raw, policy=compat32)
    heads = _heads(mime)
    message_id = next(iter(_IDS.findall(_first(heads, "message-id"))), "")
    senders = getaddresses([_first(heads, "from")])
    name, address = senders[0] if senders else ("", "")  # of several the first, whatever Python's patch level
    address = storable(address).strip().lower()
    texts, files, left_out = _contents(mime) if whole else ("", (), ())
    words = storable(texts).strip()
    if len(words) > LONGEST_WORDS:
        words = words[:LONGEST_WORDS] + CUT
    return Parsed(
        key=_key(raw, message_id),
        message_id=f"<{message_id}>" if message_id else "",
        sender_name=without_card_numbers(header_safe(storable(_decoded(name))))[:300],
        sender_address=address if _ADDRESS.fullmatch(address) and address.isprintable() else "",
        subject=without_card_numbers(header_safe(storable(_decoded(_first(heads, "subject")))))[
            :LONGEST_SUBJECT
        ]
        or NO_SUBJECT,
        words=without_card_numbers(words),
        references=_references(heads),
        automatic=_automatic(heads, address),
        report=_report(mime, raw, heads) if whole else None,
        files=files,
        left_out=left_out,
    )


def _heads(mime: Mime) -> dict[str, list[str]]:
    """Every header as text, by its name; a header that comes often is read a few times."""
    found: dict[str, list[str]] = {}
    for name, value in mime.raw_items():
        kept = found.setdefault(name.lower(), [])
        if len(kept) < MOST_FILES:
            cut = str(value)[: LONGEST_REFERENCES if name.lower() == "references" else LONGEST_HEADER]
            kept.append(cut.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    return found


def _first(heads: dict[str, list[str]], name: str) -> str:
    return " ".join(heads.get(name, [""])[0].split())


def _decoded(text: str) -> str:
    """Encoded words as what they say, as far as anybody knows their character set."""
    try:
        pieces = decode_header(text)
    except Exception:  # noqa: BLE001 - the reader of headers fails in many ways for what is none
        return text
    return "".join(
        _text(one, charset or "ascii") if isinstance(one, bytes) else one for one, charset in pieces
    )


def _text(content: bytes, charset: str) -> str:
    """Bytes as text: in the character set they name, else as UTF-8, else as what the West wrote before it."""
    for one in (charset, "utf-8"):
        try:
            return content.decode(one)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _key(raw: bytes, message_id: str) -> str:
    """What makes a mail the same one. With a Message-ID that and its content, as servers add headers on the way."""
    if message_id:
        body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
        return hashlib.sha256(message_id.encode() + b"\0" + body).hexdigest()
    return hashlib.sha256(raw).hexdigest()


def _references(heads: dict[str, list[str]]) -> tuple[str, ...]:
    nearest = _IDS.findall(_first(heads, "in-reply-to"))
    before = reversed(_IDS.findall(_first(heads, "references"))[-50:])
    return tuple(f"<{one}>" for one in dict.fromkeys([*nearest[:5], *before]))


def _automatic(heads: dict[str, list[str]], address: str) -> str:
    """Why nobody is to answer it by machine, in words. RFC 3834, S3-3.1.1b"""
    told = _first(heads, "auto-submitted").partition(";")[0].strip().lower()
    if told not in {"", "no"}:
        return f"A machine wrote it (Auto-Submitted: {header_safe(told)[:60]})."
    if (weight := _first(heads, "precedence").lower()) in {"bulk", "junk", "list"}:
        return f"It went to many (Precedence: {weight})."
    for name in ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond", "feedback-id"):
        if _first(heads, name):
            return f"It went to many, or a machine wrote it ({name.title()})."
    if "return-path" in heads and _first(heads, "return-path") == "<>":
        return "A mail server wrote it (no return path)."
    if _NOBODY.fullmatch(address.partition("@")[0]):
        return "Nobody reads answers at the address it came from."
    return ""


def _parts(mime: Mime) -> Iterator[Mime]:
    """The parts that hold something, the first few; what is forwarded as a mail of its own is one part."""
    left, seen = [mime], 0
    while left and seen < MOST_PARTS:
        one = left.pop(0)
        seen += 1
        content = one.get_payload()
        if one.get_content_maintype() == "multipart" and isinstance(content, list):
            left[:0] = [inner for inner in content if isinstance(inner, Mime)]
        else:
            yield one


def _contents(mime: Mime) -> tuple[str, tuple[File, ...], tuple[str, ...]]:
    """The text, the files that are kept, and a line for each that is not."""
    plain: list[str] = []
    pages: list[str] = []
    files: list[File] = []
    left_out: list[str] = []
    for part in _parts(mime):
        sort = part.get_content_type()
        named = _decoded(part.get_filename() or "")
        if (
            not named
            and sort in {"text/plain", "text/html"}
            and part.get_content_disposition() != "attachment"
        ):
            content = part.get_payload(decode=True)
            told = _text(
                content if isinstance(content, bytes) else b"", str(part.get_param("charset", "utf-8"))
            )
            (plain if sort == "text/plain" else pages).append(told)
        elif not sort.startswith("message/delivery-status"):
            _keep(part, named or f"file{_ENDS.get(sort, '')}", sort, files, left_out)
    told = "\n\n".join(one.strip() for one in plain if one.strip())
    return told or "\n\n".join(of_html(one) for one in pages), tuple(files), tuple(left_out)


def _keep(part: Mime, named: str, sort: str, files: list[File], left_out: list[str]) -> None:
    """Keep a file as those of a contact are kept, or say why not."""
    name = safe_name(without_card_numbers(named))
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        left_out.append(f"{name}: a mail inside the mail ({sort[:60]}) is not kept.")
    elif not content:
        left_out.append(f"{name}: it is empty.")
    elif len(content) > LARGEST:
        left_out.append(f"{name}: it is larger than 5 MB.")
    elif len(files) >= MOST_FILES:
        left_out.append(f"{name}: no more than {MOST_FILES} files are kept.")
    elif (kind := kind_of(name, content)) is None:
        left_out.append(f"{name}: not a picture, a PDF or plain text, or not named as what it is.")
    else:
        files.append(File(name, kind[1], content))


def _report(mime: Mime, raw: bytes, heads: dict[str, list[str]]) -> Report | None:
    """What a mail server reports, where this is a report. RFC 3464"""
    if mime.get_content_type() != "multipart/report":
        return None
    statuses = [one for one in mime.walk() if one.get_content_type() == "message/delivery-status"]
    if not statuses:
        return None
    blocks: list[Mime] = []
    for one in statuses[:3]:
        content = one.get_payload()
        blocks += [block for block in content if isinstance(block, Mime)] if isinstance(content, list) else []
    actions = [str(one.get("Action", "")).strip().lower() for one in blocks[:MOST_PARTS]]
    said = [
        " ".join(f"{one.get('Status', '')} {one.get('Diagnostic-Code', '')}".split())
        for one in blocks[:MOST_PARTS]
        if one.get("Action")
    ]
    tail = raw[-200_000:].decode("latin-1")
    letters = [*_references(heads), *(f"<{one}>" for one in _IDS.findall(tail)[:200])]
    words = header_safe(storable(_decoded(" / ".join(filter(None, said)))))[:400]
    return Report("failed" in actions, words or "It did not say why.", tuple(dict.fromkeys(letters)))
