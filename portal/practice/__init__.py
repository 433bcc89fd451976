"""The practice room: the same desk on a database of its own, with invented customers. S2-0.3"""

from __future__ import annotations

from portal.practice.room import PracticeRoom

__all__ = ["PracticeRoom"]
