"""Fixtures that every test may ask for, and the rules of a run."""

import gc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.harness import browser as browsers
from tests.harness import compiled
from tests.harness.run import close_run, open_run
from tests.harness.server import PortalServer
from tests.harness.smtp import MailServer
from tests.harness.turns import DATABASES

RUN = pytest.StashKey[Path]()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """The first process makes the run's folder; its workers are told where it is."""
    told: dict[str, str] | None = getattr(config, "workerinput", None)
    config.stash[RUN] = Path(told["run_folder"]) if told else open_run()
    compiled.share()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Called by xdist in the controller for each worker."""
    node.workerinput["run_folder"] = str(node.config.stash[RUN])  # type: ignore[attr-defined] # xdist has no types


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Called by xdist in the controller, before the first test is handed out."""
    from tests.harness.sharing_out import WholeFiles  # noqa: PLC0415 - a run in one process needs no xdist

    return WholeFiles(config, log)


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not go through it again and again, a fifth of all computing.

    Nor need it look after every seven hundred things that a test makes: most are gone by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


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
    """The address of a fresh, migrated database: each test that asks runs on SQLite and on PostgreSQL.

    The cast is in it when the test asks for the desk.
    """
    from tests import cast  # noqa: PLC0415 - tests without a database need no migrations
    from tests.harness import databases  # noqa: PLC0415 - as above

    fill = cast.cast if "desk" in request.fixturenames else None
    address = databases.fresh(request.param, run_folder, fill=fill)
    yield address
    databases.discard(address)


@pytest.fixture(params=DATABASES)
def empty_database(request: pytest.FixtureRequest, run_folder: Path) -> Iterator[str]:
    """The address of a database with nothing in it, to try the migrations themselves."""
    from tests.harness import databases  # noqa: PLC0415 - as above

    address = databases.fresh(request.param, run_folder, migrated=False)
    yield address
    databases.discard(address)


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """A mail server that keeps what it is given in `letters` and answers as `next(…)` told it."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests of this worker."""
    async with browsers.launched() as browser:
        yield browser


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """An empty page as wide as a desk's screen, with no cookies; `browsers.tab(browser, …)` opens others."""
    async with browsers.tab(browser, viewport={"width": 1280, "height": 900}) as page:
        yield page


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """An empty page as wide as a telephone."""
    async with browsers.tab(browser, viewport={"width": 390, "height": 844}, has_touch=True) as page:
        yield page


StartPortal = Callable[..., PortalServer]


@pytest.fixture
def start_portal(tmp_path: Path) -> Iterator[StartPortal]:
    """Start a portal of this test's own: `start_portal({"HANDRAIL_…": "…"})`. Kill it, start it again."""
    started: list[PortalServer] = []

    def start(settings: Mapping[str, str] | None = None, *options: str) -> PortalServer:
        server = PortalServer(tmp_path / f"portal{len(started)}", settings, *options)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture(scope="session")
def portal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """One running portal with the demo desk, shared by the tests of this worker that only look and add."""
    server = PortalServer(tmp_path_factory.mktemp("portal") / "data")
    server.start()
    yield server
    assert server.stop() == 0
