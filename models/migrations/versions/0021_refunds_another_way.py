"""Refunds name what they are for, and can go back another way than they came.

Revision: 0021, after 0020.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

CODES = ("overpaid", "charged_wrong", "cancelled", "returned", "goodwill", "other")
METHODS = ("cash", "transfer", "terminal")


def _check(name: str, holds: str) -> str:
    return f"CONSTRAINT ck_refund_requests_{name} CHECK ({holds})"


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN {words!r}"


def upgrade() -> None:
    """What was asked before is for something else, and went back the way it came."""
    add = "ALTER TABLE refund_requests ADD COLUMN"
    code, method = (
        _check("code", _one_of("code", CODES)),
        _check("other_method", _one_of("other_method", METHODS)),
    )
    op.execute(f"{add} code VARCHAR(32) DEFAULT 'other' NOT NULL {code}")
    op.execute("UPDATE refund_requests SET code = 'goodwill' WHERE goodwill")
    op.execute(f"{add} other_method VARCHAR(32) {method}")
    reason = _check("another_way_has_a_reason", "(other_method IS NULL) = (other_because = '')")
    op.execute(f"{add} other_because VARCHAR(300) DEFAULT '' NOT NULL {reason}")


def downgrade() -> None:
    """Which way the money went stays in the ledger."""
    for column in ("other_because", "other_method", "code"):
        op.drop_column("refund_requests", column)
