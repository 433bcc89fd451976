"""Every address of the portal, and who may use it. Read this file to know the product; the admin adds its own."""

from __future__ import annotations

from portal.desk.permissions import May, Open
from portal.pages import (
    access,
    answers,
    approvals,
    board,
    cases,
    classifying,
    customers,
    demo_mail,
    diagrams,
    escalations,
    evidence,
    feedback,
    followups,
    health,
    help_calls,
    home,
    intake,
    jobs,
    library,
    messages,
    on_duty,
    orders,
    picking,
    policy,
    policy_replay,
    practice,
    printing,
    reading,
    refunds,
    returns,
    scripts,
    search,
    sign_in,
    special_requests,
    surveys,
)
from portal.web import Handler, Page


def page(path: str, handler: Handler, allow: May | Open) -> Page:
    """A screen: it shows and changes nothing."""
    return Page(path, handler, allow=allow)


def deed(path: str, handler: Handler, allow: May | Open, *, from_anywhere: bool = False) -> Page:
    """A form's target: it does one thing and leads on."""
    return Page(path, handler, allow=allow, methods=["POST"], from_anywhere=from_anywhere)


PAGES: list[Page] = [
    # My desk
    page("/", home.show, Open.SIGNED_IN),
    page("/search", search.show, Open.SIGNED_IN),
    # Taking a contact
    page("/contacts/new", intake.new, May.TAKE_CONTACTS),
    deed("/contacts", intake.begin, May.TAKE_CONTACTS),
    page("/intakes/{intake_id:id}", intake.resume, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/take-over", intake.take_over, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/abandonment", intake.abandon, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/difficult", intake.guide, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/help", intake.call_for_help, May.TAKE_CONTACTS),
    page("/intakes/{intake_id:id}/parts/presence", intake.presence, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/parts/{step}", intake.part, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/language", intake.speak, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/cues", intake.note_cues, May.TAKE_CONTACTS),
    page("/intakes/{intake_id:id}/details", intake.show_details, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/details", intake.change, May.TAKE_CONTACTS),
    page("/intakes/{intake_id:id}/moving", intake.show_move, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/moving", intake.move, May.TAKE_CONTACTS),
    page("/intakes/{intake_id:id}/{step}", intake.show, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/{step}", intake.send, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/{step}/draft", intake.draft, May.TAKE_CONTACTS),
    deed("/intakes/{intake_id:id}/{step}/files", intake.send_files, May.TAKE_CONTACTS),
    page("/attachments/{attachment_id:id}", intake.hand_out, May.TAKE_CONTACTS),
    page("/contacts/{contact_id:id}/form", printing.contact, May.SEE_CONTACTS),
    page("/scripts/{script}/form", printing.blank_script, May.TAKE_CONTACTS),
    # What was answered
    page("/answers", answers.index, May.SEE_EVIDENCE),
    page("/answers/{script}/{step}/{field}", answers.question, May.SEE_EVIDENCE),
    deed("/answers/{script}/{step}/{field}", answers.take_away, May.SEE_EVIDENCE),
    # Cases
    page("/cases", cases.index, May.SEE_CASES),
    page("/cases/{case_id:id}", cases.show, May.SEE_CASES),
    page("/cases/{case_id:id}/clocks", cases.why, May.SEE_CASES),
    page("/cases/{case_id:id}/complaint-form", printing.complaint, May.SEE_CASES),
    page("/forms/complaint", printing.blank_complaint, May.WORK_CASES),
    page("/cases/{case_id:id}/parts/clocks", cases.clocks, May.SEE_CASES),
    deed("/cases/{case_id:id}/acknowledgement", cases.acknowledge, May.WORK_CASES),
    deed("/cases/{case_id:id}/answer", cases.answer, May.WORK_CASES),
    deed("/cases/{case_id:id}/notes", cases.note, May.WORK_CASES),
    deed("/cases/{case_id:id}/question", cases.question, May.WORK_CASES),
    deed("/cases/{case_id:id}/customer-answer", cases.customer_answer, May.WORK_CASES),
    deed("/cases/{case_id:id}/message", cases.message, May.WORK_CASES),
    deed("/cases/{case_id:id}/progress", cases.update, May.WORK_CASES),
    deed("/cases/{case_id:id}/standstill", cases.stand_still, May.WORK_CASES),
    deed("/cases/{case_id:id}/running-on", cases.run_on, May.WORK_CASES),
    page("/cases/{case_id:id}/classification", classifying.show, May.WORK_CASES),
    deed("/cases/{case_id:id}/classification", classifying.send, May.WORK_CASES),
    deed("/cases/{case_id:id}/resolution", cases.resolve, May.WORK_CASES),
    deed("/cases/{case_id:id}/escalation", cases.escalate, May.WORK_CASES),
    deed("/cases/{case_id:id}/holder", cases.take, May.WORK_CASES),
    deed("/cases/{case_id:id}/reopening", cases.reopen, May.WORK_CASES),
    deed("/cases/{case_id:id}/cancellation", cases.cancel, May.WORK_CASES),
    # Escalations
    page("/escalations", escalations.index, May.TAKE_ESCALATIONS),
    deed("/escalations/{escalation_id:id}/acceptance", escalations.accept, May.TAKE_ESCALATIONS),
    deed("/escalations/{escalation_id:id}/comment", escalations.comment, May.TAKE_ESCALATIONS),
    deed("/escalations/{escalation_id:id}/return", escalations.hand_back, May.TAKE_ESCALATIONS),
    deed("/escalations/{escalation_id:id}/resolution", escalations.resolve, May.TAKE_ESCALATIONS),
    page("/escalations/board", board.show, May.TAKE_ESCALATIONS),
    page("/escalations/board/rows", board.rows, May.TAKE_ESCALATIONS),
    page("/escalations/board/stream", board.stream, May.TAKE_ESCALATIONS),
    page("/closing-sheet", board.closing_sheet, May.SEE_TEAM),
    # On duty
    page("/on-duty", on_duty.show, May.SEE_POLICY),
    deed("/on-duty", on_duty.add, May.EDIT_POLICY),
    page("/on-duty/new", on_duty.new, May.EDIT_POLICY),
    page("/on-duty/{entry_id:id}", on_duty.edit, May.EDIT_POLICY),
    deed("/on-duty/{entry_id:id}", on_duty.change, May.EDIT_POLICY),
    deed("/on-duty/{entry_id:id}/end", on_duty.end, May.EDIT_POLICY),
    # The policy
    page("/policy", policy.index, May.SEE_POLICY),
    page("/policy/recompute", policy.recompute, May.SEE_POLICY),
    deed("/policy/drafts", policy.draft, May.EDIT_POLICY),
    page("/policy/versions/{policy_id:id}", policy.version, May.SEE_POLICY),
    deed("/policy/versions/{policy_id:id}/dropping", policy.drop, May.EDIT_POLICY),
    deed("/policy/versions/{policy_id:id}/update", policy.bring_up_to_date, May.EDIT_POLICY),
    deed("/policy/versions/{policy_id:id}/publishing", policy.publish, May.EDIT_POLICY),
    deed("/policy/versions/{policy_id:id}/order", policy.move_row, May.EDIT_POLICY),
    deed("/policy/versions/{policy_id:id}/rows", policy.add_row, May.EDIT_POLICY),
    page("/policy/versions/{policy_id:id}/rows/new", policy.new_row, May.EDIT_POLICY),
    page("/policy/versions/{policy_id:id}/rows/{key}", policy.edit_row, May.EDIT_POLICY),
    deed("/policy/versions/{policy_id:id}/rows/{key}", policy.change_row, May.EDIT_POLICY),
    deed("/policy/versions/{policy_id:id}/rows/{key}/removal", policy.remove_row, May.EDIT_POLICY),
    deed("/policy/versions/{policy_id:id}/calendars", policy.add_calendar, May.EDIT_POLICY),
    page("/policy/versions/{policy_id:id}/calendars/new", policy.new_calendar, May.EDIT_POLICY),
    page("/policy/versions/{policy_id:id}/calendars/{calendar_id:id}", policy.show_calendar, May.SEE_POLICY),
    deed(
        "/policy/versions/{policy_id:id}/calendars/{calendar_id:id}", policy.change_calendar, May.EDIT_POLICY
    ),
    deed(
        "/policy/versions/{policy_id:id}/calendars/{calendar_id:id}/removal",
        policy.remove_calendar,
        May.EDIT_POLICY,
    ),
    deed("/policy/versions/{policy_id:id}/calendars/{calendar_id:id}/days", policy.put_day, May.EDIT_POLICY),
    deed(
        "/policy/versions/{policy_id:id}/calendars/{calendar_id:id}/days/removal",
        policy.remove_day,
        May.EDIT_POLICY,
    ),
    deed(
        "/policy/versions/{policy_id:id}/calendars/{calendar_id:id}/holidays",
        policy.fill_holidays,
        May.EDIT_POLICY,
    ),
    deed("/policy/versions/{policy_id:id}/assignments", policy.assign, May.EDIT_POLICY),
    deed("/policy/versions/{policy_id:id}/assignments/removal", policy.unassign, May.EDIT_POLICY),
    deed("/policy/versions/{policy_id:id}/assignments/order", policy.move_assignment, May.EDIT_POLICY),
    page("/policy/versions/{policy_id:id}/replay", policy_replay.show, May.EDIT_POLICY),
    deed("/policy/versions/{policy_id:id}/replay", policy_replay.ask, May.EDIT_POLICY),
    # Orders
    page("/orders", orders.index, May.SEE_ORDERS),
    page("/orders/pick-list", picking.show, May.HAND_OUT_ORDERS),
    deed("/orders/pick-list/{order_id:id}/prepared", picking.prepare, May.HAND_OUT_ORDERS),
    page("/orders/{order_id:id}", orders.show, May.SEE_ORDERS),
    deed("/orders/{order_id:id}/stage", orders.stage, May.SEE_ORDERS),
    deed("/orders/{order_id:id}/reception", orders.receive, May.RECEIVE_ORDERS),
    deed("/orders/{order_id:id}/expected-day", orders.expect, May.SEE_ORDERS),
    deed("/orders/{order_id:id}/cancellation", orders.cancel, May.CANCEL_ORDERS),
    deed("/orders/{order_id:id}/payments", orders.pay, May.RECORD_PAYMENTS),
    deed("/orders/{order_id:id}/receipts", orders.send_receipt, May.RECORD_PAYMENTS),
    # Special requests
    page("/special-requests", special_requests.index, May.SEE_ORDERS),
    deed("/special-requests/{request_id:id}/review", special_requests.take_up, May.DECIDE_REQUESTS),
    deed("/special-requests/{request_id:id}/department", special_requests.hand_on, May.SEE_ORDERS),
    deed("/special-requests/{request_id:id}/decision", special_requests.decide, May.DECIDE_REQUESTS),
    # Returns
    page("/returns", returns.index, May.SEE_ORDERS),
    deed("/orders/{order_id:id}/returns", returns.announce, May.ANNOUNCE_RETURNS),
    deed("/returns/{return_id:id}/arrival", returns.arrive, May.RECEIVE_RETURNS),
    deed("/returns/{return_id:id}/cancellation", returns.cancel, May.ANNOUNCE_RETURNS),
    deed("/returns/{return_id:id}/settlement", returns.settle, May.ANNOUNCE_RETURNS),
    # Refunds
    page("/refunds", refunds.index, May.DECIDE_REFUNDS),
    deed("/orders/{order_id:id}/refunds", refunds.ask_excess, May.ASK_REFUNDS),
    deed("/refunds/{request_id:id}/approval", refunds.approve, May.DECIDE_REFUNDS),
    deed("/refunds/{request_id:id}/refusal", refunds.refuse, May.DECIDE_REFUNDS),
    # Orders that somebody else has to agree to
    page("/approvals", approvals.index, May.APPROVE_ORDERS),
    deed("/approvals/{approval_id:id}/approval", approvals.approve, May.APPROVE_ORDERS),
    deed("/approvals/{approval_id:id}/price", approvals.refuse_price, May.APPROVE_ORDERS),
    deed("/approvals/{approval_id:id}/return", approvals.send_back, May.APPROVE_ORDERS),
    # Customers
    page("/customers", customers.index, May.SEE_CUSTOMERS),
    page("/customers/{customer_id:id}", customers.show, May.SEE_CUSTOMERS),
    deed("/customers/{customer_id:id}/reveal", customers.reveal, May.SEE_CUSTOMERS),
    deed("/customers/{customer_id:id}/unlock", customers.unlock, May.SEE_TEAM),
    deed("/customers/{customer_id:id}/merges", customers.merge, May.SEE_TEAM),
    deed("/customers/{customer_id:id}/merges/{merge_id:id}/undo", customers.undo_merge, May.SEE_TEAM),
    deed("/customers/{customer_id:id}/surveys", surveys.note, May.EDIT_CUSTOMERS),
    page("/access-log", access.index, May.SEE_TEAM),
    # Follow-ups
    page("/follow-ups", followups.index, May.SEE_FOLLOW_UPS),
    deed("/follow-ups/{follow_up_id:id}/result", followups.done, May.WORK_FOLLOW_UPS),
    deed("/follow-ups/{follow_up_id:id}/owner", followups.hand_over, May.WORK_FOLLOW_UPS),
    deed("/follow-ups/{follow_up_id:id}/cancellation", followups.cancel, May.WORK_FOLLOW_UPS),
    # The library
    page("/library", library.index, May.SEE_LIBRARY),
    deed("/library", library.add, May.EDIT_LIBRARY),
    page("/library/new", library.new, May.EDIT_LIBRARY),
    page("/library/{slug}", library.show, May.SEE_LIBRARY),
    page("/library/{slug}/edit", library.edit, May.EDIT_LIBRARY),
    deed("/library/{slug}/versions", library.write, May.EDIT_LIBRARY),
    deed("/library/{slug}/extension", library.extend, May.EDIT_LIBRARY),
    deed("/library/{slug}/retirement", library.retire, May.EDIT_LIBRARY),
    deed("/library/{slug}/reading", reading.have_read, May.SEE_LIBRARY),
    page("/library/{slug}/readers", reading.of_an_article, May.SEE_TEAM),
    page("/reading", reading.index, May.SEE_LIBRARY),
    page("/reading/team", reading.team, May.SEE_TEAM),
    # Evidence
    page("/contacts/{contact_id:id}", evidence.contact, May.SEE_CONTACTS),
    page("/evidence", evidence.index, May.SEE_EVIDENCE),
    page("/evidence/left-out", evidence.lapses, May.SEE_EVIDENCE),
    page("/evidence/{clause}", evidence.clause, May.SEE_EVIDENCE),
    page("/procedures", evidence.by_clause, May.SEE_LIBRARY),
    # Practising
    page("/practice", practice.index, May.PRACTISE),
    deed("/practice/room", practice.enter, May.PRACTISE),
    deed("/practice/leave", practice.leave, May.PRACTISE),
    deed("/practice/scenarios/{scenario}", practice.play, May.PRACTISE),
    page("/practice/records", practice.team, May.SEE_TRAINING),
    page("/practice/records/{record_id:id}", practice.record, May.PRACTISE),
    # Scripts
    page("/scripts", scripts.index, May.SEE_SCRIPTS),
    page("/scripts/imports", scripts.show_import, May.EDIT_SCRIPTS),
    deed("/scripts/imports", scripts.bring_in, May.EDIT_SCRIPTS),
    page("/scripts/versions/{version_id:id}", scripts.version, May.SEE_SCRIPTS),
    page("/scripts/versions/{version_id:id}/file", scripts.hand_out, May.SEE_SCRIPTS),
    page("/scripts/versions/{version_id:id}/trial", scripts.trial, May.SEE_SCRIPTS),
    page("/scripts/versions/{version_id:id}/differences", scripts.compare, May.SEE_SCRIPTS),
    page("/scripts/versions/{version_id:id}/publishing", scripts.show_publishing, May.SEE_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/publishing", scripts.publish, May.PUBLISH_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/approval", scripts.approve, May.PUBLISH_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/retirement", scripts.retire, May.PUBLISH_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/rolling-back", scripts.roll_back, May.PUBLISH_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/comments", scripts.comment, May.SEE_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/steps", scripts.add, May.EDIT_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/order", scripts.move, May.EDIT_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/title", scripts.rename, May.EDIT_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/steps/{step}", scripts.save, May.EDIT_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/steps/{step}/preview", scripts.preview, May.EDIT_SCRIPTS),
    deed("/scripts/versions/{version_id:id}/steps/{step}/removal", scripts.remove, May.EDIT_SCRIPTS),
    page("/scripts/{script}", scripts.show, May.SEE_SCRIPTS),
    deed("/scripts/{script}/drafts", scripts.draft, May.EDIT_SCRIPTS),
    deed("/scripts/{script}/owner", scripts.own, May.EDIT_SCRIPTS),
    page("/scripts/{script}/diagram", diagrams.show, May.SEE_LIBRARY),
    # Calls for help
    page("/help-calls", help_calls.index, May.ANSWER_HELP),
    page("/help-calls/waiting", help_calls.waiting_part, May.ANSWER_HELP),
    page("/help-calls/counts", help_calls.counts, May.ANSWER_HELP),
    deed("/help-calls/{call_id:id}/answer", help_calls.answer, May.ANSWER_HELP),
    deed("/help-calls/{call_id:id}/take-over", help_calls.take_over, May.ANSWER_HELP),
    deed("/help-calls/{call_id:id}/end", help_calls.end, May.ANSWER_HELP),
    deed("/abuse-reports/{report_id:id}/review", help_calls.review, May.ANSWER_HELP),
    # The house
    page("/messages", messages.dead_letters, May.RESEND_MESSAGES),
    deed("/messages/{message_id:id}/sending-again", messages.send_again, May.RESEND_MESSAGES),
    deed("/messages/{message_id:id}/discarding", messages.discard, May.RESEND_MESSAGES),
    page("/jobs", jobs.index, May.SEE_JOBS),
    # Signing in and out
    page("/sign-in", sign_in.begin, Open.PUBLIC),
    page("/sign-in/callback", sign_in.finish, Open.PUBLIC),
    deed("/sign-out", sign_in.leave, Open.PUBLIC),
    page("/signed-out", sign_in.left, Open.PUBLIC),
    deed("/sign-in/back-channel-logout", sign_in.left_there, Open.PUBLIC, from_anywhere=True),
    # For customers
    page("/feedback/{token}", feedback.show, Open.PUBLIC),
    deed("/feedback/{token}", feedback.answer, Open.PUBLIC),
    page("/surveys/{token}", surveys.show, Open.PUBLIC),
    deed("/surveys/{token}", surveys.say, Open.PUBLIC),
    # The demo
    page("/demo/mail", demo_mail.index, May.SEE_MESSAGES),
    page("/demo/mail/{message_id:id}", demo_mail.show, May.SEE_MESSAGES),
    page("/demo/mail/{message_id:id}/letter", demo_mail.letter, May.SEE_MESSAGES),
    # For proxies and people on call
    page("/healthz", health.alive, Open.PUBLIC),
    page("/readyz", health.ready, Open.PUBLIC),
]


def page_routes() -> list[tuple[str, str, str]]:
    """Every page as (method, path, permission)."""
    return [
        (method, page.path, str(page.allow))
        for page in PAGES
        for method in sorted(page.methods or ())
        if method != "HEAD"
    ]
