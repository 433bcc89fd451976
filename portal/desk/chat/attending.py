"""Whether somebody is there to chat: the calendar is open, and somebody who takes contacts is on duty. S2-12.3, S0-4"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.words import Channel, Role
from portal.desk import hours, policy_versions, rota
from portal.desk.rota import Reach
from portal.desk.work import Work


@dataclass(frozen=True, slots=True)
class Attended:
    """Whether somebody is there, and if not from when on, where the calendar knows."""

    now: bool
    opens_at: datetime | None = None
    due_at: datetime | None = None
    """By when somebody is to take a chat that begins now. S2-12.5"""


@dataclass(frozen=True, slots=True)
class _Chat:
    """What a calendar is assigned by, of a chat."""

    calendar_id: int | None = None
    team: str = ""
    channel: Channel = Channel.CHAT
    own_channel: str = ""
    country: str = ""


async def attended(work: Work) -> Attended:
    """Say whether somebody is there now. With no rota written everybody who takes contacts is. S0-4"""
    opening = (await policy_versions.in_force(work)).calendar_of(_Chat()).opening
    if not hours.is_open(opening, work.now):
        try:
            return Attended(now=False, opens_at=hours.next_opening(opening, work.now))
        except hours.HoursError:  # the calendar does not open for more than a year
            return Attended(now=False)
    reach = (await rota.told(work, Role.REPRESENTATIVE, work.now)).reach
    if reach not in {Reach.ON_DUTY, Reach.NO_ROTA}:
        return Attended(now=False)
    return Attended(now=True, due_at=await policy_versions.due(work, "take-chat"))
