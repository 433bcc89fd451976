"""The desk of these stories: see tests/cast.py and tests/visits.py."""

from tests.cast import clock, desk
from tests.visits import app, visitor

__all__ = ["app", "clock", "desk", "visitor"]
