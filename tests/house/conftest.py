"""The open portal, for the tests that walk every door of it."""

from tests.cast import clock, desk
from tests.visits import app, visitor

__all__ = ["app", "clock", "desk", "visitor"]
