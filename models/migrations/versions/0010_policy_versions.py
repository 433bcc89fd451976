"""The policy in versions: targets, levels and calendars as one document, and what each clock was projected by.

The rows of the two tables before become version 1, as they are in force.

Revision: 0010, after 0009.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORDS = {
    ("deadlines", "kind"): (
        ("acknowledge", "answer", "resolve", "escalate"),
        ("acknowledge", "answer", "next_answer", "update", "resolve", "escalate"),
    ),
    ("clock_events", "kind"): (
        ("start", "pause", "resume", "stop", "reopen", "policy_changed"),
        (
            "start",
            "pause",
            "resume",
            "stop",
            "reopen",
            "inbound",
            "outbound",
            "reclassified",
            "policy_changed",
        ),
    ),
}
"""Words a column may hold: before and after."""
KINDS = ("inquiry", "complaint", "order_error", "payment_issue", "service_request", "support")
ROLES = (
    "representative",
    "supervisor",
    "manager",
    "finance",
    "inventory",
    "fulfilment",
    "administrator",
)
COUNTS = ("elapsed", "business", "business_days", "same_business_day")
OPEN_CLOCKS = "status IN ('running', 'paused')"

FROZEN_SQLITE = (
    (
        "CREATE TRIGGER policy_versions_frozen BEFORE UPDATE OF document, digest, number ON policy_versions "
        "WHEN OLD.number IS NOT NULL AND (OLD.digest <> NEW.digest OR OLD.number IS NOT NEW.number) "
        "BEGIN SELECT RAISE(ABORT, 'a published policy never changes'); END"
    ),
    (
        "CREATE TRIGGER policy_versions_no_delete BEFORE DELETE ON policy_versions WHEN OLD.number IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'a published policy stays'); END"
    ),
)
FROZEN_POSTGRESQL = (
    (
        "CREATE FUNCTION refuse_published_policy() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a published policy never changes' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    ),
    (
        "CREATE TRIGGER policy_versions_frozen BEFORE UPDATE ON policy_versions FOR EACH ROW "
        "WHEN (OLD.number IS NOT NULL AND (OLD.digest <> NEW.digest OR OLD.number IS DISTINCT FROM NEW.number)) "
        "EXECUTE FUNCTION refuse_published_policy()"
    ),
    (
        "CREATE TRIGGER policy_versions_no_delete BEFORE DELETE ON policy_versions FOR EACH ROW "
        "WHEN (OLD.number IS NOT NULL) EXECUTE FUNCTION refuse_published_policy()"
    ),
)


def _word(*words: str, name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _check(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def _reword(before: int, after: int) -> None:
    """Let columns hold other words. SQLite keeps a check only as text, and says that this is how to change it."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        for (table, column), words in WORDS.items():
            op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
            op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, _check(column, words[after]))
        return
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    for (table, column), words in WORDS.items():
        old, new = _check(column, words[before]), _check(column, words[after])
        changed = bind.exec_driver_sql(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? "
            "AND instr(sql, ?) > 0",
            (old, new, table, old),
        )
        if changed.rowcount != 1:
            raise RuntimeError(f"{table}.{column} holds other words than expected")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")


