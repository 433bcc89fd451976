"""Files that come with a contact: looked at before they are taken, kept whole, and only ever handed out.

What a file is decides its first bytes, its name has to fit; nothing is ever run or shown inside a page of ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import delete, exists, insert, or_, select

from models import Attachment, Contact, Intake
from portal.desk import audit
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.fields import FIELDS, files_of
from portal.desk.fields.knowing import ACCEPTED
from portal.desk.kinds import Run, Typed
from portal.desk.permissions import May
from portal.desk.rows import visible
from portal.desk.saving import storable
from portal.desk.scripts import Field, Step
from portal.desk.work import Work

LARGEST = 5 * 1024 * 1024
"""Bytes of one file."""
LONGEST_NAME = 120
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\ufeff\u2066-\u2069/\\:*?\"<>|]+")


@dataclass(frozen=True, slots=True)
class Known:
    """A sort of file that is taken: how it begins, and what its name may end with."""

    accept: str
    media_type: str
    begins: tuple[tuple[int, bytes], ...]
    ends: tuple[str, ...]


KNOWN = (
    Known("image", "image/png", ((0, b"\x89PNG\r\n\x1a\n"),), (".png",)),
    Known("image", "image/jpeg", ((0, b"\xff\xd8\xff"),), (".jpg", ".jpeg")),
    Known("image", "image/webp", ((0, b"RIFF"), (8, b"WEBP")), (".webp",)),
    Known("image", "image/gif", ((0, b"GIF8"),), (".gif",)),
    Known("image", "image/heic", ((4, b"ftypheic"),), (".heic", ".heif")),
    Known("pdf", "application/pdf", ((0, b"%PDF-"),), (".pdf",)),
)
"""Pictures and PDF by their first bytes; plain text is whatever reads as such and is called so."""
TEXT_ENDS = (".txt", ".log", ".csv")


def kind_of(name: str, content: bytes) -> tuple[str, str] | None:
    """(`image`, `pdf` or `text`, media type) of a file; None for what is not taken."""
    ending = PurePosixPath(name.lower()).suffix
    for known in KNOWN:
        if all(content[at : at + len(sign)] == sign for at, sign in known.begins):
            return (known.accept, known.media_type) if ending in known.ends else None
    if ending not in TEXT_ENDS or b"\0" in content:
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "text", "text/plain; charset=utf-8"


def safe_name(name: str) -> str:
    """The file's own name without a folder, and without signs that steer a shell, a header or a screen."""
    last = storable(name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = " ".join(_UNSAFE.sub(" ", last).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > LONGEST_NAME and dot:
        plain = f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending[:10]}"
    return plain[:LONGEST_NAME] or "file"


def question_of(step: Step, name: str) -> Field:
    """The step's question for a file. Raises NotFound."""
    found = next((one for one in step.ask if one.name == name and FIELDS[one.kind].by_files), None)
    if found is None:
        raise NotFound("This step asks for no such file.")
    return found


def named(run: Run, step: Step) -> Typed:
    """The answers of a step that name files, as they stand."""
    typed = run.typed(step.key)
    names = (one.name for one in step.ask if FIELDS[one.kind].by_files)
    return {name: typed[name] for name in names if typed.get(name)}


async def add(work: Work, run: Run, step: Step, field: str, name: str, content: bytes) -> Typed:
    """Keep a file with the contact; give the answer that names it. The same file again is kept once.

    Raises NotAccepted where it is too large, empty, not of a sort that is taken here, or one too many.
    """
    work.require(May.TAKE_CONTACTS)
    asked, called = question_of(step, field), safe_name(name)
    kind = _refuse_unfit(asked, called, content)
    known = files_of(run.typed(step.key).get(field, ""))
    digest = hashlib.sha256(content).hexdigest()
    rows: Any = Attachment.__table__
    there = await work.session.scalar(
        select(Attachment.id).where(
            Attachment.contact_id == run.contact_id,
            Attachment.step == step.key,
            Attachment.field == field,
            Attachment.digest == digest,
        )
    )
    if there is not None and there in {one for one, _ in known}:
        return named(run, step)
    wanted = "\n".join([*(f"{one} {told}" for one, told in known), f"0 {called}"])
    if words := FIELDS["file"].problem(asked, wanted):
        raise NotAccepted.of({field: words})
    values = {
        "contact_id": run.contact_id,
        "step": step.key,
        "field": field,
        "name": called,
        "media_type": kind,
        "size": len(content),
        "digest": digest,
        "content": content,
        "added_by_id": work.actor.person_id,
        "added_at": work.now,
    }
    made = await work.session.scalar(
        insert(rows).values(values).returning(rows.c.id).execution_options(audited=True)
    )
    told = {name: [None, values[name]] for name in ("name", "media_type", "size", "digest")}
    await audit.record(
        work, "add file", Attachment(id=made), changes={f"attachments/{made}": told}, reason=step.key
    )
    lines = [*(f"{one} {named_so}" for one, named_so in known), f"{made} {called}"]
    return {**named(run, step), field: "\n".join(lines)}


def _refuse_unfit(asked: Field, name: str, content: bytes) -> str:
    """Give the file's media type. Raises NotAccepted in words."""
    if not content:
        raise NotAccepted.of({asked.name: f"{name} is empty."})
    if len(content) > LARGEST:
        raise NotAccepted.of({asked.name: f"{name} is larger than 5 MB."})
    told = asked.options.get("accept") or ACCEPTED
    kind = kind_of(name, content)
    if kind is None or kind[0] not in told:
        sorts = " or ".join(_SORTS[one] for one in ACCEPTED if one in told)
        raise NotAccepted.of({asked.name: f"{name} cannot be taken: send {sorts}, named as what it is."})
    return kind[1]


_SORTS: Mapping[str, str] = {
    "image": "a picture (PNG, JPEG, WebP, GIF, HEIC)",
    "pdf": "a PDF",
    "text": "plain text",
}


async def remove(work: Work, run: Run, step: Step, field: str, attachment_id: int) -> Typed:
    """Throw a file away that was added by mistake; give the answers that name what is left. Raises NotFound."""
    work.require(May.TAKE_CONTACTS)
    question_of(step, field)
    known = files_of(run.typed(step.key).get(field, ""))
    if attachment_id not in {one for one, _ in known}:
        raise NotFound("This step has no such file.")
    gone = await work.session.execute(
        delete(Attachment)
        .where(
            Attachment.id == attachment_id,
            Attachment.contact_id == run.contact_id,
            Attachment.step == step.key,
            Attachment.field == field,
        )
        .returning(Attachment.name, Attachment.digest)
        .execution_options(audited=True, synchronize_session=False)
    )
    row = gone.first()
    told = {"name": [row.name, None], "digest": [row.digest, None]} if row else {}
    await audit.record(
        work,
        "remove file",
        Attachment(id=attachment_id),
        changes={f"attachments/{attachment_id}": told},
        reason=step.key,
    )
    left = "\n".join(f"{one} {name}" for one, name in known if one != attachment_id)
    return {name: value for name, value in {**named(run, step), field: left}.items() if value}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as it is handed out."""

    name: str
    media_type: str
    digest: str
    content: bytes


async def open_file(work: Work, attachment_id: int) -> Opened:
    """Read a file of a contact that the actor may see, or is in. Raises NotFound otherwise. S3-5.1.2"""
    work.require(May.TAKE_CONTACTS)
    statement = (
        select(Attachment.name, Attachment.media_type, Attachment.digest, Attachment.content)
        .join(Contact, Contact.id == Attachment.contact_id)
        .where(Attachment.id == attachment_id)
    )
    rule = visible(work.actor, Contact)
    if rule is not None:
        held = exists().where(
            Intake.contact_id == Contact.id,
            Intake.held_by_id == work.actor.person_id,
            Intake.finished_at.is_(None),
        )
        statement = statement.where(or_(rule, held))
    row = (await work.session.execute(statement)).first()
    if row is None:
        raise NotFound
    return Opened(row.name, row.media_type, row.digest, row.content)


def with_files(run: Run, step: Step, answers: Typed) -> Run:
    """The run with other files named in the answers of a step."""
    others = {
        name: value
        for name, value in run.typed(step.key).items()
        if not any(one.name == name and FIELDS[one.kind].by_files for one in step.ask)
    }
    return replace(run, answers={**run.answers, step.key: {**others, **answers}})
