"""Writing a script: versions looked at, drafted, saved, commented on, brought in from a file and given out as one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarResult, Select, func, select
from sqlalchemy.orm import defer, joinedload

from models import Contact, ScriptComment, ScriptVersion
from models.words import ScriptStatus
from portal.desk import audit
from portal.desk.errors import Conflict, NotAccepted, NotFound, WrongMoment
from portal.desk.permissions import May
from portal.desk.saving import hold_version, storable
from portal.desk.scripts import text
from portal.desk.scripts.composing import InForce, in_force
from portal.desk.scripts.document import Document, read
from portal.desk.scripts.steps import SCRIPTS, BrokenScript
from portal.desk.work import Work

LONGEST_WORDS = 2000
"""Characters of a note or a comment."""
USED_FOR = timedelta(days=30)
UNFINISHED = (ScriptStatus.DRAFT, ScriptStatus.APPROVED)


@dataclass(frozen=True, slots=True)
class Listed:
    """One script in the list of all."""

    script: str
    title: str
    in_force: InForce | None
    latest: int
    """Number of the newest version, published or not."""
    unfinished: int
    """How many drafts there are, approved ones among them."""
    coming: datetime | None
    """From when another version comes into force."""
    changed_at: datetime | None
    used: int
    """Contacts of the last 30 days that walked it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: the version that holds its content, and whether it had to be written."""

    version: ScriptVersion
    changed: bool


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document: the same for the same content, however it was written down."""
    told = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


async def listed(work: Work) -> list[Listed]:
    """Every script with what is in force, what is being written and how often it is used. S4-1.1, S4-1.2"""
    work.require(May.SEE_SCRIPTS)
    found = await in_force(work)
    unfinished = func.count().filter(ScriptVersion.status.in_(UNFINISHED))
    coming = func.min(ScriptVersion.in_force_from).filter(
        ScriptVersion.status == ScriptStatus.PUBLISHED, ScriptVersion.in_force_from > work.now
    )
    rows = await work.session.execute(
        select(
            ScriptVersion.script,
            func.max(ScriptVersion.number),
            unfinished,
            coming,
            func.max(ScriptVersion.changed_at),
        ).group_by(ScriptVersion.script)
    )
    told = {row[0]: row for row in rows}
    begun = select(Contact.situation, func.count()).where(Contact.started_at > work.now - USED_FOR)
    rows_used = (await work.session.execute(begun.group_by(Contact.situation))).all()
    used = {str(row[0]): row[1] for row in rows_used}
    everybody = sum(used.values())
    return [
        Listed(
            script,
            found[script].title if script in found else script,
            found.get(script),
            *told[script][1:],
            used.get(script, 0) if script in used or script in _SITUATIONS else everybody,
        )
        for script in SCRIPTS
        if script in told
    ]


_SITUATIONS = frozenset(SCRIPTS[1:-2])
_PEOPLE = (
    ScriptVersion.created_by,
    ScriptVersion.changed_by,
    ScriptVersion.approved_by,
    ScriptVersion.published_by,
)


def _with_people() -> Select[ScriptVersion]:
    return select(ScriptVersion).options(*(joinedload(one) for one in _PEOPLE))


async def history(work: Work, script: str) -> list[ScriptVersion]:
    """Every version of a script, the newest first, without its document. Raises NotFound."""
    work.require(May.SEE_SCRIPTS)
    versions = _with_people().options(defer(ScriptVersion.document, raiseload=True))
    found: ScalarResult[ScriptVersion] = await work.session.scalars(
        versions.where(ScriptVersion.script == script).order_by(ScriptVersion.number.desc())
    )
    rows = list(found)
    if not rows:
        raise NotFound("There is no such script.")
    return rows


async def load(work: Work, version_id: int) -> ScriptVersion:
    """One version with its document and everybody who had a hand in it. Raises NotFound."""
    work.require(May.SEE_SCRIPTS)
    found = await work.session.scalar(_with_people().where(ScriptVersion.id == version_id))
    if found is None:
        raise NotFound("There is no such version of a script.")
    return found


