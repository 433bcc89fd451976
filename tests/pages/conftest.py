"""The clock of these tests: see tests/cast.py."""

from tests.cast import clock

__all__ = ["clock"]
