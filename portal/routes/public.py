"""The addresses that are open to anybody: signing in and out, what customers are sent to, machines, the demo's mailbox."""

from __future__ import annotations

from portal.desk.permissions import May, Open
from portal.pages import (
    chat,
    consents,
    demo_mail,
    feedback,
    health,
    incoming,
    sign_in,
    standing,
    surveys,
)
from portal.routes.building import deed, page
from portal.web import Page

PAGES: list[Page] = [
    # Signing in and out
    page("/sign-in", sign_in.begin, Open.PUBLIC),
    page("/sign-in/callback", sign_in.finish, Open.PUBLIC),
    deed("/sign-out", sign_in.leave, Open.PUBLIC),
    page("/signed-out", sign_in.left, Open.PUBLIC),
    deed("/sign-in/back-channel-logout", sign_in.left_there, Open.PUBLIC, from_anywhere=True),
    # For customers
    page("/feedback/{token}", feedback.show, Open.PUBLIC),
    deed("/feedback/{token}", feedback.answer, Open.PUBLIC),
    page("/standing/cases/{token}", standing.show_case, Open.PUBLIC),
    page("/standing/orders/{token}", standing.show_order, Open.PUBLIC),
    page("/consents/{token}", consents.show, Open.PUBLIC),
    deed("/consents/{token}", consents.take_back, Open.PUBLIC),
    page("/surveys/{token}", surveys.show, Open.PUBLIC),
    deed("/surveys/{token}", surveys.say, Open.PUBLIC),
    page("/chat", chat.show, Open.PUBLIC),
    deed("/chat", chat.begin, Open.PUBLIC),
    page("/chat/news", chat.news, Open.PUBLIC),
    deed("/chat/messages", chat.write, Open.PUBLIC),
    deed("/chat/message", chat.leave, Open.PUBLIC),
    deed("/chat/end", chat.stop, Open.PUBLIC),
    deed("/chat/transcript", chat.send, Open.PUBLIC),
    # The demo
    page("/demo/mail", demo_mail.index, May.SEE_MESSAGES),
    page("/demo/mail/{message_id:id}", demo_mail.show, May.SEE_MESSAGES),
    page("/demo/mail/{message_id:id}/letter", demo_mail.letter, May.SEE_MESSAGES),
    # For proxies and people on call
    deed("/incoming/social", incoming.social, Open.PUBLIC, from_anywhere=True),
    deed("/api/orders", incoming.order, Open.PUBLIC, from_anywhere=True),
    page("/healthz", health.alive, Open.PUBLIC),
    page("/readyz", health.ready, Open.PUBLIC),
]
