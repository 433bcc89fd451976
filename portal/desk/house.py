"""Questions about the house itself."""

from __future__ import annotations

from sqlalchemy import text

from portal.desk.work import Work


async def schema_version(work: Work) -> str:
    """The migration the database stands at."""
    return str((await work.session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one())
