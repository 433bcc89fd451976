"""A contact being taken in the wizard: begun once, saved as it is typed, finished step by step, never discarded.

The hot path is two statements: one UPDATE that holds the intake, checks the revision and saves, and the audit
entry. S0-3.3.3, S2-9, S2-10.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, update

from models import Contact, Intake
from models.words import Channel, ContactStatus, Direction
from portal.desk import asking, attachments, audit, channels, ending, idempotency
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import Conflict, NotAccepted, NotFound, WrongMoment
from portal.desk.kinds import KINDS, NOTES, NOTHING, Answers, Ending, Finished, Kind, Run, Typed, digest
from portal.desk.numbers import next_number
from portal.desk.permissions import May
from portal.desk.phones import read_phone
from portal.desk.plain_numbers import number_in
from portal.desk.runs import find, next_step, place_of, refuse_other_holder
from portal.desk.saving import storable
from portal.desk.scripts import OPENING, Step, composing, versions
from portal.desk.work import Work

LONGEST = 10_000
"""Characters of one answer."""
MOST = 300
"""Answers of one step."""
ADD_FILE = "add-file"
"""The button that adds a file and stays on the step."""
REMOVE_FILE = "remove-file:"
"""The button that throws a file away, before the question's name and the file's id."""
PHONES = frozenset({"phone", "look"})
"""Answers that may be a phone number, which a card's can look like."""

_intakes: Any = Intake.__table__
_SAVE = (
    update(_intakes)
    .where(
        _intakes.c.id == bindparam("intake_id"),
        _intakes.c.held_by_id == bindparam("holder"),
        _intakes.c.revision == bindparam("seen"),
        _intakes.c.finished_at.is_(None),
    )
    .returning(_intakes.c.revision)
    .execution_options(audited=True)
)
"""Made once: what is set is named by the values it is given."""


async def begin(
    work: Work,
    channel: Channel,
    direction: Direction = Direction.INBOUND,
    *,
    key: str = "",
    origin: channels.Origin = channels.NOWHERE,
    own_channel: str = "",
) -> int:
    """Open a contact and its intake; return the intake's id. The same key opens only one. S0-3.1.1a, S0-3.3.3

    A contact on a channel that is not approved is taken down all the same, and led to another one. Raises
    NotAccepted for a number, name or link that cannot be kept. `own_channel` is the name of one of the desk's own
    that behaves like `channel`. S0-1.2b, S1-4.1.1, S2-15.1, S2-15.2, S3-7.1.1c
    """
    work.require(May.TAKE_CONTACTS)
    come = origin.checked(channel)
    content = (
        f"{own_channel or channel.value} {direction.value} {come.handle} {come.network} {come.link}".rstrip()
    )
    if key and (known := await idempotency.once(work, key, content)) is not None:
        return int(known)
    contact = Contact(
        number=await next_number(work, "contact"),
        taken_by_id=work.actor.person_id,
        channel=channel,
        direction=direction,
        handle=come.handle,
        network=come.network,
        link=come.link,
        own_channel=own_channel,
        approved=(await channels.rule_of(work, channel, own_channel)).approved,
        started_at=work.now,
    )
    work.session.add(contact)
    await work.session.flush()
    version = await versions.opening(work)
    script = await composing.composed(work, OPENING, version, contact.language)
    intake = Intake(
        contact_id=contact.id,
        held_by_id=work.actor.person_id,
        script=script.key,
        script_version=version,
        step=script.steps[0].key,
        started_at=work.now,
        saved_at=work.now,
    )
    work.session.add(intake)
    await audit.record(work, "begin contact", contact)
    if key:
        await idempotency.remember(work, key, content, str(intake.id))
    return intake.id


async def save_draft(work: Work, intake_id: int, key: str, revision: int, typed: Mapping[str, str]) -> Run:
    """Save what was typed so far, valid or not; return the intake as it now stands.

    Raises Conflict when somebody saved meanwhile or holds the intake now, NotAccepted only for a card number or
    what cannot be stored. Saving what is there already changes nothing. S0-3.5.2a
    """
    run = await find(work, intake_id)
    step, kind = _writable(work, run, key)
    kept = _kept(run, kind, step, typed)
    answers = _with(run, step, kept, typed)
    if answers == run.answers:
        return run
    await _save(work, run, key, revision, "save draft", answers=answers)
    return replace(run, answers=answers, revision=revision + 1, saved_at=work.now)


