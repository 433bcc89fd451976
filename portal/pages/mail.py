"""Mail that came in: what waits for an answer, what was not taken on and why, and what can be done about each. S2-12.2"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from portal.desk import mail
from portal.desk.mail import MailQueue, MailRow
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.pages.intake.files import handed_out
from portal.web import Visit

QUEUES = {
    MailQueue.TO_ANSWER: "To answer",
    MailQueue.NOT_TAKEN: "Not taken on",
    MailQueue.ALL: "All",
}

Deed = Callable[[Work, MailRow, Typed], Awaitable[str]]


async def index(visit: Visit) -> Response:
    """One list of mail, with the others as chips."""
    asked = visit.asked("show")
    queue = MailQueue(asked) if asked in list(MailQueue) else MailQueue.TO_ANSWER
    async with visit.look() as work:
        found = await mail.mails(work, queue, before=visit.asked("before"))
        counted = await mail.counts(work)
    return visit.page(
        "mails/index.html",
        found=found,
        show=queue.value,
        words=QUEUES[queue],
        chips=[
            (f"/mail?show={one.value}", words, counted.get(one), one is queue)
            for one, words in QUEUES.items()
        ],
    )


async def show(visit: Visit) -> Response:
    """One mail, with what it belongs to and what can be done."""
    return await detail(visit)


async def detail(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of a mail; after a refused form with what was typed."""
    async with visit.look() as work:
        row = await mail.load(work, visit.number("mail_id"))
    return visit.page("mails/detail.html", row=row, mail=row.mail, **refused.facts())


async def take_on(visit: Visit) -> Response:
    """Take its case in hand."""

    async def do(work: Work, row: MailRow, _typed: Typed) -> str:
        return f"/cases/{await mail.take_on(work, row.mail)}"

    return await _answer(visit, "holder", do, "The case is yours. Answer it here.")


async def begin(visit: Visit) -> Response:
    """Walk a script about it."""

    async def do(work: Work, row: MailRow, _typed: Typed) -> str:
        return f"/intakes/{await mail.begin_contact(work, row.mail)}"

    return await _answer(visit, "contact", do, "The words of the mail are among the notes.")


async def join(visit: Visit) -> Response:
    """Let it join another case."""

    async def do(work: Work, row: MailRow, typed: Typed) -> str:
        return f"/cases/{await mail.join(work, row.mail, typed.get('number', ''))}"

    return await _answer(visit, "case", do, "The mail is in this case now.")


async def set_aside(visit: Visit) -> Response:
    """Set it aside with a reason."""

    async def do(work: Work, row: MailRow, typed: Typed) -> str:
        await mail.set_aside(work, row.mail, typed.get("reason", ""))
        return "/mail"

    return await _answer(visit, "setting-aside", do, "Set aside. It stays on record.")


async def take_up(visit: Visit) -> Response:
    """Open a case of it after all."""

    async def do(work: Work, row: MailRow, _typed: Typed) -> str:
        return f"/cases/{await mail.take_up(work, row.mail)}"

    return await _answer(visit, "taking-up", do, "There is a case for it now.")


async def hand_out(visit: Visit) -> Response:
    """A file of it, handed out and never shown."""
    async with visit.look() as work:
        found = await mail.open_file(work, visit.number("mail_id"), visit.number("file_id"))
    return handed_out(found)


async def _answer(visit: Visit, form: str, deed: Deed, said: str) -> Response:
    async def do(work: Work, typed: Typed) -> str:
        return await deed(work, await mail.load(work, visit.number("mail_id")), typed)

    return await answer_form(visit, form, do, detail, said)