async def draft(work: Work, script: str, based_on: ScriptVersion | None = None) -> ScriptVersion:
    """Begin a new version of a script with the content of another one, else of the one in force. Raises NotFound."""
    work.require(May.EDIT_SCRIPTS)
    if based_on is None:
        force = (await in_force(work)).get(script)
        if force is None:
            raise NotFound("There is no such script.")
        based_on = await load(work, force.id)
    made = await add(work, script, based_on.document, based_on=based_on)
    await audit.record(work, "draft script", made)
    return made


async def add(
    work: Work,
    script: str,
    document: Mapping[str, Any],
    *,
    based_on: ScriptVersion | None = None,
    note: str = "",
) -> ScriptVersion:
    """Write a version under the next number of its script; who asks records it."""
    of_script = select(ScriptVersion.id).where(ScriptVersion.script == script)
    await work.session.execute(of_script.order_by(ScriptVersion.number).limit(1).with_for_update())
    highest = await work.session.scalar(
        select(func.max(ScriptVersion.number)).where(ScriptVersion.script == script)
    )
    made = ScriptVersion(
        script=script,
        number=(highest or 0) + 1,
        document=dict(document),
        digest=digest_of(document),
        note=note,
        based_on_id=based_on.id if based_on else None,
        created_by_id=work.actor.person_id,
        created_at=work.now,
        changed_by_id=work.actor.person_id,
        changed_at=work.now,
    )
    work.session.add(made)
    await work.session.flush()
    return made


async def save(
    work: Work, version: ScriptVersion, expected_version: int, document: Mapping[str, Any], note: str = ""
) -> None:
    """Save what is being written. Saving what is there already changes nothing; an approval is for what it saw.

    Raises NotAccepted with the place that cannot be walked, Conflict with the steps of both authors, WrongMoment once
    it was published: then a new draft is what is wanted.
    """
    work.require(May.EDIT_SCRIPTS)
    told = checked(document, version.script)
    words = _words(note, "note")
    try:
        await hold_version(work, version, expected_version, {})
    except Conflict as error:
        yours, theirs = _differing(told, version.document)
        if not yours and not theirs:
            return
        raise Conflict(error.message, yours=yours, theirs=theirs, saved_by=error.saved_by) from None
    _unfinished(version)
    digest = digest_of(told)
    if (digest, words) == (version.digest, version.note):
        return
    if digest != version.digest:
        changed, _ = _differing(told, version.document)
        version.document, version.digest, version.of_the_product = told, digest, False
        version.status, version.approved_by_id, version.approved_at = ScriptStatus.DRAFT, None, None
    else:
        changed = {}
    version.note, version.changed_by_id, version.changed_at = words, work.actor.person_id, work.now
    await work.session.flush()
    await audit.record(work, "save script", version, reason=", ".join(changed))


def checked(document: Mapping[str, Any], script: str) -> dict[str, Any]:
    """The document, once it can be walked. Raises NotAccepted with its place: `greet.ask.0.label`."""
    try:
        told = dict(read(document, script).told)
    except BrokenScript as error:
        raise NotAccepted.of({place_of(error, document): f"{error}."}) from None
    if told["script"] != script:
        raise NotAccepted(script=f"This is the script {told['script']}, not {script}.")
    return told


def place_of(error: BrokenScript, document: Mapping[str, Any]) -> str:
    """Where a document is broken, as the editor names it: `title`, `greet.say.de.phone`, `greet.ask.0.label`."""
    path = list(error.path)
    if path[:1] == ["steps"] and len(path) > 1:
        steps = document.get("steps")
        key = steps[path[1]].get("key") if isinstance(steps, list) and isinstance(path[1], int) else None
        path = [key if isinstance(key, str) and key else f"steps.{path[1]}", *path[2:]]
    return ".".join(map(str, path)) or "document"


def _unfinished(version: ScriptVersion) -> None:
    if version.status not in UNFINISHED:
        raise WrongMoment(
            f"Version {version.number} is {version.status.value} and never changes. Begin a new draft from it."
        )