async def amend(
    work: Work, intake_id: int, key: str, revision: int, typed: Mapping[str, str], do: str
) -> Run:
    """Answer a button inside a step, such as adding a line, and save. Raises as `save_draft` does."""
    run = await find(work, intake_id)
    step, kind = _writable(work, run, key)
    if do.startswith(REMOVE_FILE):
        return await _without_file(work, run, step, kind, revision, typed, do.removeprefix(REMOVE_FILE))
    kept = {**_kept(run, kind, step, typed), **_passing(kind, step, typed)}
    if do != ADD_FILE:  # its file was kept before: what is left is to save the rest
        kept = await kind.amend(work, run, step, kept, do)
    answers = _with(run, step, kept if kind.keeps else {}, typed)
    if answers == run.answers:
        return run
    await _save(work, run, key, revision, "save draft", answers=answers)
    return replace(run, answers=answers, revision=revision + 1, saved_at=work.now)


async def add_file(
    work: Work,
    intake_id: int,
    key: str,
    revision: int,
    typed: Mapping[str, str],
    field: str,
    name: str,
    content: bytes,
) -> Run:
    """Keep a file that a question asks for, and save what else was typed.

    Raises NotAccepted for a file that cannot be taken, and as `save_draft` does.
    """
    run = await find(work, intake_id)
    step, kind = _writable(work, run, key)
    files = await attachments.add(work, run, step, field, name, content)
    return await _save_files(work, run, step, kind, revision, typed, files, run.done)


async def _without_file(
    work: Work, run: Run, step: Step, kind: Kind, revision: int, typed: Mapping[str, str], told: str
) -> Run:
    """Throw a file away: `told` names the question and the file. A step that was done is due again."""
    field, _, number = told.partition(":")
    files = await attachments.remove(work, run, step, field, number_in(number) or 0)
    done = {name: mark for name, mark in run.done.items() if name != step.key}
    return await _save_files(work, run, step, kind, revision, typed, files, done)


async def _save_files(
    work: Work,
    run: Run,
    step: Step,
    kind: Kind,
    revision: int,
    typed: Mapping[str, str],
    files: Typed,
    done: dict[str, Any],
) -> Run:
    filed = attachments.with_files(run, step, files)
    answers = _with(filed, step, _kept(filed, kind, step, typed), typed)
    if answers == run.answers:
        return run
    await _save(work, run, step.key, revision, "save draft", answers=answers, done=done)
    return replace(run, answers=answers, done=done, revision=revision + 1, saved_at=work.now)


async def finish_step(
    work: Work, intake_id: int, key: str, revision: int, typed: Mapping[str, str], back: str = ""
) -> Run:
    """Check a step's answers, save them, do what the step is for and go on to the next one.

    Sent twice, it takes effect once: a second one with the same answers only goes on. `back` names the step to
    return to. Raises NotAccepted with a message per field, WrongMoment when the step cannot start yet, Conflict
    as `save_draft` does. S1-3.1a
    """
    run = await find(work, intake_id)
    if _was_finished(run, key, revision, typed):
        return run
    step, kind = _writable(work, run, key)
    place = place_of(run, key)
    if place.state == "locked":
        raise WrongMoment(f"“{step.name}” cannot start yet. {place.why}")
    kept = _kept(run, kind, step, typed)
    given = await asking.checked(work, run, step, kind, kept, _passing(kind, step, typed))
    before = {name: value for name, value in run.done.get(key, {}).items() if name != "skipped"}
    mark = {**before, "at": work.now.isoformat(), "by": work.actor.person_id, "sent": digest(kept)}
    answers = _with(run, step, given, typed)
    after = replace(
        run, answers=answers, done={**run.done, key: {**mark, **kind.seen(replace(run, answers=answers))}}
    )
    after = replace(after, step=next_step(after, key, back))
    changes = await _greeted(work, run, step)
    await _save(work, run, key, revision, "", answers=answers, done=after.done, step=after.step)
    after = replace(after, revision=revision + 1, saved_at=work.now)
    finished = await kind.finish(work, after, step, {**given, **_passing(kind, step, typed)})
    told = {**_told(run, after, key), **changes, **finished.changes}
    if finished != NOTHING:
        await _settle(work, after, key, finished, back)
    await audit.record(work, "finish step", Intake(id=run.id), changes=told, reason=key)
    return after if finished == NOTHING else await find(work, intake_id)


async def already_sent(
    work: Work, intake_id: int, key: str, revision: int, typed: Mapping[str, str]
) -> Run | None:
    """The intake as it stands, where exactly these answers finished the step already; None otherwise."""
    run = await find(work, intake_id)
    mine = run.held_by_id == work.actor.person_id
    return run if mine and _was_finished(run, key, revision, typed) else None


