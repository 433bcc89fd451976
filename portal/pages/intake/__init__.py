"""The wizard: one address a step, the same with and without a script. S0-3.3.3, S2-1, S2-9, S2-10"""

from __future__ import annotations

from portal.pages.intake.caller import change, note_cues, speak
from portal.pages.intake.caller import show as show_details
from portal.pages.intake.contact import abandon, begin, new, resume, take_over
from portal.pages.intake.difficult import call_for_help, guide, presence
from portal.pages.intake.files import hand_out
from portal.pages.intake.files import send as send_files
from portal.pages.intake.moving import move, show_move
from portal.pages.intake.step import draft, part, send, show

__all__ = [
    "abandon",
    "begin",
    "call_for_help",
    "change",
    "draft",
    "guide",
    "hand_out",
    "move",
    "new",
    "note_cues",
    "part",
    "presence",
    "resume",
    "send",
    "send_files",
    "show",
    "show_details",
    "show_move",
    "speak",
    "take_over",
]
