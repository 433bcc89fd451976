"""Where managers write the scripts: all of them, one of them, one version, one step of it. S1-6.2"""

from __future__ import annotations

from portal.pages.scripts.files import bring_in, hand_out, show_import
from portal.pages.scripts.listing import draft, index, own, show
from portal.pages.scripts.publishing import (
    approve,
    comment,
    compare,
    publish,
    retire,
    roll_back,
    show_publishing,
)
from portal.pages.scripts.steps import add, move, preview, remove, rename, save, version
from portal.pages.scripts.trial import trial

__all__ = [
    "add",
    "approve",
    "bring_in",
    "comment",
    "compare",
    "draft",
    "hand_out",
    "index",
    "move",
    "own",
    "preview",
    "publish",
    "remove",
    "rename",
    "retire",
    "roll_back",
    "save",
    "show",
    "show_import",
    "show_publishing",
    "trial",
    "version",
]
