"""Which worker gets which tests: each the next one, but a file that makes something once goes to one worker whole.

Otherwise each worker makes it: a desk with ten thousand orders takes longer than all the tests that look at it, and
the walks of a browser ask axe about a page once.
"""

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # it ships none

MAKES_ONCE = 'scope="module"'


class WholeFiles(LoadScopeScheduling):  # type: ignore[misc] # as above
    """Hands out the large files first, then test by test."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if makes_once(self.config.rootpath / file) else nodeid


@cache
def makes_once(file: Path) -> bool:
    """Whether a fixture of this file is for all its tests."""
    return MAKES_ONCE in file.read_text(encoding="utf-8")
