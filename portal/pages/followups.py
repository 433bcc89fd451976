"""Follow-ups: what was promised, by when, and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from models import FollowUp
from portal.desk import followups, policy, queues
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.solved import Asked
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.web import Visit


@dataclass(frozen=True, slots=True)
class Opened:
    """The one follow-up whose message is shown, with the number to send it to and a link for who has a telephone."""

    id: int
    text: str
    phone: str
    link: str


Deed = Callable[[Work, FollowUp, Typed], Awaitable[None]]


async def index(visit: Visit) -> Response:
    """Mine, or the team's for those who see it."""
    return await listed(visit)


async def listed(visit: Visit, refused: Refused = NOTHING_REFUSED, opened: Opened | None = None) -> Response:
    """The page of the list; after a refused form with what was typed. `form` is `<id>-<deed>`."""
    team = visit.asked("show") == "team" and visit.person.may(May.SEE_TEAM)
    async with visit.look() as work:
        found = await queues.follow_ups(work, team=team, before=visit.asked("before"))
        colleagues = await queues.colleagues(work)
    chips = [("/follow-ups", "Mine", None, not team)]
    if visit.person.may(May.SEE_TEAM):
        chips.append(("/follow-ups?show=team", "The team’s", None, team))
    return visit.page(
        "followups/index.html",
        rows=[(one, queues.masked_or_none(one)) for one in found.rows],
        older=found.older,
        colleagues=colleagues,
        chips=chips,
        team=team,
        tries=policy.TRIES_TO_REACH,
        opened=opened,
        **refused.facts(),
    )


async def show_message(visit: Visit) -> Response:
    """Show what is to be sent by hand, and the number; written down. Loading the list anew covers both. S1-4.4.1d"""
    follow_up_id = visit.number("follow_up_id")
    async with visit.work() as work:
        one = await queues.follow_up_of(work, follow_up_id)
        text, phone = await followups.open_message(work, one)
    link = f"sms:{phone}?body={quote(text)}" if phone else ""
    return await listed(visit, opened=Opened(follow_up_id, text, phone, link))


async def done(visit: Visit) -> Response:
    async def do(work: Work, one: FollowUp, typed: Typed) -> None:
        kept = {"yes": True, "no": False}.get(typed.get("kept", ""))
        asked = Asked(typed["asked"]) if typed.get("asked") in set(map(str, Asked)) else None
        await followups.done(work, one, typed.get("result", ""), kept=kept, asked=asked)

    return await deed(visit, "result", do, "Done.")


async def hand_over(visit: Visit) -> Response:
    async def do(work: Work, one: FollowUp, typed: Typed) -> None:
        to_id = number_in(typed.get("to_id", ""))
        if to_id is None:
            raise NotAccepted(to_id="Choose a colleague who is here.")
        await followups.hand_over(work, one, to_id)

    return await deed(visit, "owner", do, "Handed over.")


async def cancel(visit: Visit) -> Response:
    async def do(work: Work, one: FollowUp, typed: Typed) -> None:
        await followups.cancel(work, one, typed.get("reason", ""))

    return await deed(visit, "cancellation", do, "Dropped.")


async def deed(visit: Visit, form: str, do: Deed, said: str) -> Response:
    """Do one deed on the follow-up of the address and come back to the list."""
    follow_up_id = visit.number("follow_up_id")

    async def on_it(work: Work, typed: Typed) -> str:
        await do(work, await queues.follow_up_of(work, follow_up_id), typed)
        return "/follow-ups"

    return await answer_form(visit, f"{follow_up_id}-{form}", on_it, listed, said)