def _rows_as_a_document() -> None:
    """Make version 1 of what is in force, if anything was ever written down."""
    bind = op.get_bind()
    targets = bind.execute(sa.text("SELECT * FROM deadline_rules ORDER BY id")).mappings().all()
    levels = (
        bind.execute(sa.text("SELECT * FROM escalation_rules ORDER BY case_kind, level")).mappings().all()
    )
    if not targets and not levels:
        return
    days: dict[int, dict[str, dict[str, str]]] = {}
    for day in bind.execute(sa.text("SELECT * FROM calendar_days ORDER BY day")).mappings():
        told = {"hours": day["hours"], "name": day["name"]}
        days.setdefault(day["calendar_id"], {})[str(day["day"])[:10]] = told
    calendars = bind.execute(sa.text("SELECT * FROM calendars ORDER BY id")).mappings().all()
    document: dict[str, Any] = {
        "targets": [_target(row) for row in targets],
        "levels": [_level(row) for row in levels],
        "calendars": [
            {
                "id": row["id"],
                "name": row["name"],
                "zone": row["zone"],
                "hours": row["hours"],
                "region": row["region"],
                "days": days.get(row["id"], {}),
            }
            for row in calendars
        ],
        "default_calendar": next((row["id"] for row in calendars if row["is_default"]), None),
        "assignments": [],
    }
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    versions = sa.table(
        "policy_versions",
        *(sa.column(name) for name in ("number", "status", "digest", "note", "version")),
        sa.column("document", sa.JSON()),
        *(
            sa.column(name, sa.DateTime(timezone=True))
            for name in ("created_at", "changed_at", "in_force_from")
        ),
    )
    now = datetime.now(UTC)
    moment = now.replace(tzinfo=None) if bind.dialect.name == "sqlite" else now
    bind.execute(
        versions.insert().values(
            number=1,
            status="published",
            digest=digest,
            note="As it was when the policy got versions.",
            version=1,
            document=document,
            created_at=moment,
            changed_at=moment,
            in_force_from=moment,
        )
    )


def _target(row: Any) -> dict[str, Any]:
    return {
        "key": f"{row['deadline']}-{row['case_kind']}".replace("_", "-"),
        "to": row["deadline"],
        "kind": row["case_kind"],
        "counts": row["target_kind"],
        "amount": row["amount"],
        "warn": row["warn_percent"],
        "clause": row["clause"],
        **({} if row["active"] else {"off": True}),
    }


def _level(row: Any) -> dict[str, Any]:
    return {
        "key": f"level-{row['level']}-{row['case_kind']}".replace("_", "-"),
        "kind": row["case_kind"],
        "level": row["level"],
        "to_role": row["to_role"],
        "counts": row["target_kind"],
        "amount": row["amount"],
        "clause": row["clause"],
        **({} if row["active"] else {"off": True}),
    }


