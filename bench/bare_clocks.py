"""What following a policy cannot be faster than: the same rows written by set-based SQL from moments worked out before.

Every clock that runs or stands still gets its moments, limit, version, calendar and row written, every case its fact
and its first due moment, every AUDITED cases an audit entry that names each clock that moved. Nothing is projected:
the moments lie ready in two tables, an hour later than they were.
"""

from __future__ import annotations

from datetime import UTC, datetime

EVERYTHING = 10**9
AUDITED = 500
_OPEN = "c.status IN ('open', 'waiting')"
_LATER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', {0}, '+1 hour') || '000'",
    "postgresql": "{0} + INTERVAL '1 hour'",
}


def _ready(later: str) -> list[str]:
    """Put the moments into two tables; the last statement says the highest id of a case."""
    at = {name: later.format(f"d.{name}") for name in ("due_at", "warn_at", "next_at")}
    return [
        "DROP TABLE IF EXISTS bare_clocks",
        "DROP TABLE IF EXISTS bare_cases",
        f"""
        CREATE TABLE bare_clocks AS
        SELECT d.id, d.case_id, d.started_at, {at["due_at"]} AS due_at, {at["warn_at"]} AS warn_at,
          {at["next_at"]} AS next_at, d.status, d.target_kind, d.target_amount + 3600 AS target_amount, d.warn_percent,
          d.source, d.rule, 0 AS policy, d.calendar, d.due_at AS before
        FROM deadlines d JOIN cases c ON c.id = d.case_id
        WHERE d.status IN ('running', 'paused') AND {_OPEN} ORDER BY d.case_id
        """,
        f"CREATE TABLE bare_cases AS SELECT c.id, c.cycle, {later.format('c.due_at')} AS due_at FROM cases c WHERE {_OPEN}",
        "CREATE INDEX bare_clocks_case ON bare_clocks (case_id)",
        "CREATE INDEX bare_cases_id ON bare_cases (id)",
        "ANALYZE bare_clocks",
        "ANALYZE bare_cases",
        "SELECT MAX(id) FROM bare_cases",
    ]


READY = {kind: _ready(later) for kind, later in _LATER.items()}
_CLOCKS = """
UPDATE deadlines SET started_at = p.started_at, due_at = p.due_at, warn_at = p.warn_at, next_at = p.next_at,
  status = p.status, target_kind = p.target_kind, target_amount = p.target_amount, warn_percent = p.warn_percent,
  source = p.source, rule = p.rule, policy = p.policy, calendar = p.calendar
FROM bare_clocks p WHERE p.id = deadlines.id AND p.case_id BETWEEN {first} AND {last}
"""
_FACTS = """
INSERT INTO clock_events (case_id, kind, cycle, at, reason)
SELECT id, 'policy_changed', cycle, {now}, 'policy 0: Measured.' FROM bare_cases WHERE id BETWEEN {first} AND {last}
"""
_CASES = """
UPDATE cases SET due_at = p.due_at FROM bare_cases p WHERE p.id = cases.id AND p.id BETWEEN {first} AND {last}
"""
_ENTRIES = """
INSERT INTO audit_entries (at, who, deed, subject_kind, subject_id, changes, reason, request_id)
SELECT {now}, 'Handrail', 'recompute deadlines', '', '', {changes}, 'policy 0: Measured.', ''
FROM bare_clocks p WHERE p.case_id BETWEEN {first} AND {last} GROUP BY p.case_id / {audited}
"""
_CHANGES = {
    "sqlite": "json_group_object('deadlines/' || p.id, json_object('due_at', json_array(p.before, p.due_at)))",
    "postgresql": "json_object_agg('deadlines/' || p.id, json_build_object('due_at', json_build_array(p.before, p.due_at)))",
}


def statements(moment: datetime, first: int, last: int, *, on_sqlite: bool) -> list[str]:
    """The statements of one transaction that writes the cases with these ids and all between."""
    utc = moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    words = {
        "now": f"'{utc}'" if on_sqlite else f"TIMESTAMPTZ '{utc}+00'",
        "first": first,
        "last": last,
        "audited": AUDITED,
        "changes": _CHANGES["sqlite" if on_sqlite else "postgresql"],
    }
    return [one.format_map(words) for one in (_CLOCKS, _FACTS, _CASES, _ENTRIES)]
