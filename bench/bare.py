"""What a sweep cannot be faster than: the same rows by set-based SQL alone, with the policy written into it.

Marks each deadline, writes its escalation, moves the case, writes one audit entry each and one notice a receiver
that names every case. With the limit EVERYTHING that is one transaction over all that is due, the floor; with the
portal's own batch it is as many transactions as the portal needs, so that their commits count on both sides.
"""

from __future__ import annotations

from datetime import UTC, datetime

EVERYTHING = 10**9
_LEVEL = "d.kind = 'escalate'"
_ROLE = (
    "CASE c.kind WHEN 'complaint' THEN 'manager' WHEN 'payment_issue' THEN 'finance' ELSE 'supervisor' END"
)
_ESCALATIONS = """
INSERT INTO escalations
  (case_id, target, level, cycle, to_role, status, reason, source, raised_at, version)
SELECT d.case_id, 'escalate', d.level, d.cycle, {role}, 'raised', 'Not solved within 24 hours.', d.source, {now}, 1
FROM {due} d JOIN cases c ON c.id = d.case_id WHERE {level}
ON CONFLICT (case_id, target, level, cycle) DO NOTHING
"""
_ENTRIES = """
INSERT INTO audit_entries (at, who, deed, subject_kind, subject_id, changes, reason, request_id)
SELECT {now}, 'Handrail', CASE WHEN {level} THEN 'escalate case' ELSE 'miss deadline' END,
  CASE WHEN {level} THEN 'cases' ELSE 'deadlines' END, CAST(CASE WHEN {level} THEN c.id ELSE d.id END AS VARCHAR(64)),
  {json_begins} CASE WHEN {level} THEN '{{"cases/' || c.id || '": {{"escalate": ["running", "missed"], "escalation_level": ['
    || c.escalation_level || ', ' || d.level || '], "held_by_role": ["' || c.held_by_role || '", "' || {role}
    || '"], "held_by_id": [' || COALESCE(CAST(c.held_by_id AS VARCHAR(20)), 'null') || ', null]}}}}'
  ELSE '{{"deadlines/' || d.id || '": {{"status": ["running", "missed"], "missed_at": [null, "' || d.due_at || '"]}}}}'
  END {json_ends}, CASE WHEN {level} THEN 'A deadline ran out.' ELSE '' END, ''
FROM {due} d JOIN cases c ON c.id = d.case_id
"""
_CASES = """
UPDATE cases AS c SET escalation_level = 1, held_by_role = {role}, held_by_id = NULL, version = version + 1
WHERE id IN (SELECT d.case_id FROM {due} d WHERE {level}) AND escalation_level < 1
"""
_NOTICES = """
INSERT INTO messages (once, template, audience, language, to_name, to_address, subject, body_text, body_html,
  reference, message_id, person_id, status, attempts, last_error, created_at, next_at, claimed_by)
SELECT 'bare/' || {once} || '/' || p.id || '/' || d.kind, 'deadline-warning', 'colleague', 'en', p.name, p.email,
  COUNT(*) || ' cases', {listed}, {listed}, '', '<' || {once} || '.' || p.id || '.' || d.kind || '@example.com>',
  p.id, 'queued', 0, '', {now}, {now}, ''
FROM {due} d JOIN cases c ON c.id = d.case_id
JOIN people p ON p.roles = CASE WHEN {level} THEN {role} ELSE 'supervisor' END
GROUP BY p.id, p.name, p.email, d.kind
"""
_DEADLINES = """
UPDATE deadlines SET status = 'missed', missed_at = due_at, next_at = NULL WHERE id IN (SELECT d.id FROM {due} d)
"""


def statements(moment: datetime, limit: int, *, on_sqlite: bool) -> list[str]:
    """The statements of one transaction that acts on up to so many; the last one says how many there were."""
    utc = moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    now = f"'{utc}'" if on_sqlite else f"TIMESTAMPTZ '{utc}+00'"
    line = "c.number || ' ' || c.subject || ' ' || {link}"
    line = line.format(link="'https://desk.example.com/cases/' || c.id")
    words = {
        "now": now,
        "role": _ROLE,
        "level": _LEVEL,
        "due": f"(SELECT * FROM deadlines WHERE next_at <= {now} ORDER BY next_at, id LIMIT {limit})",
        "once": "MIN(d.id)",
        "listed": f"group_concat({line}, char(10))" if on_sqlite else f"string_agg({line}, chr(10))",
        "json_begins": "" if on_sqlite else "CAST(",
        "json_ends": "" if on_sqlite else "AS JSON)",
    }
    return [one.format_map(words) for one in (_ESCALATIONS, _ENTRIES, _NOTICES, _CASES, _DEADLINES)]
