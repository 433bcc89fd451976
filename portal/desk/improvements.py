"""Improvements: what is found in feedback, in errors and in reviews, and the published version that answers it.

S0-2.2c, S0-6.2a, S0-6.2b, S3-11.2.1

An item is answered by a version of a script or of the policy that was published after it was raised: both never change
once they are, so what was done about a finding can be read for good. What a draft of the policy would mean is tried in a
replay before it is published.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from models import Case, Feedback, Improvement, PolicyVersion, ScriptVersion
from models.words import ImprovementSource, PolicyStatus, ScriptStatus
from portal.desk import audit, month_reviews
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.listing import PAGE, Rows, cursor, newest_first
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.saving import hold_version
from portal.desk.work import Work

LONGEST = 2_000
MOST_VERSIONS = 50
_PUBLISHED = (ScriptStatus.PUBLISHED, ScriptStatus.RETIRED)


async def raise_item(work: Work, words: str, source: ImprovementSource, of: int) -> Improvement:
    """Raise something to do better, found in an answer to feedback, in a case or in a review of a month. S0-2.2c

    Raises NotFound for what the actor may not see, NotAccepted without words.
    """
    work.require(May.SEE_EVIDENCE)
    item = Improvement(source=source, words=words.strip(), dropped_because="")
    match source:
        case ImprovementSource.FEEDBACK:
            feedback = await _seen(work, Feedback, of, May.SEE_FEEDBACK)
            item.feedback_id, item.case_id = feedback.id, feedback.case_id
        case ImprovementSource.ERROR:
            item.case_id = (await _seen(work, Case, of, May.SEE_CASES)).id
        case ImprovementSource.REVIEW:
            item.review_id = (await month_reviews.load(work, of)).id
    if not words.strip():
        raise NotAccepted(words="Say what is to be done better.")
    if len(words) > LONGEST:
        raise NotAccepted(words=f"At most {LONGEST} characters.")
    refuse_card_numbers(words=words)
    item.raised_by_id, item.raised_at = work.actor.person_id or 0, work.now
    work.session.add(item)
    await audit.record(work, "raise improvement", item)
    return item


async def answer(work: Work, item: Improvement, expected_version: int, by: str) -> None:
    """Say which published version answers an item: `script-12` or `policy-3`, by its id. S0-2.2c, S3-11.2.1

    Raises NotAccepted for anything but a version published since it was raised, WrongMoment once it has ended.
    """
    work.require(May.SEE_EVIDENCE)
    await _hold(work, item, expected_version)
    if by not in await answers_to(work, [item]):
        raise NotAccepted(by="Choose a version that was published after this was raised.")
    kind, _, number = by.partition("-")
    if kind == "script":
        item.script_version_id = int(number)
    else:
        item.policy_version_id = int(number)
    item.ended_by_id, item.ended_at = work.actor.person_id, work.now
    await audit.record(work, "answer improvement", item)


async def drop(work: Work, item: Improvement, expected_version: int, reason: str) -> None:
    """Leave an item as it is, and say why. Raises NotAccepted without a reason, WrongMoment once it has ended."""
    work.require(May.SEE_EVIDENCE)
    await _hold(work, item, expected_version)
    if not reason.strip():
        raise NotAccepted(reason="Say why nothing is changed.")
    refuse_card_numbers(reason=reason)
    item.dropped_because, item.ended_by_id, item.ended_at = reason.strip(), work.actor.person_id, work.now
    await audit.record(work, "drop improvement", item)


async def listed(work: Work, *, ended: bool = False, before: str = "") -> Rows[Improvement]:
    """The items that wait for an answer, or those that have ended, the newest first, with what each was found in."""
    work.require(May.SEE_EVIDENCE)
    chosen = narrowed(work.actor, Improvement, select(Improvement)).where(
        Improvement.ended_at.is_not(None) if ended else Improvement.ended_at.is_(None)
    )
    found = list(
        await work.session.scalars(
            _shown(newest_first(chosen, Improvement.raised_at, Improvement.id, before)).limit(PAGE + 1)
        )
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Rows(found[:PAGE], cursor(last.raised_at, last.id) if last else "")


async def load(work: Work, item_id: int) -> Improvement:
    """One item. Raises NotFound, also for one that may not be seen."""
    work.require(May.SEE_EVIDENCE)
    chosen = narrowed(work.actor, Improvement, select(Improvement)).where(Improvement.id == item_id)
    found: Improvement | None = await work.session.scalar(_shown(chosen))
    if found is None:
        raise NotFound("There is no such improvement.")
    return found


async def of_feedback(work: Work, ids: Collection[int]) -> Mapping[int, Improvement]:
    """What was raised of these answers, the newest of each. S0-6.2a"""
    chosen = narrowed(work.actor, Improvement, select(Improvement)).where(Improvement.feedback_id.in_(ids))
    found = await work.session.scalars(_shown(chosen.order_by(Improvement.id)))
    return {one.feedback_id: one for one in found if one.feedback_id is not None}


async def answers_to(work: Work, items: Collection[Improvement]) -> dict[str, str]:
    """The versions that may answer these: published since the first of them was raised, the newest first. Two statements."""
    since = min((one.raised_at for one in items if one.ended_at is None), default=None)
    if since is None:
        return {}
    scripts = await work.session.execute(
        select(ScriptVersion.id, ScriptVersion.script, ScriptVersion.number, ScriptVersion.in_force_from)
        .where(ScriptVersion.status.in_(_PUBLISHED), ScriptVersion.in_force_from >= since)
        .order_by(ScriptVersion.in_force_from.desc(), ScriptVersion.id.desc())
        .limit(MOST_VERSIONS)
    )
    policies = await work.session.execute(
        select(PolicyVersion.id, PolicyVersion.number)
        .where(PolicyVersion.status == PolicyStatus.PUBLISHED, PolicyVersion.in_force_from >= since)
        .order_by(PolicyVersion.number.desc())
        .limit(MOST_VERSIONS)
    )
    found = {f"script-{one.id}": f"{one.script.replace('_', ' ')}, version {one.number}" for one in scripts}
    return found | {f"policy-{one.id}": f"policy, version {one.number}" for one in policies}


def _shown(chosen: Any) -> Any:
    return chosen.options(
        joinedload(Improvement.feedback),
        joinedload(Improvement.case),
        joinedload(Improvement.review),
        joinedload(Improvement.raised_by),
        joinedload(Improvement.script_version).options(defer(ScriptVersion.document, raiseload=True)),
        joinedload(Improvement.policy_version).options(defer(PolicyVersion.document, raiseload=True)),
    )


async def _seen(work: Work, table: Any, row_id: int, may: May) -> Any:
    work.require(may)
    found = await work.session.scalar(narrowed(work.actor, table, select(table)).where(table.id == row_id))
    if found is None:
        raise NotFound
    return found


async def _hold(work: Work, item: Improvement, expected_version: int) -> None:
    if item.ended_at is not None:
        raise WrongMoment("This improvement is answered or dropped already.")
    await hold_version(work, item, expected_version, {})
