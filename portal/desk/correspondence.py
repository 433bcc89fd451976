"""What is said on an open case, in both directions; the clocks follow by kind and direction alone. S0-3.3.1, S3-3.1

Each deed notes what was said and writes it where there is an address; `interactions` says what that does to the clocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models import Case
from models.words import CaseStatus, Channel, DeadlineKind, Direction, NoteKind
from portal.desk import audit, case_notes, deadlines, in_hand, interactions
from portal.desk.case_notes import JUST_NOW, Earlier
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.interactions import InteractionKind
from portal.desk.work import Work

SPOKEN = frozenset({Channel.PHONE, Channel.IN_PERSON, Channel.CHAT})
"""Here the customer talks with somebody: the conversation itself is the acknowledgement. S3-3.1.1."""


async def acknowledge(work: Work, case: Case) -> None:
    """Note that somebody has told the customer that the concern arrived. S3-3.1.1a. Twice changes nothing."""
    await in_hand.begin(work, case)
    await interactions.happened(work, case, InteractionKind.ACKNOWLEDGEMENT, Direction.OUTBOUND)
    await audit.record(work, "acknowledge case", case)


async def answer(
    work: Work,
    case: Case,
    words: str,
    links: Sequence[Mapping[str, str]] = (),
    earlier: Earlier = JUST_NOW,
) -> None:
    """Give the customer an answer: written where there is an address, and noted either way. S0-3.3.1.

    The first one meets the answer that was owed from the opening, each later one the next that is owed.
    `links` ({title, address}) go with it, also after a conversation: nobody writes an address down by ear. S3-3.1.3b
    What is written tells by when it is to be solved, while a clock says so. S2-14.3
    One that was spoken `earlier` keeps both times and meets what was owed now. S2-15.2
    Raises NotAccepted for an empty answer, or one that is written now and said to be given before. S3-3.2.2b
    """
    await in_hand.begin(work, case)
    if earlier.at is not None and case.channel not in SPOKEN:
        raise NotAccepted(happened_at="This answer is written to the customer now.")
    await in_hand.heed(work, case, answer=words)
    case_notes.write(work, case, NoteKind.TOLD, words, "answer", earlier)
    if links or case.channel not in SPOKEN:
        clocks = (await deadlines.running(work, [case.id]))[case.id]
        solve_by = deadlines.ahead(work, clocks, DeadlineKind.RESOLVE)
        await in_hand.write(
            work, case, "case-answer", answer=words.strip(), links=list(links), solve_by=solve_by
        )
    await interactions.happened(work, case, InteractionKind.ANSWER, Direction.OUTBOUND)
    await audit.record(work, "answer case", case)


async def update_customer(work: Work, case: Case, words: str) -> None:
    """Tell the customer how it stands: written where there is an address, and noted either way. S1-3.1b

    The next update is due from now. Raises NotAccepted when nothing is said.
    """
    await in_hand.begin(work, case)
    await in_hand.heed(work, case, words=words)
    case_notes.write(work, case, NoteKind.TOLD, words, "words")
    await in_hand.write(work, case, "case-update", words=words.strip())
    await interactions.happened(work, case, InteractionKind.UPDATE, Direction.OUTBOUND)
    await audit.record(work, "update customer", case)


async def ask_customer(work: Work, case: Case, question: str) -> None:
    """Ask the customer something the case cannot go on without: its clocks stand still until the answer. Decision 9.

    Raises NotAccepted for an empty question, WrongMoment while another one is open. S0-3.2.2c
    """
    await in_hand.begin(work, case)
    if case.status is CaseStatus.WAITING:
        raise WrongMoment(f"Case {case.number} already waits for the customer.")
    await in_hand.heed(work, case, question=question)
    case_notes.write(work, case, NoteKind.QUESTION, question, "question")
    if case.channel not in SPOKEN:
        await in_hand.write(work, case, "case-question", question=question.strip())
    await interactions.happened(work, case, InteractionKind.QUESTION, Direction.OUTBOUND)
    await audit.record(work, "ask customer", case)


async def customer_answered(work: Work, case: Case, words: str, earlier: Earlier = JUST_NOW) -> None:
    """Note what the customer answered, now or earlier; the clocks run on from when the answer was there.

    Raises WrongMoment when nothing was asked. S2-15.2
    """
    await in_hand.begin(work, case)
    if case.status is not CaseStatus.WAITING:
        raise WrongMoment(f"Case {case.number} does not wait for the customer.")
    case_notes.write(work, case, NoteKind.HEARD, words, "answer", earlier)
    await interactions.happened(work, case, InteractionKind.ANSWER, Direction.INBOUND, at=earlier.at)
    await audit.record(work, "customer answered", case)


async def customer_wrote(
    work: Work, case: Case, words: str, *, thanks: bool = False, earlier: Earlier = JUST_NOW
) -> None:
    """Note what the customer said of an open case, whatever the channel and whether or not something was asked.

    While a question is open it is the answer to it, and the clocks run on from when it was there; after the first
    answer the next one is owed. Mere `thanks` is noted and moves no clock (decision 13). Raises NotAccepted when
    nothing was said. S0-3.3.3, S0-3.2.2c, S2-15.2
    """
    await in_hand.begin(work, case)
    case_notes.write(work, case, NoteKind.HEARD, words, "message", earlier)
    asked = case.status is CaseStatus.WAITING
    said = InteractionKind.ANSWER if asked else InteractionKind.CONCERN
    kind = InteractionKind.THANKS if thanks else said
    await interactions.happened(work, case, kind, Direction.INBOUND, at=earlier.at)
    await audit.record(work, "customer wrote", case)
