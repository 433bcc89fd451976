"""Publishing a script: approved, checked by the linter, in force from a moment on, retired, rolled back. S1-6.2"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from models import ScriptVersion
from models.words import ScriptStatus, Situation
from portal.desk import audit
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.scripts import composing, linting
from portal.desk.scripts.document import Document
from portal.desk.scripts.pack import check_together, of_situation
from portal.desk.scripts.steps import BrokenScript
from portal.desk.scripts.writing import UNFINISHED, add
from portal.desk.work import Work

JUST_NOW = timedelta(minutes=5)
"""So long ago a moment may be and still mean now: the form was open for a while."""


async def approve(work: Work, version: ScriptVersion) -> None:
    """Agree to a draft as it stands; saving it again takes the approval away. Raises WrongMoment."""
    work.require(May.PUBLISH_SCRIPTS)
    await hold(work, version)
    if version.status is ScriptStatus.APPROVED:
        return
    _refuse_finished(version)
    version.status = ScriptStatus.APPROVED
    version.approved_by_id, version.approved_at = work.actor.person_id, work.now
    await work.session.flush()
    await audit.record(work, "approve script", version)


async def publish(
    work: Work, version: ScriptVersion, *, at: datetime | None = None, note: str | None = None
) -> None:
    """Let contacts begin with this version from a moment on, else from now. Its document never changes again.

    Raises NotAccepted with every finding of the linter that stops it, WrongMoment when it was published before.
    """
    work.require(May.PUBLISH_SCRIPTS)
    await hold(work, version)
    _refuse_finished(version)
    if at is not None and at < work.now - JUST_NOW:
        raise NotAccepted(at="A script comes into force now or later, never in the past.")
    await refuse_broken(work, version)
    composing.unsettle(work)
    version.status = ScriptStatus.PUBLISHED
    version.published_by_id = work.actor.person_id
    version.in_force_from = max(at or work.now, work.now)
    if note is not None:
        version.note = note.strip() or version.note
    await work.session.flush()
    await audit.record(work, "publish script", version)


async def refuse_broken(work: Work, version: ScriptVersion) -> None:
    """Raises NotAccepted where the linter finds something that stops, or the whole contact cannot be walked."""
    found = linting.stopping(linting.lint(version.document, await linting.context_of(work)))
    if found:
        raise NotAccepted.of(
            {
                ".".join(filter(None, (one.step, one.field))) or "document": f"{one.words} {one.remedy}"
                for one in found
            }
        )
    mine = Document(version.script, version.document)
    others = {**await composing.documents_in_force(work), version.script: mine}
    around = [version.script] if version.script in set(map(str, Situation)) else list(map(str, Situation))
    for situation in around:
        try:
            check_together(of_situation(situation, others))
        except BrokenScript as error:
            raise NotAccepted.of(
                {error.step or "document": f"Together with the other scripts: {error.why}."}
            ) from None


async def retire(work: Work, version: ScriptVersion) -> None:
    """Take a version out of use, or a draft off the desk; contacts that began with it keep it.

    Raises WrongMoment for the last published version of a script, which contacts need.
    """
    work.require(May.PUBLISH_SCRIPTS)
    await hold(work, version)
    if version.status is ScriptStatus.RETIRED:
        return
    if version.status is ScriptStatus.PUBLISHED:
        others = await work.session.scalar(
            select(func.count()).where(
                ScriptVersion.script == version.script,
                ScriptVersion.id != version.id,
                ScriptVersion.status == ScriptStatus.PUBLISHED,
                ScriptVersion.in_force_from <= work.now,
            )
        )
        if not others:
            raise WrongMoment("This is the only version that contacts can follow. Publish another one first.")
        composing.unsettle(work)
    version.status, version.retired_at = ScriptStatus.RETIRED, work.now
    await work.session.flush()
    await audit.record(work, "retire script", version)


async def roll_back(work: Work, version: ScriptVersion, note: str = "") -> ScriptVersion:
    """Publish the content of an earlier version again, as a new one, from now on. Raises as `publish` does."""
    work.require(May.PUBLISH_SCRIPTS, May.EDIT_SCRIPTS)
    if version.in_force_from is None:
        raise WrongMoment("Only a version that was published can be gone back to.")
    told = note.strip() or f"Back to version {version.number}."
    made = await add(work, version.script, version.document, based_on=version, note=told)
    made.of_the_product = version.of_the_product
    await publish(work, made)
    return made


def _refuse_finished(version: ScriptVersion) -> None:
    if version.status not in UNFINISHED:
        raise WrongMoment(f"Version {version.number} is {version.status.value} already.")