def upgrade() -> None:
    _reword(0, 1)
    op.create_table(
        "policy_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("status", _word("draft", "published", "dropped", name="policy_status"), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'published') = (in_force_from IS NOT NULL)",
            name=op.f("ck_policy_versions_published_has_a_start"),
        ),
        sa.CheckConstraint(
            "(status = 'published') = (number IS NOT NULL)",
            name=op.f("ck_policy_versions_published_has_a_number"),
        ),
        sa.ForeignKeyConstraint(
            ["based_on_id"],
            ["policy_versions.id"],
            name=op.f("fk_policy_versions_based_on_id_policy_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_policy_versions_created_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["people.id"], name=op.f("fk_policy_versions_published_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_versions")),
        sa.UniqueConstraint("number", name=op.f("uq_policy_versions_number")),
        sqlite_autoincrement=True,
    )
    for column in ("based_on_id", "created_by_id", "published_by_id"):
        op.create_index(op.f(f"ix_policy_versions_{column}"), "policy_versions", [column])
    op.create_index(op.f("ix_policy_versions_status_number"), "policy_versions", ["status", "number"])
    op.create_table(
        "recomputes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("clocks", sa.Integer(), nullable=False),
        sa.Column("earlier", sa.Integer(), nullable=False),
        sa.Column("later", sa.Integer(), nullable=False),
        sa.Column("furthest_seconds", sa.BigInteger(), nullable=False),
        sa.Column("last_case_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policy_versions.id"], name=op.f("fk_recomputes_policy_id_policy_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recomputes")),
        sa.UniqueConstraint("policy_id", name=op.f("uq_recomputes_policy_id")),
        sqlite_autoincrement=True,
    )
    unfinished = sa.text("finished_at IS NULL")
    op.create_index(
        "ix_recomputes_unfinished", "recomputes", ["id"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    for table in ("customers", "cases"):  # with its check, which goes with it again
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN tier VARCHAR(32) DEFAULT 'standard' NOT NULL "
            f"CONSTRAINT ck_{table}_tier CHECK (tier IN ('standard', 'priority'))"
        )
    op.add_column(
        "people", sa.Column("quiet_hours", sa.String(length=120), server_default="", nullable=False)
    )
    op.add_column("cases", sa.Column("team", sa.String(length=60), server_default="", nullable=False))
    op.add_column("cases", sa.Column("country", sa.String(length=100), server_default="", nullable=False))
    op.add_column("deadlines", sa.Column("policy", sa.Integer(), server_default="0", nullable=False))
    op.add_column("deadlines", sa.Column("calendar", sa.Integer(), server_default="0", nullable=False))
    op.add_column("deadlines", sa.Column("rule", sa.String(length=60), server_default="", nullable=False))
    still = sa.text(OPEN_CLOCKS)
    op.create_index(
        "ix_deadlines_unfinished",
        "deadlines",
        ["policy", "case_id"],
        sqlite_where=still,
        postgresql_where=still,
    )
    _rows_as_a_document()
    op.drop_table("deadline_rules")
    op.drop_table("escalation_rules")
    bind = op.get_bind()
    for statement in FROZEN_SQLITE if bind.dialect.name == "sqlite" else FROZEN_POSTGRESQL:
        bind.exec_driver_sql(statement)


def downgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        for name in ("frozen", "no_delete"):
            bind.exec_driver_sql(f"DROP TRIGGER policy_versions_{name} ON policy_versions")
        bind.exec_driver_sql("DROP FUNCTION refuse_published_policy()")
    _tables_of_before()
    op.drop_index("ix_deadlines_unfinished", "deadlines")
    op.drop_column("deadlines", "rule")
    op.drop_column("deadlines", "calendar")
    op.drop_column("deadlines", "policy")
    op.drop_column("people", "quiet_hours")
    op.drop_column("cases", "country")
    op.drop_column("cases", "team")
    for table in ("cases", "customers"):
        op.drop_column(table, "tier")
    op.drop_index("ix_recomputes_unfinished", "recomputes")
    op.drop_table("recomputes")
    op.drop_index(op.f("ix_policy_versions_status_number"), "policy_versions")
    for column in ("published_by_id", "created_by_id", "based_on_id"):
        op.drop_index(op.f(f"ix_policy_versions_{column}"), "policy_versions")
    op.drop_table("policy_versions")
    _reword(1, 0)


def _tables_of_before() -> None:
    op.create_table(
        "deadline_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_kind", _word(*KINDS, name="case_kind"), nullable=False),
        sa.Column("deadline", _word(*WORDS["deadlines", "kind"][0], name="deadline"), nullable=False),
        sa.Column("target_kind", _word(*COUNTS, name="target_kind"), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("warn_percent", sa.Integer(), nullable=False),
        sa.Column("clause", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_deadline_rules_amount_not_negative")),
        sa.CheckConstraint("warn_percent BETWEEN 1 AND 100", name=op.f("ck_deadline_rules_warn_is_a_share")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_rules")),
        sa.UniqueConstraint("case_kind", "deadline", name=op.f("uq_deadline_rules_case_kind_deadline")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "escalation_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_kind", _word(*KINDS, name="case_kind"), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("to_role", _word(*ROLES, name="to_role"), nullable=False),
        sa.Column("target_kind", _word(*COUNTS, name="target_kind"), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("clause", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("level >= 1", name=op.f("ck_escalation_rules_level_from_one")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_escalation_rules_amount_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_rules")),
        sa.UniqueConstraint("case_kind", "level", name=op.f("uq_escalation_rules_case_kind_level")),
        sqlite_autoincrement=True,
    )
