"""Orders are found by article, articles have a shelf, customers want no surveys, the audit trail is sealed.

Revision: 0025, after 0021.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None


# As 0002 has it of the tables that are only ever added to.
SEALS = {
    "sqlite": (
        "no_update BEFORE UPDATE ON audit_seals BEGIN SELECT {refused}; END",
        "no_delete BEFORE DELETE ON audit_seals BEGIN SELECT {refused}; END",
        "no_replace BEFORE INSERT ON audit_seals WHEN NEW.id IN (SELECT id FROM audit_seals) BEGIN SELECT {refused}; END",
    ),
    "postgresql": (
        "no_change BEFORE UPDATE OR DELETE ON audit_seals FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "no_truncate BEFORE TRUNCATE ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ),
}
REFUSED = "RAISE(ABORT, 'audit_seals is append-only')"


def _seals() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("late", sa.JSON(), nullable=False),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_seals_sealed_at_id"), "audit_seals", ["sealed_at", "id"])
    bind = op.get_bind()
    for trigger in SEALS[bind.dialect.name]:
        bind.exec_driver_sql(f"CREATE TRIGGER audit_seals_{trigger.format(refused=REFUSED)}")


def upgrade() -> None:
    _seals()
    op.execute("ALTER TABLE products ADD COLUMN shelf VARCHAR(40) DEFAULT '' NOT NULL")
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(f"ALTER TABLE customers ADD COLUMN no_surveys_at {moment}")
    op.create_index(op.f("ix_order_lines_sku_order_id"), "order_lines", ["sku", "order_id"])


def downgrade() -> None:
    op.drop_table("audit_seals")
    op.drop_index(op.f("ix_order_lines_sku_order_id"), "order_lines")
    op.drop_column("products", "shelf")
    op.drop_column("customers", "no_surveys_at")
