"""Rows that hang on a contact or stand beside it, each with any words in it; and the newest row of each kind."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from sqlalchemy import func, insert, select

from models import (
    AbuseReport,
    Announcement,
    Article,
    ArticleVersion,
    Attachment,
    AvailabilityRequest,
    BusinessCalendar,
    Case,
    Chat,
    ChatMessage,
    ContactAnswer,
    ContactStep,
    ContactTranscript,
    Course,
    CoursePlan,
    CourseQuestion,
    CourseReminder,
    CourseTry,
    DataRequest,
    Erasure,
    FeedbackAnalysis,
    HelpCall,
    Improvement,
    Intake,
    Mail,
    MailFile,
    MonthReview,
    OnDuty,
    OrderApproval,
    OrderLine,
    OrderNote,
    OrderPaper,
    OrderTerms,
    Person,
    PolicyVersion,
    QualityCard,
    QualitySample,
    QualityScore,
    RefundRequest,
    ResearchList,
    Return,
    ReturnLine,
    ScriptComment,
    ScriptVersion,
    TrainingRecord,
)
from models.words import (
    ApprovalStatus,
    Channel,
    ChatAuthor,
    ChatEnd,
    ChatStatus,
    ImprovementSource,
    MailKind,
    MailStatus,
    ReturnReason,
    ReturnStatus,
    Role,
    ScriptStatus,
    StepState,
)
from portal.desk import audit, rulebook
from portal.desk.notices import LANGUAGES
from portal.desk.scripts import composing, versions
from portal.desk.work import Work

WORDED = frozenset({"title", "name", "label", "hint", "words", "button", "say", "subject"})
"""What holds words, where they are the same in every language."""
WAYS = frozenset({"when", "next", "needs"})


async def _policy_with(work: Work, words: str) -> None:
    """Publish a policy with these words in every text of it, and begin a draft."""
    version = await rulebook.draft(work)
    document = deepcopy(version.document)
    for row in document["targets"]:
        act = {"do": "notify", "to": "manager", "words": words[:300]}
        row |= {"clause": words[:60], "on_missed": [act], "on_met": [act]}
    names = {one.id: one.name for one in await work.session.scalars(select(BusinessCalendar))}
    for calendar in document["calendars"]:
        calendar |= {"name": names[calendar["id"]], "region": words[:20]}
        calendar["days"] = {"2026-12-24": {"hours": "off", "name": words[:200]}}
        named = {"calendar": calendar["id"], "team": words[:100], "country": words[:100]}
        document.setdefault("assignments", []).append(named)
    await rulebook.save(work, version, version.version, document)
    await rulebook.publish(work, version, words)
    await rulebook.draft(work)


async def _returned(work: Work, person_id: int, words: str) -> None:
    """Let a line of every order come back: expected, arrived and settled; and its price refused, with these words."""
    for line in (await work.session.scalars(select(OrderLine).order_by(OrderLine.id))).all():
        line.list_price_minor, line.price_reason = line.unit_price_minor, words[:300]
        paper = {
            "order_id": line.order_id, "name": words[:200], "whereabouts": words[:300], "media_type": "text/plain",
            "size": 1, "digest": f"{line.id:064}", "content": b"x", "added_by_id": person_id, "added_at": work.now,
        }  # fmt: skip
        await work.session.execute(insert(OrderPaper).values(**paper).execution_options(audited=True))
        if line.product_id is not None:
            work.session.add(
                AvailabilityRequest(
                    product_id=line.product_id, quantity=2, order_line_id=line.id, question=words[:500],
                    asked_by_id=person_id, asked_at=work.now, due_at=work.now,
                )
            )  # fmt: skip
        work.session.add(
            OrderNote(order_id=line.order_id, words=words, written_by_id=person_id, written_at=work.now)
        )
        work.session.add(
            OrderApproval(
                order_id=line.order_id, causes=("price", "value"), listed_minor=0, status=ApprovalStatus.REFUSED,
                asked_by_id=person_id, asked_at=work.now, decided_at=work.now, decision=words,
            )
        )  # fmt: skip
        for number, status in enumerate((ReturnStatus.EXPECTED, ReturnStatus.ARRIVED, ReturnStatus.SETTLED)):
            here = status is not ReturnStatus.EXPECTED
            ended = status is ReturnStatus.SETTLED
            work.session.add(
                Return(
                    number=f"HZ-{line.id}-{number}", order_id=line.order_id, status=status, words=words,
                    expected_by=work.now.date(), resellable=False if here else None,
                    ended_because=words if ended else "", announced_by_id=person_id, announced_at=work.now,
                    arrived_at=work.now if here else None, ended_at=work.now if ended else None,
                    lines=[ReturnLine(order_line_id=line.id, quantity=1, reason=ReturnReason.OTHER, serial=words[:80])],
                )
            )  # fmt: skip


async def _mailed(work: Work, words: str) -> None:
    """Let mail with these words be in every state, with a file, on the newest case."""
    case_id = await work.session.scalar(select(func.max(Case.id)))
    for number, status in enumerate((MailStatus.SET_ASIDE, MailStatus.REJECTED, MailStatus.FILED)):
        mail = Mail(
            key=f"{number}/{words[:40]}", kind=MailKind.CONCERN, status=status, because=words[:500] or "Nobody’s.",
            sender_name=words[:300], sender_address="bo@example.com", subject=words[:300], words=words, size=1,
            left_out=words, case_id=case_id, received_at=work.now, taken_at=work.now,
        )  # fmt: skip
        work.session.add(mail)
        await work.session.flush()
        file = {
            "mail_id": mail.id,
            "name": words[:200],
            "media_type": "text/plain",
            "size": 1,
            "digest": "0" * 64,
        }
        await work.session.execute(
            insert(MailFile).values(**file, content=b"x").execution_options(audited=True)
        )


async def _chatted(work: Work, person_id: int, contact_id: int | None, words: str) -> None:
    """Let chats with these words be in every state, the one that has ended about the newest contact."""
    for number, status in enumerate((ChatStatus.WAITING, ChatStatus.TAKEN, ChatStatus.ENDED)):
        over = status is ChatStatus.ENDED
        chat = Chat(
            number=f"HG-{number}", key=f"{number}", name=words[:200], address="bo@example.com", language="en",
            subject=words[:120], contact_id=contact_id if over else None, status=status, opened_at=work.now, due_at=work.now,
            taken_by_id=None if status is ChatStatus.WAITING else person_id,
            ended_as=ChatEnd.CUSTOMER if over else None, ended_at=work.now if over else None,
        )  # fmt: skip
        work.session.add(chat)
        await work.session.flush()
        work.session.add(
            ChatMessage(chat_id=chat.id, author=ChatAuthor.CUSTOMER, words=words, written_at=work.now)
        )


async def _asked(work: Work, person_id: int, words: str) -> None:
    """Let the last article have a question with these words, somebody who answered it, and a role that takes it."""
    article_id = await work.session.scalar(select(Article.id).order_by(Article.slug.desc()).limit(1))
    versions_of = select(func.max(ArticleVersion.id)).where(ArticleVersion.article_id == article_id)
    version_id = await work.session.scalar(versions_of)
    course = Course(article_id=article_id)
    work.session.add(course)
    await work.session.flush()
    question = CourseQuestion(
        course_id=course.id, language="en", words=words, explanation=words, created_at=work.now,
        choices=[{"words": words, "right": True}, {"words": "No", "right": False}],
    )  # fmt: skip
    work.session.add(question)
    await work.session.flush()
    mine = {"course_id": course.id, "person_id": person_id, "asking": 1}
    tried = {
        **mine,
        "version_id": version_id,
        "pass_mark": 80,
        "questions": [question.id],
        "began_at": work.now,
    }
    answered = {
        "answers": {str(question.id): [1]},
        "right_answers": 0,
        "passed": False,
        "finished_at": work.now,
    }
    work.session.add_all(
        [
            CourseTry(**tried, **answered),
            CourseTry(**tried),
            CoursePlan(course_id=course.id, role=Role.REPRESENTATIVE, created_at=work.now),
            CourseReminder(**mine, at=work.now),
        ]
    )


async def _scored(work: Work, person_id: int, contact_id: int | None, words: str) -> None:
    """Let a contact be in a sample, scored by a card with these words, and answered."""
    criteria = [{"key": "1", "asks": words, "clause": words[:12], "weight": 1}]
    card = QualityCard(number=1, criteria=criteria, adherence_weight=1, made_at=work.now)
    work.session.add(card)
    await work.session.flush()
    sample = QualitySample(
        month=work.now.date().replace(day=1), team=words[:60], seed=words[:40], per_person=1, card_id=card.id,
        drawn_by_id=person_id, drawn_at=work.now,
    )  # fmt: skip
    work.session.add(sample)
    await work.session.flush()
    other = await work.session.scalar(select(func.max(Person.id)).where(Person.id != person_id))
    work.session.add(
        QualityScore(
            sample_id=sample.id, contact_id=contact_id, person_id=person_id, marks={"1": "not"}, kept=1, due=2, score=250,
            remarks=words, scored_by_id=other, scored_at=work.now, answer=words or "-", answered_at=work.now,
        )
    )  # fmt: skip


async def hung_on(work: Work, person_id: int, words: str) -> None:
    """Hang everything on the newest intake's contact that can hang on one, and begin a draft, with these words."""
    contact_id = await work.session.scalar(select(func.max(Intake.contact_id)))
    await _policy_with(work, words)
    await _returned(work, person_id, words)
    await _mailed(work, words)
    await _chatted(work, person_id, contact_id, words)
    await _scored(work, person_id, contact_id, words)
    articles = list(await work.session.scalars(select(Article.id)))
    await _asked(work, person_id, words)
    draft, followed = await versions.draft(work, "difficult"), (await composing.in_force(work))["difficult"]
    now, mine = (
        work.now,
        {"contact_id": contact_id, "version_id": followed.id, "step": "calm_agree", "ended_at": work.now},
    )
    work.session.add_all(
        [
            HelpCall(contact_id=contact_id, called_by_id=person_id, called_at=now, words=words),
            Improvement(
                source=ImprovementSource.ERROR, words=words, raised_by_id=person_id, raised_at=now, dropped_because="",
                case_id=await work.session.scalar(select(func.max(Case.id)).where(~Case.legal, ~Case.regulatory)),
            ),
            MonthReview(
                month=now.date(), team=words[:60], notes=words, made_at=now,
                figures={
                    "response": None, "resolution": {"cases": 0, "solved": 0}, "scores": None, "kept": [], "kinds": [],
                    "orders": {"states": [["held", 0, None, None, 0]], "causes": [["amended", words or "other", 1]]},
                },
            ),
            FeedbackAnalysis(
                month=now.date(), made_at=now,
                figures={
                    "answers": 1, "answers_before": 0, "mean": 1.0, "mean_before": None,
                    "kinds": [{"kind": words, "answers": 1, "mean": 1.0, "low": 1, "low_before": 0}],
                    "words": [{"word": words, "comments": 3, "before": 0}],
                },
            ),
            Announcement(words_en=words, words_de=words, valid_from=now.date()),
            OrderTerms(words_en=words, words_de=words, valid_from=now.date()),
            AbuseReport(contact_id=contact_id, reported_by_id=person_id, reported_at=now, words=words, warned=True),
            ScriptComment(version_id=draft.id, step="calm_agree", words=words, person_id=person_id, at=now),
            TrainingRecord(
                person_id=person_id, scenario="product_defect", digest="0" * 64, contact_number=words[:32], passed=False,
                checks=[{"asks": words, "met": False, "found": words, "clause": "S3-13.1"}], began_at=now, finished_at=now,
            ),
            *(
                ArticleVersion(
                    article_id=one, number=9, language=language, title=words[:300], body=words, note=words,
                    links=[{"title": words, "address": "javascript:alert(1)"}], published_at=now,
                )
                for one in articles for language in LANGUAGES
            ),
        ]
    )  # fmt: skip
    rows: tuple[tuple[Any, dict[str, Any]], ...] = (
        (
            Attachment,
            {
                "contact_id": contact_id, "step": "calm_agree", "field": "next", "name": words[:200],
                "media_type": "text/plain", "size": 1, "digest": "0" * 64, "content": b"x",
                "added_by_id": person_id, "added_at": now,
            },
        ),
        (
            ContactTranscript,
            {
                "contact_id": contact_id, "number": 1, "name": words[:200], "words": words,
                "added_by_id": person_id, "added_at": now,
            },
        ),
        (
            ContactTranscript,
            {
                "contact_id": contact_id, "number": 2, "words": "", "added_by_id": person_id, "added_at": now,
                "removed_by_id": person_id, "removed_because": words[:300], "removed_at": now,
            },
        ),
        (
            ContactTranscript,
            {
                "contact_id": contact_id, "number": 3, "name": words[:200], "words": words,
                "added_by_id": person_id, "added_at": now,
            },
        ),
        (ContactAnswer, {**mine, "script": "difficult", "field": "next", "kind": "long", "value": words}),
        (
            ContactStep,
            {
                **mine,
                "step": "of_before", "kind": "ask", "place": 1,
                "state": StepState.SKIPPED, "required": True, "reason": words,
                "channel": Channel.PHONE,
            },
        ),
    )  # fmt: skip
    for model, values in rows:
        await work.session.execute(insert(model).values(values).execution_options(audited=True))
    await audit.record(work, "hang everything on it", reason=words)


