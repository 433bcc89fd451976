"""What every table shares: names for constraints, moments in UTC, words as checked text."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, Enum, Integer, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. Refuses a naive value; always gives an aware one back, on either database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs its zone.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def result_processor(self, dialect: Dialect, _coltype: object) -> Any:
        """One step instead of two: a page reads hundreds of moments, a recompute millions."""
        if dialect.name == "sqlite":
            return _from_sqlite
        return _from_server


def _from_sqlite(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def _from_server(value: datetime | None) -> datetime | None:
    return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)


class Words(TypeDecorator[tuple[str, ...]]):
    """A short set of words in one text column, kept sorted: `finance,supervisor`."""

    impl = String(200)
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str:
        return ",".join(sorted({str(word) for word in value or ()}))

    def process_result_value(self, value: str | None, _dialect: Dialect) -> tuple[str, ...]:
        return tuple(value.split(",")) if value else ()


def word(kind: type[StrEnum], name: str) -> Enum:
    """A column type for one of our words: plain text with a named check, the same on both databases."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda words: [one.value for one in words],
        validate_strings=True,
    )


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment, dict[str, Any]: JSON, list[Any]: JSON}
    __table_args__: Any = {"sqlite_autoincrement": True}  # noqa: RUF012  declared as the library declares it


class Numbered:
    """A surrogate key that is never used twice."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True, sort_order=-100)


class Versioned:
    """A number that grows with each save, so that the second of two people saving is told."""

    version: Mapped[int] = mapped_column(Integer, default=1, nullable=False, sort_order=900)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  SQLAlchemy passes the class
        return {"version_id_col": cls.version}
