"""Puts everything together: settings, database, desk, pages, admin, jobs, guards. Imported by nobody but the command."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from admin_views import registry
from jobs import runner
from jobs.schedule import JOBS, Job
from portal import settings as settings_room
from portal.database import Database, newest_migration
from portal.desk.attachments import LARGEST
from portal.desk.errors import DeskError
from portal.desk.work import Desk, Terms, wall_clock
from portal.guards import BodyLimit, HostGuard, LastResort, RequestId, SafeHeaders, SameOrigin, WhoAsks
from portal.identity import cookie_name
from portal.letters import Letters
from portal.mailbox import mailbox_of
from portal.post import post_of
from portal.practice import PracticeRoom
from portal.relying_party import RelyingParty
from portal.routes import PAGES
from portal.settings import Settings
from portal.watching import Watch
from portal.web import STATIC, Visit, http_problem, problem

if TYPE_CHECKING:
    from portal.dev_idp import DevProvider

BESIDE_FILES = 1024 * 1024
"""Bytes of a form beside its file; also so that a file a little too large is refused beside its question."""


def make_desk(settings: Settings, database: Database, clock: Callable[[], datetime] = wall_clock) -> Desk:
    """The desk of this installation."""
    terms = Terms(
        company=settings.company,
        address=settings.public_address,
        mail_from=settings.mail_from,
        currency=settings.currency,
        language=settings.language,
        secret=settings_room.secret_of(settings),
    )
    return Desk(database, terms, clock, Letters(), mailbox_of(settings))


def dev_provider(settings: Settings, desk: Desk) -> DevProvider | None:
    """The development identity provider, in the demo that names no other."""
    if not settings.demo or settings.oidc_issuer:
        return None
    from portal.demo.cast import DEMO_PEOPLE  # noqa: PLC0415  only the demo needs it
    from portal.dev_idp import DevProvider  # noqa: PLC0415  as above

    return DevProvider(settings, desk, DEMO_PEOPLE)


def jobs_of(settings: Settings) -> tuple[Job, ...]:
    """The jobs of this installation. The shop of the demo is not there to be looked at."""
    looks = settings.check_links and not settings.demo
    return tuple(job for job in JOBS if looks or job.name != "check_links")


def create_app(settings: Settings, *, clock: Callable[[], datetime] = wall_clock) -> Starlette:
    """The whole portal as one ASGI application."""
    database = Database(settings.database_url)
    desk = make_desk(settings, database, clock)
    practice = PracticeRoom(desk, settings.database_url)
    idle = timedelta(minutes=settings.session_idle_minutes)
    watch = Watch(desk, idle)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        running = runner.start(desk, post_of(settings), jobs_of(settings)) if settings.jobs else None
        app.state.jobs = running
        yield
        await watch.stop()
        if running is not None:
            await running.stop()
        await practice.close()
        await database.close()

    async def told(request: Request, error: Exception) -> Response:
        visit = Visit(request)
        if isinstance(error, HTTPException):
            return http_problem(visit, error)
        if isinstance(error, DeskError):
            return problem(visit, error)
        raise error

    issuer = urlsplit(settings.issuer)
    provider = [f"{issuer.scheme}://{issuer.netloc}"] if issuer.netloc else []
    own = dev_provider(settings, desk)
    app = Starlette(
        routes=[
            *PAGES,
            *([own.mount] if own else []),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: told, DeskError: told},
        middleware=[
            Middleware(SafeHeaders, form_targets=provider, https=settings.production),
            Middleware(RequestId),
            Middleware(LastResort),
            Middleware(HostGuard, hosts=settings.hosts),
            Middleware(
                BodyLimit,
                most=settings.body_limit_kib * 1024,
                most_with_files=LARGEST + BESIDE_FILES,
            ),
            Middleware(
                SessionMiddleware,
                secret_key=desk.terms.secret.decode("latin-1"),
                session_cookie="__Host-handrail-state" if settings.production else "handrail-state",
                max_age=3600,
                same_site="lax",  # strict would lose it on the way back from the provider
                https_only=settings.production,
            ),
            Middleware(
                SameOrigin,
                origin=settings.public_address,
                exempt=frozenset(page.path for page in PAGES if page.from_anywhere),
            ),
            Middleware(
                WhoAsks,
                desk=desk,
                practice=practice,
                cookie=cookie_name(settings),
                idle=idle,
            ),
        ],
    )
    app.state.settings = settings
    app.state.desk = desk
    app.state.practice = practice
    app.state.watch = watch
    app.state.dev_provider = own
    app.state.signin = RelyingParty(settings, desk, own.app if own else None)
    app.state.database = database
    registry.mount(app, desk, database, settings)
    app.state.schema = newest_migration()
    return app


def with_port(settings: Settings, port: int) -> Settings:
    """The same settings on the port that was found free."""
    return replace(settings, port=port)