NEWEST = {
    "contact_id": select(func.max(Intake.contact_id)),
    "mail_id": select(func.max(Mail.id)),
    "chat_id": select(func.max(Chat.id)),
    "file_id": select(func.max(MailFile.id)),
    "attachment_id": select(func.max(Attachment.id)),
    "data_request_id": select(func.max(DataRequest.id)),
    "list_id": select(func.max(ResearchList.id)),
    "erasure_id": select(func.max(Erasure.id)),
    "request_id": select(func.max(RefundRequest.id)),
    "availability_id": select(func.max(AvailabilityRequest.id)),
    "paper_id": select(func.max(OrderPaper.id)),
    "approval_id": select(func.max(OrderApproval.id)),
    "return_id": select(func.max(Return.id)),
    "version_id": select(func.max(ScriptVersion.id)).where(ScriptVersion.status == ScriptStatus.DRAFT),
    "improvement_id": select(func.max(Improvement.id)),
    "review_id": select(func.max(MonthReview.id)),
    "try_id": select(func.max(CourseTry.id)),
    "plan_id": select(func.max(CoursePlan.id)),
    "question_id": select(func.max(CourseQuestion.id)),
    "analysis_id": select(func.max(FeedbackAnalysis.id)),
    "sample_id": select(func.max(QualitySample.id)),
    "score_id": select(func.max(QualityScore.id)),
    "record_id": select(func.max(TrainingRecord.id)),
    "call_id": select(func.max(HelpCall.id)),
    "report_id": select(func.max(AbuseReport.id)),
    "entry_id": select(func.max(OnDuty.id)),
    "policy_id": select(func.max(PolicyVersion.id)),
    "calendar_id": select(func.max(BusinessCalendar.id)),
    "slug": select(func.max(Article.slug)),
}
"""What stands for a part of an address, by its name: the newest row there is."""
