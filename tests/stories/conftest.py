"""The desk of these stories: see tests/cast.py."""

from tests.cast import clock, desk

__all__ = ["clock", "desk"]
