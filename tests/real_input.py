"""Real input that nobody here wrote: it lies beside the checkout, never in it."""

import os
from pathlib import Path

import pytest

from tests.house.source import ROOT


def real(path: str) -> Path:
    """A file or folder of the real input; a test that misses it fails and says where to put it."""
    folder = Path(os.environ.get("HANDRAIL_DATA") or ROOT.parent / "shared" / "data")
    found = folder / path
    if not found.exists():
        pytest.fail(
            f"{path} is missing: set HANDRAIL_DATA to the folder that holds it, or put it at {found}."
        )
    return found
