"""A case is closed once its follow-up has a result; special requests that nobody decided in time are told of.

Revision: 0024, after 0023.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BEFORE = {
    "status": "status IN ('open', 'waiting', 'resolved', 'cancelled', 'merged')",
    "resolved_has_a_time": "(status = 'resolved') = (resolved_at IS NOT NULL)",
    "resolved_has_a_code": "status <> 'resolved' OR resolution_code IS NOT NULL",
}
AFTER = {
    "status": "status IN ('open', 'waiting', 'resolved', 'closed', 'cancelled', 'merged')",
    "resolved_has_a_time": "(status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)",
    "resolved_has_a_code": "status NOT IN ('resolved', 'closed') OR resolution_code IS NOT NULL",
}
"""What the table says of the state of a case, by the name of each check."""
OVER = "CREATE INDEX ix_cases_closed ON cases (opened_at, id) WHERE status IN ({})"


def _reword(before: dict[str, str], after: dict[str, str]) -> None:
    """Let the checks say something else, as 0013 does: SQLite keeps a check only as text."""
    bind = op.get_bind()
    for name, told in before.items():
        if bind.dialect.name != "sqlite":
            op.drop_constraint(op.f(f"ck_cases_{name}"), "cases")
            op.create_check_constraint(op.f(f"ck_cases_{name}"), "cases", after[name])
            continue
        bind.exec_driver_sql("PRAGMA writable_schema=ON")
        changed = bind.exec_driver_sql(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) "
            "WHERE type = 'table' AND name = 'cases' AND instr(sql, ?) > 0",
            (told, after[name], told),
        )
        if changed.rowcount != 1:
            raise RuntimeError(f"the check {name} of cases says something else than expected")
        bind.exec_driver_sql("PRAGMA writable_schema=RESET")


def upgrade() -> None:
    """What was resolved and asked after is closed since then; what was not asked after stays resolved."""
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    _reword(BEFORE, AFTER)
    op.execute("DROP INDEX ix_cases_closed")
    op.execute(OVER.format("'resolved', 'closed', 'cancelled', 'merged'"))
    op.execute(  # with their checks, which go with them again
        f"ALTER TABLE cases ADD COLUMN closed_at {moment} "
        "CONSTRAINT ck_cases_closed_has_a_time CHECK ((status = 'closed') = (closed_at IS NOT NULL))"
    )
    op.execute(
        "ALTER TABLE cases ADD COLUMN closed_because TEXT DEFAULT '' NOT NULL CONSTRAINT "
        "ck_cases_closed_because_it_is_closed CHECK (closed_because = '' OR closed_at IS NOT NULL)"
    )
    for column in (
        f"next_at {moment}",
        f"late_told_at {moment}",
        f"leaders_told_at {moment}",
        "put_off INTEGER DEFAULT '0' NOT NULL",
    ):
        op.execute(f"ALTER TABLE special_requests ADD COLUMN {column}")
    op.execute("CREATE INDEX ix_order_approvals_asked_at_id ON order_approvals (asked_at, id)")
    op.execute(
        "CREATE INDEX ix_special_requests_next ON special_requests (next_at) WHERE next_at IS NOT NULL"
    )
    op.execute("UPDATE special_requests SET next_at = due_at WHERE status IN ('new', 'under_review')")
    op.execute("ALTER TABLE follow_ups ADD COLUMN tries INTEGER DEFAULT '0' NOT NULL")
    asked = "FROM follow_ups WHERE once = 'resolution-check/' || cases.id || '/' || cases.cycle AND status = 'done'"
    op.execute(
        f"UPDATE cases SET status = 'closed', closed_at = (SELECT done_at {asked}) "  # noqa: S608  names of ours
        f"WHERE status = 'resolved' AND EXISTS (SELECT 1 {asked})"
    )


def downgrade() -> None:
    """What is closed is resolved again."""
    op.execute("DROP INDEX ix_order_approvals_asked_at_id")
    op.execute("DROP INDEX ix_special_requests_next")
    for column in ("put_off", "leaders_told_at", "late_told_at", "next_at"):
        op.drop_column("special_requests", column)
    op.drop_column("follow_ups", "tries")
    op.execute(
        "UPDATE cases SET status = 'resolved', closed_at = NULL, closed_because = '' WHERE status = 'closed'"
    )
    op.drop_column("cases", "closed_because")
    op.drop_column("cases", "closed_at")
    op.execute("DROP INDEX ix_cases_closed")
    op.execute(OVER.format("'resolved', 'cancelled', 'merged'"))
    _reword(AFTER, BEFORE)
