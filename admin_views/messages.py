"""The outbox with its dead letters, and what customers answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import defer, joinedload

from admin_views import columns as c
from admin_views.base import DeskView, post_action
from admin_views.filters import Choice, Days, Saved, YesNo
from models import Case, Customer, Feedback, Message, Order
from models.words import MessageStatus
from portal.desk import messages
from portal.desk.permissions import May
from portal.desk.work import Work

LOW = 2
"""A score of so many stars or fewer."""


def _is_stuck(row: Message) -> bool:
    return row.status is not MessageStatus.SENT or row.bounced_at is not None


class MessageView(DeskView, model=Message):
    """Every message that left or is to leave, as it was written. Dead ones can be sent again."""

    address, title, thing = "messages", "Messages", "message"
    group = "Letters"
    told = "The outbox: what was sent, what waits, and what could not be delivered."
    see = May.SEE_MESSAGES
    order = ("created_at", True)
    columns = (
        c.text("subject", "Subject"),
        c.moment("created_at", "Written", sort=True),
        c.chip("fate", "State"),
        c.word("template", "Kind"),
        c.word("audience", "To a"),
        c.masked("to_address", "Address", unless=May.SEE_TEAM),
        c.text("reference", "Reference"),
        c.number("attempts", "Tries"),
        c.long_text("last_error", "Last answer", needs=May.RESEND_MESSAGES),
    )
    facts = (
        ("Message", columns),
        (
            "On its way",
            (
                c.moment("next_at", "Next try"),
                c.moment("sent_at", "Sent"),
                c.moment("bounced_at", "Came back"),
                c.text("language", "Language"),
                c.text("caused_by", "Caused by"),
                c.text("message_id", "Message-ID", needs=May.RESEND_MESSAGES),
            ),
        ),
        ("What it says", (c.long_text("body_text", "Text", full=True, needs=May.SEE_TEAM),)),
    )
    filters = (
        Choice("status", "State", Message.status, MessageStatus),
        Days("written", "Written", Message.created_at),
    )
    saved = (
        Saved(
            "dead", "Dead letters", lambda _: Message.status == MessageStatus.DEAD, needs=May.RESEND_MESSAGES
        ),
        Saved("bounced", "Came back", lambda _: Message.bounced_at.is_not(None)),
        Saved("waiting", "Waiting", lambda _: Message.status == MessageStatus.QUEUED),
    )
    loads = (defer(Message.body_text, raiseload=True), defer(Message.body_html, raiseload=True))
    detail_loads = loads[1:]
    finds = {"order": Message.order_id, "case": Message.case_id, "customer": Message.customer_id}
    finds_by = "customer, order or case number"
    empty = "Nothing has been written yet."

    def name_of(self, row: Any) -> str:
        return str(row.subject)

    @post_action(
        "send-again",
        "Send again",
        allow=May.RESEND_MESSAGES,
        done="will be sent again",
        icon="send",
        when=_is_stuck,
    )
    async def send_again(self, work: Work, row: Message, _reason: str) -> None:
        await messages.send_again(work, row)

    @post_action(
        "discard", "Discard", allow=May.RESEND_MESSAGES, done="will not be sent", icon="x", when=_is_stuck
    )
    async def discard(self, work: Work, row: Message, _reason: str) -> None:
        await messages.discard(work, row)


class FeedbackView(DeskView, model=Feedback):
    """Invitations and their answers, kept apart from the cases. S3-6.2.1"""

    address, title, thing = "feedback", "Feedback", "answer"
    group = "Letters"
    told = "What customers said about us after a solution or a delivery."
    see = May.SEE_FEEDBACK
    order = ("invited_at", True)
    columns = (
        c.made("stars", "Score", lambda row: f"{row.score} of 5" if row.score else "not answered"),
        c.moment("invited_at", "Invited", sort=True),
        c.word("kind", "After a"),
        c.long_text("comment", "Comment"),
        c.customer(),
        c.link("case.number", "Case", to="cases", allow=May.SEE_CASES),
        c.link("order.number", "Order", to="orders", allow=May.SEE_ORDERS),
        c.moment("answered_at", "Answered"),
    )
    facts = (
        (
            "Answer",
            (
                *columns[:3],
                c.long_text("comment", "Comment", full=True),
                *columns[4:],
                c.moment("expires_at", "Link works until"),
            ),
        ),
    )
    filters = (
        YesNo("answered", "Answered", Feedback.score.is_not(None)),
        Days("invited", "Invited", Feedback.invited_at),
    )
    saved = (
        Saved("low", "Low scores", lambda _: Feedback.score <= LOW),
        Saved("answered", "Answered", lambda _: Feedback.score.is_not(None)),
    )
    loads = (
        joinedload(Feedback.customer).load_only(Customer.id, Customer.name),
        joinedload(Feedback.case).load_only(Case.id, Case.number),
        joinedload(Feedback.order).load_only(Order.id, Order.number),
    )
    detail_loads = loads
    finds = {"customer": Feedback.customer_id, "order": Feedback.order_id, "case": Feedback.case_id}
    finds_by = "customer, order or case number"
    empty = "Nobody was asked yet. Invitations go out after a solution or a delivery."

    def name_of(self, row: Any) -> str:
        return f"Feedback {row.id}"