def _words(told: str, name: str) -> str:
    words = storable(told).replace("\r\n", "\n").strip()
    if len(words) > LONGEST_WORDS:
        raise NotAccepted.of({name: f"At most {LONGEST_WORDS} characters; these are {len(words)}."})
    return words


def _differing(yours: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The steps that differ, each as text, and what differs besides the steps."""
    mine, other = _by_step(yours), _by_step(theirs)
    differing = [key for key in {**mine, **other} if mine.get(key) != other.get(key)]
    if not differing and yours != theirs:
        mine = {"order of the steps": ", ".join(mine)}
        other = {"order of the steps": ", ".join(other)}
        differing = ["order of the steps"]
    return {key: mine.get(key, "") for key in differing}, {key: other.get(key, "") for key in differing}


def _by_step(told: Mapping[str, Any]) -> dict[str, str]:
    top = {name: value for name, value in told.items() if name != "steps"}
    return {
        **{step["key"]: text.dump({"steps": [step]}) for step in told["steps"]},
        "title": text.dump(top),
    }


async def comments(work: Work, version: ScriptVersion) -> list[ScriptComment]:
    """What colleagues say about a version, the oldest first, each with who said it."""
    work.require(May.SEE_SCRIPTS)
    said = select(ScriptComment).options(joinedload(ScriptComment.person))
    return list(
        await work.session.scalars(
            said.where(ScriptComment.version_id == version.id).order_by(ScriptComment.id)
        )
    )


async def commented(work: Work, script: str) -> list[int]:
    """The version of each comment on a script's versions, to count them."""
    work.require(May.SEE_SCRIPTS)
    of_script = select(ScriptComment.version_id).join(
        ScriptVersion, ScriptVersion.id == ScriptComment.version_id
    )
    return list(await work.session.scalars(of_script.where(ScriptVersion.script == script)))


async def comment(work: Work, version: ScriptVersion, words: str, step: str = "") -> ScriptComment:
    """Say something about a version, or about one step of it. Raises NotAccepted."""
    work.require(May.SEE_SCRIPTS)
    said = _words(words, "words")
    if not said:
        raise NotAccepted(words="Say something about it.")
    if step and step not in {one["key"] for one in version.document["steps"]}:
        raise NotAccepted(step="This version has no such step.")
    if work.actor.person_id is None:
        raise NotAccepted(words="Only a person can comment.")
    made = ScriptComment(
        version_id=version.id, step=step, words=said, person_id=work.actor.person_id, at=work.now
    )
    work.session.add(made)
    await work.session.flush()
    await audit.record(work, "comment on script", version, reason=said)
    return made


async def import_text(work: Work, toml: str | bytes, name: str) -> Imported:
    """Bring in a script from a file as a draft; content that is known already changes nothing.

    Raises NotAccepted with file, line, step and reason.
    """
    work.require(May.EDIT_SCRIPTS)
    try:
        document = text.checked(toml, name)
    except BrokenScript as error:
        raise NotAccepted(file=f"{error}.") from None
    return await import_document(work, document, name)


async def import_document(work: Work, document: Document, name: str) -> Imported:
    """As `import_text`, of a document that was checked."""
    work.require(May.EDIT_SCRIPTS)
    same = _with_people().where(
        ScriptVersion.script == document.script, ScriptVersion.digest == digest_of(document.told)
    )
    known = await work.session.scalar(same.order_by(ScriptVersion.number.desc()).limit(1))
    if known is not None:
        return Imported(known, changed=False)
    force = (await in_force(work)).get(document.script)
    based_on = await load(work, force.id) if force else None
    made = await add(work, document.script, document.told, based_on=based_on, note=f"From the file {name}.")
    await audit.record(work, "import script", made, reason=name)
    return Imported(made, changed=True)


def export_text(version: ScriptVersion) -> str:
    """A version as a file that a person can read and compare."""
    return text.dump(version.document)
