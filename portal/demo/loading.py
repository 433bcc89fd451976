"""Loading the demo: every deed at its own moment, all of them in one transaction."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlalchemy import select, update

from models import Customer, FollowUp, Message, Person, ScriptVersion
from models.words import Channel, Direction, FollowUpKind, FollowUpStatus, MessageStatus, Tier
from portal.demo.casework import plan_cases, plan_feedback
from portal.demo.cast import CUSTOMERS, DEMO_PEOPLE, PRODUCTS, ZONE
from portal.demo.contacts import plan_contacts
from portal.demo.orders import plan_orders
from portal.demo.pieces import plan_pieces
from portal.demo.story import DAY, FOLLOW_UPS, HOUR, FollowUpStory
from portal.demo.timeline import Story
from portal.desk import (
    audit,
    calendars,
    channels,
    customers,
    evidence,
    followups,
    intake,
    needed,
    paying,
    people,
    products,
    rulebook,
    standards,
    tone,
    verification,
)
from portal.desk.scripts import versions
from portal.desk.solved import Asked
from portal.desk.work import SYSTEM, Actor, Desk, Work

SOURCE = "demo"
DEV_PROVIDER = "/dev-idp"
PRIORITY = (3, 7)
"""Customers, by their place, who were promised more than others."""
STILL_WAITING = timedelta(minutes=20)
"""Messages younger than this are left for the job, so that somebody who looks sees it work."""
NO_SUCH_MAILBOX = "The mail server said: 550 5.1.1 No such mailbox"


async def load(desk: Desk, *, issuer: str = "") -> None:
    """Load the demo desk, with every clock relative to now. What is there already stays as it is.

    `issuer` is the development identity provider its people sign in with; it may move with the port.
    """
    async with desk.work(SYSTEM) as work:
        there = select(Customer.id).where(Customer.source == SOURCE).limit(1)
        if await work.session.scalar(there) is not None:
            await _move_people(work, issuer)
            return
        story = Story(work)
        await channels.ensure_defaults(work)
        await paying.ensure_defaults(work)
        await needed.ensure_defaults(work)
        await tone.ensure_defaults(work)
        await standards.ensure_defaults(work)
        await verification.ensure_defaults(work)
        await calendars.ensure_default(work)
        await rulebook.ensure_defaults(work)
        await _ask_for_more(work)
        await _install_scripts(story)
        await _bring_in(story, issuer)
        plan_orders(story)
        plan_cases(story)
        plan_feedback(story)
        plan_pieces(story)
        plan_contacts(story)
        plan_today(story)
        for moment, who, deed in sorted(story.planned, key=lambda one: one[0]):
            await deed(story.as_(who, moment))
        await _close_old_follow_ups(story)
        await _send_old_messages(story)
        await evidence.count_days(work)


async def _ask_for_more(work: Work) -> None:
    """Let the policy know customers with priority, and answers to those who write again: to see what rows can do."""
    version = await rulebook.draft(work)
    rows = [
        {"key": "answer-priority", "to": "answer", "tier": "priority", "counts": "business", "amount": 45},
        {"key": "next-answer", "to": "next_answer", "counts": "business", "amount": 240},
    ]
    wanted = {**version.document, "targets": [*rows, *version.document["targets"]]}
    await rulebook.save(work, version, version.version, wanted)
    await rulebook.publish(
        work,
        version,
        "Priority customers are answered sooner; whoever writes again is answered in half a day.",
    )


async def _install_scripts(story: Story) -> None:
    """Put the scripts in as the demo desk opened: those the portal has just put in began then, too."""
    work, opened_at = story.work, story.ago(45 * DAY)
    await versions.install(story.as_("", opened_at))
    just_now = update(ScriptVersion).where(
        ScriptVersion.of_the_product, ScriptVersion.in_force_from > opened_at
    )
    await work.session.execute(
        just_now.values(created_at=opened_at, changed_at=opened_at, in_force_from=opened_at),
        execution_options={"audited": True, "synchronize_session": False},
    )
    await audit.record(work, "date the demo's scripts back")


async def _move_people(work: Work, issuer: str) -> None:
    """Let the demo's people sign in at a provider that has moved to another port."""
    subjects = [one.subject for one in DEMO_PEOPLE]
    found = list(await work.session.scalars(select(Person).where(Person.subject.in_(subjects))))
    there = {person.subject for person in found if person.issuer == issuer}
    moved = [one for one in found if one.issuer.endswith(DEV_PROVIDER) and one.subject not in there]
    if issuer and moved:
        for person in moved:
            person.issuer = issuer
        await audit.record(work, "move demo people")