async def skip(work: Work, intake_id: int, key: str, revision: int, reason: str) -> Run:
    """Leave a step out, saying why. Raises NotAccepted without a reason, WrongMoment for a step that has to be done."""
    run = await find(work, intake_id)
    if revision != run.revision and run.done.get(key, {}).get("skipped") == reason.strip() != "":
        return run  # sent twice
    step, _ = _writable(work, run, key)
    place_of(run, key)
    if step.required:
        raise WrongMoment(f"“{step.name}” cannot be skipped.")
    if not reason.strip():
        raise NotAccepted(skip_reason="Say why this step is left out.")
    refuse_card_numbers(skip_reason=reason)
    mark = {"at": work.now.isoformat(), "by": work.actor.person_id, "skipped": reason.strip()[:LONGEST]}
    after = replace(run, done={**run.done, key: mark})
    after = replace(after, step=next_step(after, key, ""), revision=revision + 1, saved_at=work.now)
    await _save(work, run, key, revision, "skip step", done=after.done, step=after.step)
    return after


async def take_over(work: Work, intake_id: int) -> Run:
    """Hold the intake from now on; who held it is told with their next save. Raises WrongMoment when it has ended."""
    run = await find(work, intake_id)
    if run.finished_at is not None:
        raise WrongMoment(f"Contact {run.contact_number} is {run.contact_status.value} already.")
    if run.held_by_id == work.actor.person_id:
        return run
    changed = await work.session.execute(
        update(Intake)
        .where(Intake.id == run.id, Intake.held_by_id == run.held_by_id, Intake.finished_at.is_(None))
        .values(held_by_id=work.actor.person_id, revision=Intake.revision + 1, saved_at=work.now)
        .returning(Intake.revision)
        .execution_options(audited=True, synchronize_session=False)
    )
    if changed.first() is None:
        raise Conflict("Somebody else took this contact over at the same moment.")
    held = [run.held_by, work.actor.name]
    await audit.record(
        work, "take over contact", Intake(id=run.id), changes={f"intakes/{run.id}": {"held_by": held}}
    )
    return await find(work, intake_id)


async def abandon(work: Work, intake_id: int, reason: str) -> None:
    """End a contact that cannot be finished, saying why. It stays on record. S0-3.3.3

    Raises NotAccepted without a reason, WrongMoment when it has ended. S0-5.1b
    """
    run = await find(work, intake_id)
    refuse_other_holder(work, run)
    if not reason.strip():
        raise NotAccepted(reason="Say why the contact ends here. It stays on record.")
    refuse_card_numbers(reason=reason)
    told = Ending(ContactStatus.ABANDONED, because=reason.strip())
    contact = await ending.end(work, run, told)
    await audit.record(work, "abandon contact", contact, reason=reason.strip())


def _writable(work: Work, run: Run, key: str) -> tuple[Step, Kind]:
    refuse_other_holder(work, run)
    step = run.script.step(key)
    if step is None:
        raise NotFound("This contact has no such step.")
    kind = KINDS[step.kind]
    if why := kind.closed(run):
        raise WrongMoment(why)
    return step, kind


def _kept(run: Run, kind: Kind, step: Step, typed: Mapping[str, str]) -> Typed:
    """Give what belongs to the step, as typed: line ends as one sign, nothing that no database can hold.

    The files of the step stay as they are: they come and go by deeds of their own.
    """
    if not kind.keeps:
        return {}
    phones = PHONES | {one.name for one in step.ask if one.kind == "phone"}
    kept = _plain({name: value for name, value in typed.items() if kind.takes(step, name)}, phones)
    return {**kept, **attachments.named(run, step)}


def _passing(kind: Kind, step: Step, typed: Mapping[str, str]) -> Typed:
    """Give what a step needs to see once and must not keep."""
    return {} if kind.keeps else {name: value for name, value in typed.items() if kind.takes(step, name)}


def _plain(typed: Mapping[str, str], phones: Collection[str] = PHONES) -> Typed:
    if len(typed) > MOST:
        raise NotAccepted(step="That is more than one step can hold.")
    plain = {name: storable(value.replace("\r\n", "\n")) for name, value in typed.items()}
    too_long = {
        name: f"At most {LONGEST} characters; these are {len(value)}."
        for name, value in plain.items()
        if len(value) > LONGEST
    }
    if too_long:
        raise NotAccepted.of(too_long)
    refuse_card_numbers(
        **{name: value for name, value in plain.items() if not (name in phones and read_phone(value))}
    )
    return {name: value for name, value in plain.items() if value}


