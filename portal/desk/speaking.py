"""How a customer is spoken to: in which language, and with what in mind. S2-1.3, S2-3.4"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from models import Contact
from models.words import Channel
from portal.desk import audit
from portal.desk.errors import NotAccepted
from portal.desk.notices import LANGUAGES
from portal.desk.permissions import May
from portal.desk.runs import find, refuse_other_holder
from portal.desk.work import Work

NAMES: Mapping[str, str] = MappingProxyType({"en": "English", "de": "Deutsch"})
"""Each language as its speakers call it."""
CUES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "upset": (
            "Upset",
            "Let them finish. Say what you heard before you offer anything, and lower your own voice.",
        ),
        "hurried": ("In a hurry", "Say how long it takes. Leave out what can wait, and offer to call back."),
        "unsure": ("Unsure", "One question at a time, in plain words. Say that there is no wrong answer."),
    }
)
"""How a customer may seem, with advice for the representative. Never shown to the customer. S2-3.4"""
SEEN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "tense": (
            "Tense: arms crossed, steps back",
            "Leave room, keep your own hands open, and stand or sit at their height.",
        ),
        "looks_away": (
            "Looks away, or at the clock",
            "Stop and ask whether to go on now. Offer to do the rest later, by phone or by mail.",
        ),
        "puzzled": (
            "Frowns, puzzled",
            "Show it instead of saying it: turn the screen, or write the figure down and point at it.",
        ),
        "shaken": (
            "Shaken, or in tears",
            "Offer a seat, water and time, away from the queue. Nothing has to be decided now.",
        ),
    }
)
"""What only somebody who stands before one shows: offered where the contact is in person. S2-3.4"""


def cues_of(channel: Channel) -> Mapping[str, tuple[str, str]]:
    """The cues that can be noticed on a channel: what is heard or read, and in person what is seen."""
    return IN_PERSON if channel is Channel.IN_PERSON else CUES


IN_PERSON: Mapping[str, tuple[str, str]] = MappingProxyType({**CUES, **SEEN})


async def speak(work: Work, intake_id: int, language: str) -> None:
    """Speak this language in a contact from now on: what is to be said changes with it. S2-1.3

    Raises NotAccepted for a language we do not offer, Conflict when somebody else holds the contact.
    """
    work.require(May.TAKE_CONTACTS)
    run = await find(work, intake_id)
    refuse_other_holder(work, run)
    if language not in LANGUAGES:
        raise NotAccepted(language="Choose one of the languages offered.")
    contact = await work.session.get_one(Contact, run.contact_id)
    if contact.language != language:
        contact.language = language
        await audit.record(work, "choose language", contact)


async def note_cues(work: Work, intake_id: int, cues: Iterable[str]) -> None:
    """Keep how the customer seems, in place of what was kept before. S2-3.4

    Raises NotAccepted for a cue that is none on this channel, Conflict when somebody else holds the contact.
    """
    work.require(May.TAKE_CONTACTS)
    run = await find(work, intake_id)
    refuse_other_holder(work, run)
    noted = tuple(sorted(set(cues)))
    if set(noted) - cues_of(run.channel).keys():
        raise NotAccepted(cue="Choose among the cues offered.")
    contact = await work.session.get_one(Contact, run.contact_id)
    if tuple(contact.cues) != noted:
        contact.cues = noted
        await audit.record(work, "note cues", contact)
