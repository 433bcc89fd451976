"""A part that the tests need and this machine lacks is a failure that says what to install."""

from typing import NoReturn

import pytest


def missing(what: str, install: str) -> NoReturn:
    """Stop the whole run: nothing may pass because a part was not there."""
    pytest.exit(f"{what} is missing. Install it with: {install}", returncode=69)
