"""A case knows when its first clock is due, and each list of the desk is a range of an index of its own.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = "status IN ('open', 'waiting')"
INDEXES = (
    ("ix_cases_due", "cases", ("due_at", "id"), OPEN),
    ("ix_cases_due_held", "cases", ("held_by_id", "due_at", "id"), OPEN),
    ("ix_cases_due_group", "cases", ("held_by_role", "due_at", "id"), f"{OPEN} AND held_by_id IS NULL"),
    ("ix_cases_due_kind", "cases", ("kind", "due_at", "id"), OPEN),
    ("ix_cases_due_escalated", "cases", ("due_at", "id"), f"{OPEN} AND escalation_level > 0"),
    ("ix_cases_due_waiting", "cases", ("due_at", "id"), "status = 'waiting'"),
    ("ix_cases_closed", "cases", ("opened_at", "id"), "status IN ('resolved', 'cancelled', 'merged')"),
    ("ix_orders_to_prepare", "orders", ("placed_at", "id"), "status IN ('confirmed', 'handed_over')"),
    ("ix_escalations_active", "escalations", ("raised_at", "id"), "status IN ('raised', 'accepted')"),
    ("ix_escalations_raised", "escalations", ("to_role", "raised_at", "id"), "status = 'raised'"),
    (
        "ix_escalations_mine",
        "escalations",
        ("accepted_by_id", "raised_at", "id"),
        "status IN ('raised', 'accepted')",
    ),
    ("ix_follow_ups_open", "follow_ups", ("due_at", "id"), "status = 'open'"),
)
FIRST_DUE = """
UPDATE cases SET due_at = (
  SELECT min(clock.due_at) FROM deadlines AS clock
  WHERE clock.case_id = cases.id AND clock.cycle = cases.cycle AND clock.kind <> 'escalate'
    AND (clock.status IN ('running', 'paused') OR (clock.status = 'missed' AND clock.met_at IS NULL))
)
"""


def upgrade() -> None:
    op.add_column("cases", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(FIRST_DUE)
    for name, table, columns, where in INDEXES:
        told = sa.text(where)
        op.create_index(name, table, list(columns), sqlite_where=told, postgresql_where=told)


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table)
    op.drop_column("cases", "due_at")
