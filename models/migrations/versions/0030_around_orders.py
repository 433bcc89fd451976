"""What the teams write to each other on an order.

Revision: 0030, after 0027.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None


# As 0002 has it of the tables that are only ever added to.
APPEND_ONLY = {
    "sqlite": (
        "{table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT {refused}; END",
        "{table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT {refused}; END",
        "{table}_no_replace BEFORE INSERT ON {table} WHEN NEW.id IN (SELECT id FROM {table}) BEGIN SELECT {refused}; END",
    ),
    "postgresql": (
        "{table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "{table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ),
}
ROLES = ("representative", "supervisor", "manager", "finance", "inventory", "fulfilment", "administrator")


def _only_added_to(table: str) -> None:
    bind = op.get_bind()
    refused = f"RAISE(ABORT, '{table} is append-only')"
    for trigger in APPEND_ONLY[bind.dialect.name]:
        bind.exec_driver_sql(f"CREATE TRIGGER {trigger.format(table=table, refused=refused)}")


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=32, create_constraint=True)


def upgrade() -> None:
    _notes()


def _notes() -> None:
    op.create_table(
        "order_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_role", _word("asked_role", *ROLES), nullable=True),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_notes_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["people.id"], name=op.f("fk_order_notes_written_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_notes")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_order_notes_order_id_written_at_id"), "order_notes", ["order_id", "written_at", "id"]
    )
    op.create_index(op.f("ix_order_notes_written_by_id"), "order_notes", ["written_by_id"])
    _only_added_to("order_notes")
    op.create_table(
        "order_note_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["order_notes.id"], name=op.f("fk_order_note_calls_note_id_order_notes")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_order_note_calls_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_note_calls")),
        sa.UniqueConstraint("note_id", "person_id", name=op.f("uq_order_note_calls_note_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_note_calls_person_id"), "order_note_calls", ["person_id"])
    op.create_index(
        "ix_order_note_calls_unread",
        "order_note_calls",
        ["person_id", "id"],
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("order_note_calls")
    op.drop_table("order_notes")
