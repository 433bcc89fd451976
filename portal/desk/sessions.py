"""Signed-in browsers, as rows: leaving, deactivation and a new role count on the next request. Decision 16"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import bindparam, or_, select, update

from models import Person, SignInSession
from portal.desk import audit
from portal.desk.work import Actor, Work

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
"""`last_seen_at` is written at most this often."""

_people, _sessions = Person.__table__.c, SignInSession.__table__.c
_FIND = (
    select(
        _people.id,
        _people.name,
        _people.roles,
        _people.zone,
        _sessions.practice,
        _sessions.last_seen_at,
    )
    .join(SignInSession.__table__, _sessions.person_id == _people.id)
    .where(
        _sessions.id_hash == bindparam("hashed"),
        _sessions.ended_at.is_(None),
        _sessions.expires_at > bindparam("now"),
        _sessions.last_seen_at > bindparam("seen_after"),
        _people.active,
    )
)
"""Every request asks this, so it is made once, and of columns: what SQLAlchemy does for rows of its own is not needed."""


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


async def start(
    work: Work,
    person: Person,
    *,
    idp_session: str | None = None,
    id_token: str | None = None,
    longest: timedelta = LONGEST,
) -> str:
    """Open a session for a person who just signed in; the answer is the cookie's secret and is kept nowhere."""
    secret = secrets.token_urlsafe(32)
    work.session.add(
        SignInSession(
            id_hash=hashed(secret),
            person_id=person.id,
            created_at=work.now,
            last_seen_at=work.now,
            expires_at=work.now + longest,
            idp_session=idp_session,
            id_token=id_token,
        ),
    )
    # Past the version number: somebody who edits this person meanwhile has lost nothing.
    await work.session.execute(
        update(Person)
        .where(Person.id == person.id)
        .values(last_signed_in_at=work.now)
        .execution_options(audited=True)
    )
    await audit.record(work, "sign in", person)
    return secret


async def find(work: Work, secret: str, *, idle: timedelta = IDLE) -> tuple[Actor, bool] | None:
    """Who holds this session now, and whether `touch` is due. None when it ended, idled out or the person may not in."""
    asked = {"hashed": hashed(secret), "now": work.now, "seen_after": work.now - idle}
    row = (await work.session.execute(_FIND, asked)).first()
    if row is None:
        return None
    actor = Actor.person(row.id, row.name, row.roles, row.zone, practice=row.practice)
    return actor, row.last_seen_at < work.now - TOUCH_EVERY


async def standing(
    work: Work, keys: Collection[str], *, idle: timedelta = IDLE
) -> dict[str, tuple[str, ...]]:
    """Which of these sessions, by `hashed`, hold at the desk itself, and the roles of whoever holds them; one statement."""
    rows = await work.session.execute(
        select(SignInSession.id_hash, Person.roles)
        .join(Person, Person.id == SignInSession.person_id)
        .where(
            SignInSession.id_hash.in_(keys),
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > work.now,
            SignInSession.last_seen_at > work.now - idle,
            SignInSession.practice.is_(False),
            Person.active,
        )
    )
    return {key: tuple(roles) for key, roles in rows}


async def touch(work: Work, secret: str) -> None:
    """Note that the session was used."""
    await work.session.execute(
        update(SignInSession).where(SignInSession.id_hash == hashed(secret)).values(last_seen_at=work.now)
    )


async def practise(work: Work, secret: str, *, on: bool) -> None:
    """Take this browser into the practice room, or back to the desk. S2-0.3"""
    await work.session.execute(
        update(SignInSession).where(SignInSession.id_hash == hashed(secret)).values(practice=on)
    )


async def end(work: Work, secret: str) -> SignInSession | None:
    """Sign one browser out; the ended row is returned, for the provider's logout."""
    row = await work.session.get(SignInSession, hashed(secret))
    if row is None or row.ended_at is not None:
        return None
    row.ended_at = work.now
    person = await work.session.get(Person, row.person_id)
    await audit.record(work, "sign out", person)
    return row


async def end_all(work: Work, *, person_id: int | None = None, idp_session: str | None = None) -> int:
    """End every session of a person, or of a session at the provider. Answers how many."""
    wanted = []
    if person_id is not None:
        wanted.append(SignInSession.person_id == person_id)
    if idp_session:
        wanted.append(SignInSession.idp_session == idp_session)
    if not wanted:
        return 0
    ended = await work.session.execute(
        update(SignInSession)
        .where(or_(*wanted), SignInSession.ended_at.is_(None))
        .values(ended_at=work.now)
        .returning(SignInSession.id_hash),
    )
    return len(ended.all())
