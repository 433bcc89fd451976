"""The two kinds of addresses there are."""

from __future__ import annotations

from portal.desk.permissions import May, Open
from portal.web import Handler, Page


def page(path: str, handler: Handler, allow: May | Open) -> Page:
    """A screen: it shows and changes nothing."""
    return Page(path, handler, allow=allow)


def deed(path: str, handler: Handler, allow: May | Open, *, from_anywhere: bool = False) -> Page:
    """A form's target: it does one thing and leads on."""
    return Page(path, handler, allow=allow, methods=["POST"], from_anywhere=from_anywhere)
