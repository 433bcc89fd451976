"""Every address of the portal, and who may use it. Read this file to know the product; the admin adds its own."""

from __future__ import annotations

from portal.desk.permissions import May, Open
from portal.pages import demo_mail, feedback, health, home, sign_in
from portal.web import Page

PAGES: list[Page] = [
    Page("/", home.show, allow=Open.SIGNED_IN),
    Page("/sign-in", sign_in.begin, allow=Open.PUBLIC),
    Page("/sign-in/callback", sign_in.finish, allow=Open.PUBLIC),
    Page("/sign-out", sign_in.leave, allow=Open.PUBLIC, methods=["POST"]),
    Page("/signed-out", sign_in.left, allow=Open.PUBLIC),
    Page(
        "/sign-in/back-channel-logout",
        sign_in.left_there,
        allow=Open.PUBLIC,
        methods=["POST"],
        from_anywhere=True,
    ),
    Page("/feedback/{token}", feedback.show, allow=Open.PUBLIC),
    Page("/feedback/{token}", feedback.answer, allow=Open.PUBLIC, methods=["POST"]),
    Page("/demo/mail", demo_mail.index, allow=May.SEE_MESSAGES),
    Page("/demo/mail/{message_id:int}", demo_mail.show, allow=May.SEE_MESSAGES),
    Page("/demo/mail/{message_id:int}/letter", demo_mail.letter, allow=May.SEE_MESSAGES),
    Page("/healthz", health.alive, allow=Open.PUBLIC),
    Page("/readyz", health.ready, allow=Open.PUBLIC),
]


def page_routes() -> list[tuple[str, str, str]]:
    """Every page as (method, path, permission)."""
    return [
        (method, page.path, str(page.allow))
        for page in PAGES
        for method in sorted(page.methods or ())
        if method != "HEAD"
    ]
