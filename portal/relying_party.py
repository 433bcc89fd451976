"""Our side of the sign-in as the pages reach it: its client is made when somebody first signs in. Decision 16"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from portal.identity import roles_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from portal.desk.work import Desk
    from portal.settings import Settings
    from portal.signin import HardenedApp


class RelyingParty:
    """The way to the identity provider. Raises BadSetting for an unreadable roles map.

    A `provider` in this process is asked directly: over the network one worker would wait for itself.
    """

    def __init__(self, settings: Settings, desk: Desk, provider: ASGIApp | None = None) -> None:
        roles_map(
            settings.oidc_roles_map
        )  # what is wrong with it is told at the start, not to who signs in first
        self._settings, self._desk, self._provider = settings, desk, provider
        self._client: HardenedApp | None = None

    async def client(self) -> HardenedApp | None:
        """The client; None where no provider is set."""
        if self._client is None and self._settings.issuer:
            make = await asyncio.to_thread(_maker)  # others are served while the libraries are read
            self._client = make(self._settings, self._desk, self._provider)
        return self._client


def _maker() -> Callable[[Settings, Desk, ASGIApp | None], HardenedApp]:
    from portal.signin import make_client  # noqa: PLC0415  its libraries are a sixth of a start and 10 MB

    return make_client
