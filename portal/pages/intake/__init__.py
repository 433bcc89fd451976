"""The wizard: one address a step, the same with and without a script. S0-3.3.3, S2-1, S2-9, S2-10"""

from __future__ import annotations

from portal.pages.intake.contact import abandon, begin, new, resume, take_over
from portal.pages.intake.step import draft, part, send, show

__all__ = ["abandon", "begin", "draft", "new", "part", "resume", "send", "show", "take_over"]
