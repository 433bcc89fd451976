"""What was said in a call, kept with its contact: added as words or as a file, corrected, taken away, and found.

S3-6.1.1a. Whoever may see the contact reads its transcript, finds it by its words and adds one; nobody else does any of
these. A corrected version is a further one, and those before it stay to be read. Who leads can take all of them away,
with a reason; then no word is left, neither to be read nor to be found, and erasing the customer does the same.
The words stand in no audit entry: it names the version, its length and its digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import joinedload, load_only

from models import Contact, ContactTranscript
from portal.desk import audit, case_words, search
from portal.desk.attachments import safe_name
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.permissions import May
from portal.desk.rows import narrowed, seen
from portal.desk.saving import hold, storable
from portal.desk.timed_text import as_text, digits_in, turns_of
from portal.desk.work import Work

KIND = "transcript"
"""What the words of transcripts are called among those everything is found by; they lead to the contact."""
LARGEST = 1024 * 1024
"""Bytes of a file."""
LONGEST = 200_000
"""Characters of a transcript: about five hours of talking."""
MOST_DIGITS, MOST_LINES = 5_000, 50_000
"""More than anybody says in that time, with the lines that subtitles have besides."""
LONGEST_REASON = 300
ENDS = (".txt", ".vtt", ".srt")
MOST = 50
"""Versions of one contact."""
_rows: Any = ContactTranscript.__table__


@dataclass(frozen=True, slots=True)
class Kept:
    """The transcript of a contact as it is read."""

    shown: ContactTranscript | None
    """The version that is read: the last one, or the earlier one that was asked for; None where there is none."""
    versions: Sequence[ContactTranscript] = ()
    """All of them without their words, the last first; of those taken away only that they were."""

    @property
    def last(self) -> int:
        """The number of the last version, taken away or not; 0 where there never was one."""
        return self.versions[0].number if self.versions else 0

    @property
    def current(self) -> ContactTranscript | None:
        """The version that counts."""
        first = self.versions[0] if self.versions else None
        return first if first is not None and first.removed_at is None else None


async def of_contact(work: Work, contact_id: int, number: int | None = None) -> Kept:
    """The transcript of a contact that the actor may see, with its versions. Raises NotFound for no such version."""
    work.require(May.SEE_CONTACTS)
    versions = list(
        await work.session.scalars(
            select(ContactTranscript)
            .where(ContactTranscript.contact_id == contact_id, seen(work.actor, ContactTranscript))
            .options(
                load_only(*(getattr(ContactTranscript, one.key) for one in _rows.c if one.key != "words")),
                joinedload(ContactTranscript.added_by),
                joinedload(ContactTranscript.removed_by),
            )
            .order_by(ContactTranscript.number.desc())
        )
    )
    kept = Kept(None, versions)
    wanted = kept.current if number is None else next((one for one in versions if one.number == number), None)
    if number is not None and (wanted is None or wanted.removed_at is not None):
        raise NotFound("There is no such version of the transcript.")
    if wanted is not None:
        await work.session.refresh(wanted, ["words"])
    return Kept(wanted, versions)


async def contact_of(work: Work, contact_id: int) -> Contact:
    """The contact, where the actor may see it. Raises NotFound."""
    work.require(May.SEE_CONTACTS)
    found: Contact | None = await work.session.scalar(
        narrowed(work.actor, Contact, select(Contact)).where(Contact.id == contact_id)
    )
    if found is None:
        raise NotFound("There is no such contact.")
    return found


async def add(
    work: Work, contact: Contact, words: str, name: str = "", content: bytes | None = None, *, after: int = 0
) -> int:
    """Keep what was said, pasted or from a file, as the version after the one that was looked at; give its number.

    Card numbers are left out. The same words once more change nothing. Raises NotAccepted of `words` or `file` for
    what is no text, too much or nothing at all, and of `words` where somebody added a version meanwhile. S3-6.1.1a
    """
    work.require(May.SEE_CONTACTS)
    called = safe_name(name)[: _rows.c.name.type.length] if content is not None else ""
    await hold(work, contact)
    last = await _last(work, contact.id)
    if (
        content is not None
        and last is not None
        and "\n".join(map(str, turns_of(storable(words)))).strip() == last.words
    ):
        words = ""  # what stood in the box already is no second transcript beside the file
    said = _read(words, called, content)
    if last is not None and last.removed_at is None and last.words == said:
        return last.number
    there = last.number if last else 0
    if there != after:
        raise NotAccepted(
            words="Somebody changed the transcript meanwhile. Look at it, and send yours if it is still right."
        )
    if there >= MOST:
        raise WrongMoment(f"{contact.number} has {MOST} versions of its transcript: no more are kept.")
    values = {
        "contact_id": contact.id,
        "number": there + 1,
        "name": called,
        "words": said,
        "added_by_id": work.actor.person_id,
        "added_at": work.now,
        "removed_because": "",
    }
    made = await work.session.scalar(
        insert(_rows).values(values).returning(_rows.c.id).execution_options(audited=True)
    )
    told = {"number": there + 1, "name": called, "characters": len(said), "digest": _digest(said)}
    await search.index_all(work, KIND, [(contact.id, case_words.words_of([said]))], known=True)
    await audit.record(
        work,
        "correct transcript" if last is not None and last.removed_at is None else "add transcript",
        contact,
        changes={f"contact_transcripts/{made}": {one: [None, value] for one, value in told.items()}},
    )
    return there + 1


async def remove(work: Work, contact: Contact, because: str) -> None:
    """Take the transcript away, every version of it and what it is found by; the reason stays. S3-6.1.1a

    Raises NotAccepted without a reason, WrongMoment where there is none.
    """
    work.require(May.SEE_TEAM)
    reason = " ".join(storable(because).split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise NotAccepted(because=f"Say why it is taken away, in at most {LONGEST_REASON} characters.")
    refuse_card_numbers(because=reason)
    await hold(work, contact)
    there = (_rows.c.contact_id == contact.id, _rows.c.removed_at.is_(None))
    gone = (await work.session.execute(select(_rows.c.id, _rows.c.number, _rows.c.words).where(*there))).all()
    if not gone:
        raise WrongMoment(f"{contact.number} has no transcript.")
    await work.session.execute(
        update(_rows)
        .where(*there)
        .values(
            words="", name="", removed_at=work.now, removed_by_id=work.actor.person_id, removed_because=reason
        )
        .execution_options(audited=True, synchronize_session=False)
    )
    await search.index_all(work, KIND, [(contact.id, set())], known=True)
    told = {
        f"contact_transcripts/{one.id}": {"number": [one.number, None], "digest": [_digest(one.words), None]}
        for one in gone
    }
    await audit.record(work, "remove transcript", contact, changes=told, reason=reason)


async def found(work: Work, text: str) -> list[Contact]:
    """The newest contacts in whose transcript each of these words stands, among those the actor may see. S3-6.1.1a

    The rule for rows stands in the statement itself: not even how many there are is told of what may not be seen.
    """
    matching = search.matching(case_words.asked(text), KIND) if work.may(May.SEE_CONTACTS) else None
    if matching is None:
        return []
    statement = narrowed(work.actor, Contact, select(Contact)).where(Contact.id.in_(matching))
    return list(
        await work.session.scalars(
            statement.options(joinedload(Contact.taken_by)).order_by(Contact.id.desc()).limit(search.LIMIT)
        )
    )


async def _last(work: Work, contact_id: int) -> ContactTranscript | None:
    last: ContactTranscript | None = await work.session.scalar(
        select(ContactTranscript)
        .where(ContactTranscript.contact_id == contact_id)
        .order_by(ContactTranscript.number.desc())
        .limit(1)
    )
    return last


def _read(words: str, name: str, content: bytes | None) -> str:
    """The text as it is kept. Raises NotAccepted of the field it came by."""
    field, told = ("words", words) if content is None else ("file", "")
    if content is not None:
        if words.strip():
            raise NotAccepted(file="Paste the words or choose a file, not both.")
        told = _text_of(name, content)
    elif not words.strip():
        raise NotAccepted(words="Paste what was said, or choose a file.")
    if told.count("\n") > MOST_LINES:
        raise NotAccepted.of({field: f"At most {MOST_LINES:,} lines."})
    turns = turns_of(storable(told))
    many = sum(len(str(one)) + 1 for one in turns) - 1
    if not any(one.words.strip() for one in turns):
        raise NotAccepted.of({field: "There is not a word in it."})
    if many > LONGEST:
        raise NotAccepted.of({field: f"At most {LONGEST:,} characters; these are {many:,}."})
    if digits_in(turns) > MOST_DIGITS:
        raise NotAccepted.of({field: f"More than {MOST_DIGITS:,} digits: this is not what somebody said."})
    return as_text(turns)


def _text_of(name: str, content: bytes) -> str:
    if PurePosixPath(name.lower()).suffix not in ENDS:
        raise NotAccepted(file=f"{name} cannot be taken: send plain text (.txt) or subtitles (.vtt, .srt).")
    if not content:
        raise NotAccepted(file=f"{name} is empty.")
    if len(content) > LARGEST:
        raise NotAccepted(file=f"{name} is larger than 1 MB.")
    try:
        told = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAccepted(file=f"{name} is not written in UTF-8: save it as UTF-8 text first.") from None
    if "\0" in told:
        raise NotAccepted(file=f"{name} is no text: save it as UTF-8 text first.")
    return told


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
