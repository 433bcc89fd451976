"""Every address of the portal, and who may use it. Read this file to know the product; the admin adds its own."""

from __future__ import annotations

from portal.desk.permissions import May, Open
from portal.pages import (
    cases,
    customers,
    demo_mail,
    escalations,
    feedback,
    followups,
    health,
    home,
    intake,
    jobs,
    messages,
    orders,
    search,
    sign_in,
)
from portal.web import Page

PAGES: list[Page] = [
    Page("/", home.show, allow=Open.SIGNED_IN),
    Page("/search", search.show, allow=Open.SIGNED_IN),
    Page("/contacts/new", intake.new, allow=May.TAKE_CONTACTS),
    Page("/contacts", intake.begin, allow=May.TAKE_CONTACTS, methods=["POST"]),
    Page("/intakes/{intake_id:id}", intake.resume, allow=May.TAKE_CONTACTS),
    Page("/intakes/{intake_id:id}/take-over", intake.take_over, allow=May.TAKE_CONTACTS, methods=["POST"]),
    Page("/intakes/{intake_id:id}/abandonment", intake.abandon, allow=May.TAKE_CONTACTS, methods=["POST"]),
    Page("/intakes/{intake_id:id}/parts/{step}", intake.part, allow=May.TAKE_CONTACTS, methods=["POST"]),
    Page("/intakes/{intake_id:id}/{step}", intake.show, allow=May.TAKE_CONTACTS),
    Page("/intakes/{intake_id:id}/{step}", intake.send, allow=May.TAKE_CONTACTS, methods=["POST"]),
    Page("/intakes/{intake_id:id}/{step}/draft", intake.draft, allow=May.TAKE_CONTACTS, methods=["POST"]),
    Page("/cases", cases.index, allow=May.SEE_CASES),
    Page("/cases/{case_id:id}", cases.show, allow=May.SEE_CASES),
    Page("/cases/{case_id:id}/clocks", cases.why, allow=May.SEE_CASES),
    Page("/cases/{case_id:id}/parts/clocks", cases.clocks, allow=May.SEE_CASES),
    Page("/cases/{case_id:id}/acknowledgement", cases.acknowledge, allow=May.WORK_CASES, methods=["POST"]),
    Page("/cases/{case_id:id}/answer", cases.answer, allow=May.WORK_CASES, methods=["POST"]),
    Page("/cases/{case_id:id}/notes", cases.note, allow=May.WORK_CASES, methods=["POST"]),
    Page("/cases/{case_id:id}/question", cases.question, allow=May.WORK_CASES, methods=["POST"]),
    Page(
        "/cases/{case_id:id}/customer-answer", cases.customer_answer, allow=May.WORK_CASES, methods=["POST"]
    ),
    Page("/cases/{case_id:id}/resolution", cases.resolve, allow=May.WORK_CASES, methods=["POST"]),
    Page("/cases/{case_id:id}/escalation", cases.escalate, allow=May.WORK_CASES, methods=["POST"]),
    Page("/cases/{case_id:id}/holder", cases.take, allow=May.WORK_CASES, methods=["POST"]),
    Page("/cases/{case_id:id}/reopening", cases.reopen, allow=May.WORK_CASES, methods=["POST"]),
    Page("/cases/{case_id:id}/cancellation", cases.cancel, allow=May.WORK_CASES, methods=["POST"]),
    Page("/escalations", escalations.index, allow=May.TAKE_ESCALATIONS),
    Page(
        "/escalations/{escalation_id:id}/acceptance",
        escalations.accept,
        allow=May.TAKE_ESCALATIONS,
        methods=["POST"],
    ),
    Page(
        "/escalations/{escalation_id:id}/comment",
        escalations.comment,
        allow=May.TAKE_ESCALATIONS,
        methods=["POST"],
    ),
    Page(
        "/escalations/{escalation_id:id}/return",
        escalations.hand_back,
        allow=May.TAKE_ESCALATIONS,
        methods=["POST"],
    ),
    Page(
        "/escalations/{escalation_id:id}/resolution",
        escalations.resolve,
        allow=May.TAKE_ESCALATIONS,
        methods=["POST"],
    ),
    Page("/orders", orders.index, allow=May.SEE_ORDERS),
    Page("/orders/{order_id:id}", orders.show, allow=May.SEE_ORDERS),
    Page("/orders/{order_id:id}/stage", orders.stage, allow=May.SEE_ORDERS, methods=["POST"]),
    Page("/orders/{order_id:id}/cancellation", orders.cancel, allow=May.CANCEL_ORDERS, methods=["POST"]),
    Page("/orders/{order_id:id}/payments", orders.pay, allow=May.RECORD_PAYMENTS, methods=["POST"]),
    Page("/customers", customers.index, allow=May.SEE_CUSTOMERS),
    Page("/customers/{customer_id:id}", customers.show, allow=May.SEE_CUSTOMERS),
    Page("/customers/{customer_id:id}/reveal", customers.reveal, allow=May.SEE_CUSTOMERS, methods=["POST"]),
    Page("/customers/{customer_id:id}/unlock", customers.unlock, allow=May.SEE_TEAM, methods=["POST"]),
    Page("/follow-ups", followups.index, allow=May.SEE_FOLLOW_UPS),
    Page("/follow-ups/{follow_up_id:id}/result", followups.done, allow=May.WORK_FOLLOW_UPS, methods=["POST"]),
    Page(
        "/follow-ups/{follow_up_id:id}/owner",
        followups.hand_over,
        allow=May.WORK_FOLLOW_UPS,
        methods=["POST"],
    ),
    Page(
        "/follow-ups/{follow_up_id:id}/cancellation",
        followups.cancel,
        allow=May.WORK_FOLLOW_UPS,
        methods=["POST"],
    ),
    Page("/messages", messages.dead_letters, allow=May.RESEND_MESSAGES),
    Page(
        "/messages/{message_id:id}/sending-again",
        messages.send_again,
        allow=May.RESEND_MESSAGES,
        methods=["POST"],
    ),
    Page(
        "/messages/{message_id:id}/discarding", messages.discard, allow=May.RESEND_MESSAGES, methods=["POST"]
    ),
    Page("/jobs", jobs.index, allow=May.SEE_JOBS),
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
    Page("/demo/mail/{message_id:id}", demo_mail.show, allow=May.SEE_MESSAGES),
    Page("/demo/mail/{message_id:id}/letter", demo_mail.letter, allow=May.SEE_MESSAGES),
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