async def _bring_in(story: Story, issuer: str) -> None:
    """The people, the customers and the goods."""
    begin = story.as_("", story.ago(45 * DAY))
    for one in DEMO_PEOPLE:
        person = await people.provision(
            begin, issuer or DEV_PROVIDER, one.subject, name=one.name, email=one.email, roles=one.roles,
            zone=ZONE,
        )  # fmt: skip
        if one.team:
            person.team = one.team
            await audit.record(begin, "name team", person)
        await begin.session.flush()
        story.people[one.subject] = Actor.person(person.id, person.name, one.roles, ZONE)
    for place, details in enumerate(CUSTOMERS, 1):
        story.customers.append(
            await customers.create(
                begin,
                details,
                tier=Tier.PRIORITY if place in PRIORITY else Tier.STANDARD,
                source=SOURCE,
                source_id=f"customer-{place}",
            )
        )
    for product, on_hand in PRODUCTS:
        story.products.append(await products.create(begin, product, on_hand=on_hand))


def plan_today(story: Story) -> None:
    """Plan the follow-ups, and the contacts that are open right now."""
    for told in FOLLOW_UPS:
        story.plan(story.ago(told.made_ago), told.who, partial(_follow_up, story, told))
    story.plan(story.ago(27 * HOUR), "cem", _lost_contact)
    story.plan(story.ago(14), "cora", _begun_contact)
    story.plan(story.ago(4), "cem", partial(intake.begin, channel=Channel.EMAIL))


async def _follow_up(story: Story, told: FollowUpStory, work: Work) -> None:
    await followups.plan(
        work,
        told.kind,
        told.words,
        work.actor.person_id,
        story.now + timedelta(minutes=told.due_in),
        customer_id=story.customers[told.customer].id,
    )


async def _lost_contact(work: Work) -> None:
    begun = await intake.begin(work, Channel.PHONE)
    await intake.abandon(work, begun, "The line broke before a name was given.")


async def _begun_contact(work: Work) -> None:
    begun = await intake.begin(work, Channel.PHONE, Direction.INBOUND)
    run = await intake.finish_step(work, begun, "greet", 1, {"greeted": "yes"})
    await intake.save_draft(work, begun, run.step, run.revision, {"find": "Souza"})


async def _close_old_follow_ups(story: Story) -> None:
    """What was due before today was done, but for the one that Cora forgot."""
    by_id = {actor.person_id: subject for subject, actor in story.people.items()}
    old = select(FollowUp).where(
        FollowUp.status == FollowUpStatus.OPEN,
        FollowUp.due_at < story.now - timedelta(hours=2),
        FollowUp.kind != FollowUpKind.CALL_BACK,
    )
    for follow_up in list(await story.work.session.scalars(old)):
        who = story.as_(by_id[follow_up.owner_id], follow_up.due_at - timedelta(minutes=40))
        await followups.done(who, follow_up, "Reached the customer; all is well.", asked=Asked.HOLDS)


async def _send_old_messages(story: Story) -> None:
    """What was written a while ago has left long since; one address does not exist."""
    work, options = story.work, {"audited": True, "synchronize_session": False}
    old = update(Message).where(Message.next_at < story.now - STILL_WAITING)
    wrong = {"status": MessageStatus.DEAD, "next_at": None, "attempts": 1, "last_error": NO_SUCH_MAILBOX}
    left = {"status": MessageStatus.SENT, "next_at": None, "attempts": 1, "sent_at": Message.created_at}
    dead = old.where(Message.to_address.startswith("siobhan"))
    await work.session.execute(dead.values(wrong), execution_options=options)
    await work.session.execute(old.values(left), execution_options=options)
    await audit.record(work, "send the demo's old messages")
