"""Fixtures that every test may ask for, and the rules of a run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.run import close_run, open_run

DATABASES = ("sqlite", "postgresql")
RUN = pytest.StashKey[Path]()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """The first process makes the run's folder; its workers are told where it is."""
    told: dict[str, str] | None = getattr(config, "workerinput", None)
    config.stash[RUN] = Path(told["run_folder"]) if told else open_run()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Called by xdist in the controller for each worker."""
    node.workerinput["run_folder"] = str(node.config.stash[RUN])  # type: ignore[attr-defined] # xdist has no types


def pytest_unconfigure(config: pytest.Config) -> None:
    """Only the process that opened the run closes it, after its last worker."""
    if not hasattr(config, "workerinput") and RUN in config.stash:
        close_run(config.stash[RUN])


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Every `async def test_…` runs on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Path:
    """The folder shared by all workers of this run."""
    return pytestconfig.stash[RUN]


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, run_folder: Path) -> Iterator[str]:
    """The address of a fresh, migrated database: each test that asks runs on SQLite and on PostgreSQL."""
    from tests.harness import databases  # noqa: PLC0415 - tests without a database need no migrations

    address = databases.fresh(request.param, run_folder)
    yield address
    databases.discard(address)


@pytest.fixture(params=DATABASES)
def empty_database(request: pytest.FixtureRequest, run_folder: Path) -> Iterator[str]:
    """The address of a database with nothing in it, to try the migrations themselves."""
    from tests.harness import databases  # noqa: PLC0415 - as above

    address = databases.fresh(request.param, run_folder, migrated=False)
    yield address
    databases.discard(address)