def _with(run: Run, step: Step, kept: Typed, typed: Mapping[str, str]) -> Answers:
    """Give all answers with those of one step, and the notes of the whole contact, put in place."""
    answers = {**run.answers, step.key: kept}
    if not kept:
        answers.pop(step.key)
    if NOTES in typed:
        answers[NOTES] = _plain({NOTES: typed[NOTES]})
        if not answers[NOTES]:
            answers.pop(NOTES)
    return answers


def _was_finished(run: Run, key: str, revision: int, typed: Mapping[str, str]) -> bool:
    """Whether exactly this was already sent and took effect: a double click, or Back and Enter."""
    step = run.script.step(key)
    if step is None or key not in run.done or revision == run.revision:
        return False
    kind = KINDS[step.kind]
    return not kind.keeps or run.done[key].get("sent") == digest(_kept(run, kind, step, typed))


async def _save(work: Work, run: Run, key: str, revision: int, deed: str, **columns: Any) -> None:
    """Hold, check and save in one statement; with `deed`, write it down too. Raises Conflict."""
    at = {"intake_id": run.id, "holder": work.actor.person_id, "seen": revision}
    saved = await work.session.execute(
        _SAVE, {**at, **columns, "revision": revision + 1, "saved_at": work.now}
    )
    if saved.first() is None:
        raise _conflict(await find(work, run.id), run, key, columns)
    if deed:
        after = replace(
            run, **{name: value for name, value in columns.items() if name in {"answers", "done", "step"}}
        )
        await audit.record(work, deed, Intake(id=run.id), changes=_told(run, after, key), reason=key)


def _conflict(now: Run, run: Run, key: str, columns: Mapping[str, Any]) -> Conflict:
    if now.held_by_id != run.held_by_id:
        return Conflict(
            f"{now.held_by} took this contact over. What you typed here was not saved.", saved_by=now.held_by
        )
    yours = columns.get("answers", run.answers).get(key, {})
    theirs = now.typed(key)
    differing = sorted(name for name in {*yours, *theirs} if yours.get(name) != theirs.get(name))
    return Conflict(
        "This contact was saved elsewhere since you opened it here. Nothing was overwritten.",
        yours={name: yours.get(name, "") for name in differing},
        theirs={name: theirs.get(name, "") for name in differing},
        saved_by=now.held_by,
    )


def _told(run: Run, after: Run, key: str) -> dict[str, Any]:
    """Old and new of what changed, for the audit entry."""
    changed: dict[str, Any] = {}
    for where in (key, NOTES):
        old, new = run.typed(where), after.typed(where)
        for name in {*old, *new}:
            if old.get(name) != new.get(name):
                changed[f"{where}.{name}"] = [old.get(name), new.get(name)]
    if run.step != after.step:
        changed["step"] = [run.step, after.step]
    skipped = after.done.get(key, {}).get("skipped")
    if skipped:
        changed[f"{key}.skipped"] = [None, skipped]
    return {f"intakes/{run.id}": changed}


async def _greeted(work: Work, run: Run, step: Step) -> dict[str, Any]:
    """Note the moment of the greeting, once. S0-3.1.1a"""
    if step.marks != "greeted" or run.greeted_at is not None:
        return {}
    await work.session.execute(
        update(Contact)
        .where(Contact.id == run.contact_id)
        .values(greeted_at=work.now, version=Contact.version + 1)
        .execution_options(audited=True, synchronize_session=False)
    )
    return {f"contacts/{run.contact_id}": {"greeted_at": [None, work.now.isoformat()]}}


async def _settle(work: Work, run: Run, key: str, finished: Finished, back: str) -> None:
    """Save what a step's effect gave: the row is already held by this transaction."""
    done = {**run.done, key: {**run.done[key], **finished.mark}}
    if finished.stays:
        done.pop(key)
    answers = {**run.answers, **finished.answers}
    columns: dict[str, Any] = {**finished.columns, "done": done, "answers": answers}
    known = {
        name: value
        for name, value in finished.columns.items()
        if name in {"order_id", "case_id", "read_back"}
    }
    script = run.script
    if "script_version" in columns:
        script = await composing.composed(work, columns["script"], columns["script_version"], run.language)
    after = replace(run, **known, done=done, answers=answers, script=script)
    columns["step"] = key if finished.stays else next_step(after, key, back)
    await work.session.execute(
        update(Intake)
        .where(Intake.id == run.id)
        .values(**columns)
        .execution_options(audited=True, synchronize_session=False)
    )
    if finished.ends is not None:
        await ending.end(work, after, finished.ends)
