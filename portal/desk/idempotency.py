"""A submit takes effect once: the same key gives the same answer and no second effect."""

from __future__ import annotations

import hashlib

from sqlalchemy import select, update

from models import IdempotencyKey
from portal.desk import bulk
from portal.desk.errors import WrongMoment
from portal.desk.work import Work


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


async def once(work: Work, key: str, content: str) -> str | None:
    """Claim a key for this submit: None the first time, afterwards where the first one led.

    The claim is a row of this transaction, so a submit that fails gives the key free again, and two that come
    at the same moment wait for each other. Raises WrongMoment when the key was used for other content.
    """
    insert = bulk.insert_of(work.session)
    claim = insert(IdempotencyKey).values(
        key=key, person_id=work.actor.person_id, content=_digest(content), location="", at=work.now
    )
    claimed = await work.session.scalar(claim.on_conflict_do_nothing().returning(IdempotencyKey.key))
    if claimed is not None:
        return None
    found = (
        await work.session.execute(
            select(IdempotencyKey.person_id, IdempotencyKey.content, IdempotencyKey.location).where(
                IdempotencyKey.key == key
            )
        )
    ).one()
    if (found.person_id, found.content) != (work.actor.person_id, _digest(content)):
        raise WrongMoment("This was already sent with other content. Look at what is there, then start anew.")
    return str(found.location)


async def remember(work: Work, key: str, content: str, location: str) -> None:
    """Keep where this submit led, for whoever sends it again. The key has to be claimed with `once`."""
    await work.session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.key == key, IdempotencyKey.content == _digest(content))
        .values(location=location)
        .execution_options(synchronize_session=False)
    )
