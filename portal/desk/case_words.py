"""The words by which cases are found: of what was said when they were opened, noted on them, and told at their end.

Every letter about a case is made of these words, so they are found by them too. They are kept in the transaction that
writes them, whoever writes them: gathered as the session flushes, so that no deed can forget them, as changes are. Of a
text that is written over no word stays behind. Decision 27, S2-15.7, S1-5.1b
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete, event, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, UOWTransaction

from models import Case, CaseNote, SearchToken
from portal.desk import bulk, tokens
from portal.desk.changes import AuditedSession

KIND = "case_words"
"""What they are called among the words everything is found by."""
TEXTS = ("subject", "statement", "restated", "options", "resolution")
"""What a case says of itself; the rest stands in its notes."""
SHORTEST = 3
"""Letters of a word that is worth keeping; scripts that set words side by side keep their pairs of signs."""
_ADDED, _ANEW = "words of cases", "cases whose words changed"
_table: Any = SearchToken.__table__


def _long_enough(token: str) -> bool:
    return len(token) >= SHORTEST or not token.isascii()


def words_of(texts: Iterable[str]) -> set[str]:
    """Every word by which a case with these texts is found."""
    return {token for text in texts if text for token in tokens.of_name(text) if _long_enough(token)}


def asked(text: str) -> str:
    """What a line asks of the words of cases: without those that are too short to be kept."""
    return " ".join(part for part in text.split() if any(map(_long_enough, tokens.asked_name(part))))


@event.listens_for(AuditedSession, "after_flush")
def _gather(session: Session, _flush: UOWTransaction) -> None:
    for row in session.new:
        if isinstance(row, CaseNote):
            _add(session, row.case_id, [row.words])
        elif isinstance(row, Case):
            _add(session, row.id, [getattr(row, name) or "" for name in TEXTS])
    for row in session.dirty:
        if isinstance(row, Case):
            _changed(session, row)


def _add(session: Session, case_id: int, texts: list[str]) -> None:
    session.info.setdefault(_ADDED, {}).setdefault(case_id, []).extend(texts)


def _changed(session: Session, case: Case) -> None:
    """A text that was empty adds its words; of one that said something else the words go first."""
    state = inspect(case)
    for name in TEXTS:
        history = state.attrs[name].history
        if not history.has_changes():
            continue
        if any(history.deleted or ()):
            session.info.setdefault(_ANEW, set()).add(case.id)
        _add(session, case.id, [getattr(case, name) or ""])


async def keep(session: AsyncSession) -> None:
    """Write the words that this transaction added to cases; the last thing before it is sealed."""
    if session.new or session.dirty:
        await session.flush()
    info = session.sync_session.info
    added: dict[int, list[str]] = info.pop(_ADDED, {})
    changed: set[int] = info.pop(_ANEW, set())
    await _write(
        session, {case_id: words_of(texts) for case_id, texts in added.items() if case_id not in changed}
    )
    if changed:
        await anew(session, changed)


async def anew(session: AsyncSession, case_ids: Collection[int]) -> None:
    """Write the words of these cases anew, of what stands there now. A fixed number of statements."""
    mine = _table.c.kind == KIND, _table.c.thing_id.in_(list(case_ids))
    await session.execute(delete(_table).where(*mine))
    found: dict[int, set[str]] = {}
    cases = select(Case.id, *(getattr(Case, name) for name in TEXTS)).where(Case.id.in_(list(case_ids)))
    for case_id, *texts in await session.execute(cases):
        found[case_id] = words_of(text or "" for text in texts)
    notes = select(CaseNote.case_id, CaseNote.words).where(CaseNote.case_id.in_(list(case_ids)))
    for case_id, words in await session.execute(notes):
        found[case_id] |= words_of([words])
    await _write(session, found)


async def _write(session: AsyncSession, found: dict[int, set[str]]) -> None:
    rows = [
        {"kind": KIND, "token": token, "thing_id": case_id}
        for case_id, words in sorted(found.items())
        for token in sorted(words)
    ]
    if rows:
        make = bulk.insert_of(session)
        await session.execute(make(_table).on_conflict_do_nothing(), rows)
