"""A code by mail and a call back: stronger than facts, and nothing the representative could tell. S2-2.1, S2-2.6"""

import pytest
from sqlalchemy import select

from models import AuditEntry, Contact, Customer, OneTimeCode, VerificationMethodRule, VerificationNeed
from models.words import SensitiveDeed, VerificationMethod
from portal.desk import customers, policy, verification
from portal.desk.errors import DeskError, NotAccepted, NotAllowed, TooOften, WrongMoment
from portal.desk.verification import NotVerified, Verification, rules
from portal.desk.work import Actor, Desk
from portal.letters import Letters
from tests.cast import ANA, CEM, CORA, FIN, MARA, SAM, Clock
from tests.desk.callers import another_customer, came, delivered_codes, letters
from tests.robust.stored import everything

RIGHT = {"postcode": "10115", "email": "ana@example.com"}
WRONG = {"postcode": "99999"}


@pytest.fixture(autouse=True)
def real_letters(desk: Desk) -> None:
    desk.writer = Letters()


async def contact_in(desk: Desk, contact_id: int) -> Contact:
    async with desk.look(SAM) as work:
        return await work.session.get_one(Contact, contact_id)


async def tell(desk: Desk, contact_id: int, facts: dict[str, str]) -> Verification:
    async with desk.work(CORA) as work:
        return await verification.verify(work, await work.session.get_one(Contact, contact_id), facts)


async def send(desk: Desk, contact_id: int) -> OneTimeCode:
    async with desk.work(CORA) as work:
        return await verification.send_code(work, await work.session.get_one(Contact, contact_id))


async def say(desk: Desk, contact_id: int, code: str) -> Verification:
    async with desk.work(CORA) as work:
        return await verification.check_code(work, await work.session.get_one(Contact, contact_id), code)


async def dial(desk: Desk, contact_id: int, reason: str = "She wants her money back.") -> str:
    async with desk.work(CORA) as work:
        return await verification.dial(work, await work.session.get_one(Contact, contact_id), reason)


async def call_back(desk: Desk, contact_id: int, *, reached: bool = True) -> Verification:
    async with desk.work(CORA) as work:
        contact = await work.session.get_one(Contact, contact_id)
        return await verification.call_back(work, contact, reached=reached)


async def refused(desk: Desk, contact_id: int, deed: SensitiveDeed) -> str:
    """What is said where the caller may not have this done; empty where she may."""
    async with desk.look(CORA) as work:
        try:
            await verification.require(work, await work.session.get_one(Contact, contact_id), deed)
        except NotVerified as error:
            return error.message
    return ""


async def change_facts(desk: Desk, actor: Actor, changes: dict[str, object]) -> None:
    async with desk.work(actor) as work:
        facts = VerificationMethodRule.method == VerificationMethod.FACTS
        row = (await work.session.scalars(select(VerificationMethodRule).where(facts))).one()
        await rules.change_method(work, row, row.version, **changes)


async def change_need(desk: Desk, deed: SensitiveDeed, strength: int) -> None:
    async with desk.work(MARA) as work:
        mine = VerificationNeed.deed == deed
        row = (await work.session.scalars(select(VerificationNeed).where(mine))).one()
        await rules.change_need(work, row, row.version, strength=strength)


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_a_code_goes_to_the_address_on_record_and_verifies_strongly(desk: Desk, clock: Clock) -> None:
    call = await came(desk)
    sent = await send(desk, call)
    assert (sent.sent_to, sent.expires_at - sent.sent_at) == ("a••••@e••••", policy.CODE_OPEN_FOR)
    (code,) = await delivered_codes(desk)
    assert len(code) == 6
    stands = await say(desk, call, f"{code[:3]} {code[3:]}")
    until = clock.now + policy.VERIFIED_FOR
    assert stands == Verification(2, 2, 3, until, methods=("one_time_code",))
    (letter,) = await letters(desk, "one-time-code")
    assert (letter.to_address, letter.reference, letter.customer_id) == ("ana@example.com", "HT-1", ANA)
    with pytest.raises(WrongMoment, match="No code is open"):
        await say(desk, call, code)
    clock.at("2026-03-02 10:30")
    assert await refused(desk, call, SensitiveDeed.SEE_DETAILS) != ""


async def test_a_code_is_nowhere_but_in_its_letter(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    call = await came(desk)
    caplog.set_level("DEBUG")
    await send(desk, call)
    (code,) = await delivered_codes(desk)
    await say(desk, call, other(code))
    await say(desk, call, code)
    assert [where for where, text in (await everything(desk)).items() if code in text] == []
    assert code not in caplog.text


async def test_a_code_has_three_tries_and_ten_minutes(desk: Desk, clock: Clock) -> None:
    call = await came(desk)
    await send(desk, call)
    (code,) = await delivered_codes(desk)
    for malformed in ("", "12345", "1234567", "abcdef"):
        with pytest.raises(NotAccepted):
            await say(desk, call, malformed)
    for _ in range(3):
        assert (await say(desk, call, other(code))).strength == 0
    with pytest.raises(WrongMoment, match="No code is open"):
        await say(desk, call, code)
    clock.forward(minutes=1)
    await send(desk, call)
    (second,) = await delivered_codes(desk)
    clock.forward(minutes=10)
    with pytest.raises(WrongMoment, match="No code is open"):
        await say(desk, call, second)
    assert (await contact_in(desk, call)).failed_verifications == 3


async def test_codes_are_few_and_only_the_last_one_counts(desk: Desk, clock: Clock) -> None:
    call = await came(desk)
    await send(desk, call)
    with pytest.raises(WrongMoment, match="only just been sent"):
        await send(desk, call)
    (first,) = await delivered_codes(desk)
    clock.forward(minutes=1)
    await send(desk, call)
    (second,) = await delivered_codes(desk)
    if first != second:
        assert (await say(desk, call, first)).strength == 0
    clock.forward(minutes=1)
    await send(desk, call)
    clock.forward(minutes=1)
    with pytest.raises(WrongMoment, match="has had its codes"):
        await send(desk, call)
    for number in ("HT-2", "HT-3"):
        await send(desk, await came(desk, number))
    with pytest.raises(TooOften):
        await send(desk, await came(desk, "HT-4"))


async def test_a_code_opens_only_the_contact_it_was_sent_for(desk: Desk) -> None:
    mine, elsewhere = await came(desk, "HT-1"), await came(desk, "HT-2")
    await send(desk, mine)
    (code,) = await delivered_codes(desk)
    with pytest.raises(WrongMoment, match="No code is open"):
        await say(desk, elsewhere, code)


async def test_a_call_back_needs_the_number_on_record_and_a_reason(desk: Desk, clock: Clock) -> None:
    call = await came(desk, handle="+4930555")
    with pytest.raises(WrongMoment, match="Show the number on record first"):
        await call_back(desk, call)
    with pytest.raises(NotAccepted):
        await dial(desk, call, " ")
    assert await dial(desk, call) == "+49301234567"
    clock.forward(minutes=11)
    with pytest.raises(WrongMoment, match="Show the number on record first"):
        await call_back(desk, call)
    await dial(desk, call)
    assert (await call_back(desk, call, reached=False)).strength == 0
    stands = await call_back(desk, call)
    assert (stands.strength, stands.methods, stands.until) == (
        2,
        ("call_back",),
        clock.now + policy.VERIFIED_FOR,
    )
    async with desk.look(SAM) as work:
        told = await work.session.scalars(
            select(AuditEntry).where(AuditEntry.subject_kind == "contacts").order_by(AuditEntry.id)
        )
        trail = [(one.deed, one.reason) for one in told]
    assert trail == [
        ("begin contact", ""),
        ("show number to call back", "She wants her money back."),
        ("show number to call back", "She wants her money back."),
        ("fail call back", ""),
        ("verify caller by call back", ""),
    ]


async def test_what_one_person_dialled_is_not_noted_by_another(desk: Desk) -> None:
    call = await came(desk)
    await dial(desk, call)
    async with desk.work(CEM) as work:
        with pytest.raises(WrongMoment):
            await verification.call_back(work, await work.session.get_one(Contact, call), reached=True)


async def test_who_changes_the_number_or_the_address_is_not_verified_by_it(desk: Desk, clock: Clock) -> None:
    call = await came(desk)
    async with desk.work(CORA) as work:
        ana = await customers.load(work, ANA)
        await customers.change(work, ana, ana.version, email="eve@example.com", phone="+4930999999")
    for attempt in (send, dial):
        with pytest.raises(WrongMoment, match="changed only days ago"):
            await attempt(desk, call)
    clock.forward(days=3)
    assert await dial(desk, call) == "+4930999999"


async def test_ways_add_up_to_the_strongest_and_each_deed_asks_for_its_own(desk: Desk, clock: Clock) -> None:
    """S2-2.1, S2-8.2"""
    call = await came(desk)
    usual = [SensitiveDeed.SEE_DETAILS, SensitiveDeed.CHANGE_DETAILS, SensitiveDeed.AMEND_ORDER]
    assert await refused(desk, call, SensitiveDeed.PLACE_ORDER) == ""
    for deed in (*usual, SensitiveDeed.ASK_REFUND):
        assert (await refused(desk, call, deed)).startswith("The caller has to be verified before ")
    assert (await tell(desk, call, RIGHT)).strength == 1
    assert [await refused(desk, call, deed) for deed in usual] == ["", "", ""]
    assert await refused(desk, call, SensitiveDeed.ASK_REFUND) == (
        "The caller has to be verified before a refund is asked for."
        " Facts are not enough for this: send a code, or call back."
    )
    clock.forward(minutes=20)
    await dial(desk, call)
    strong = await call_back(desk, call)
    assert (strong.strength, strong.matched, strong.methods) == (2, ("email", "postcode"), ("call_back",))
    assert await refused(desk, call, SensitiveDeed.ASK_REFUND) == ""
    clock.forward(minutes=29)
    again = await tell(desk, call, {"phone": "030 1234567"})
    assert again.until == strong.until  # the weaker way does not carry the stronger one on
    clock.forward(minutes=1)
    assert await refused(desk, call, SensitiveDeed.ASK_REFUND) != ""
    assert await refused(desk, call, SensitiveDeed.SEE_DETAILS) != ""


async def test_a_caller_who_tries_one_customer_after_another_is_locked_and_flagged(
    desk: Desk, clock: Clock
) -> None:
    """S2-2.6"""
    ben = await another_customer(desk)
    caller = "030 / 555 666 77"
    calls = [
        await came(desk, f"HT-{n}", handle=spelled, customer=customer)
        for n, (spelled, customer) in enumerate(
            [(caller, ANA), ("+493055566677", ben), (caller, ANA), ("+493055566677", ben)], 1
        )
    ]
    for call in (calls[1], calls[1], calls[3], calls[3], calls[3]):
        await tell(desk, call, WRONG)
    contact = await contact_in(desk, calls[3])
    assert contact.suspect.startswith("5 failed verifications")
    fresh = await came(desk, "HT-9", handle="+493055566677")
    with pytest.raises(WrongMoment, match="from where this caller comes"):
        await tell(desk, fresh, RIGHT)
    with pytest.raises(WrongMoment, match="from where this caller comes"):
        await send(desk, fresh)
    assert await dial(desk, fresh) == "+49301234567"  # the number on record is safe, whoever asks
    elsewhere = await came(desk, "HT-10", handle="+4930111222")
    assert (await tell(desk, elsewhere, RIGHT)).strength == 1
    (told,) = await letters(desk, "suspect-caller")
    assert (told.to_address, told.reference) == ("sam@example.com", "HT-4")
    clock.forward(hours=1)
    assert (await tell(desk, fresh, RIGHT)).strength == 1
    everywhere = await everything(desk)
    assert [
        where for where, text in everywhere.items() if "55566677" in text and "caller_tries" in where
    ] == []


async def test_failures_of_a_caller_are_forgotten_after_a_quiet_day(desk: Desk, clock: Clock) -> None:
    ben = await another_customer(desk)
    for n in range(2):
        call = await came(desk, f"HT-{n}", handle="+493055566677", customer=ben)
        await tell(desk, call, WRONG)
        await tell(desk, call, WRONG)
    clock.forward(days=1)
    call = await came(desk, "HT-7", handle="+493055566677")
    await tell(desk, call, WRONG)
    assert (await contact_in(desk, call)).suspect == ""
    assert (await tell(desk, call, RIGHT)).strength == 1


async def test_a_manager_says_how_strong_what_is_and_what_each_deed_needs(desk: Desk) -> None:
    async with desk.work(MARA) as work:
        assert await rules.ensure_defaults(work) == 3 + 5
    async with desk.work(MARA) as work:
        assert await rules.ensure_defaults(work) == 0
    await change_facts(desk, MARA, {"facts_needed": 3, "minutes": 5})
    await change_need(desk, SensitiveDeed.PLACE_ORDER, 2)
    call = await came(desk)
    assert (await tell(desk, call, RIGHT)).strength == 0
    assert (await tell(desk, call, {"phone": "030 1234567"})).strength == 1
    assert "an order is placed" in await refused(desk, call, SensitiveDeed.PLACE_ORDER)
    await change_facts(desk, MARA, {"active": False})
    with pytest.raises(WrongMoment, match="not in use here"):
        await tell(desk, await came(desk, "HT-2"), RIGHT)


@pytest.mark.parametrize(
    ("actor", "changes", "refusal"),
    [
        (CORA, {"tries": 2}, NotAllowed),
        (FIN, {"tries": 2}, NotAllowed),
        (MARA, {"facts_needed": 1}, NotAccepted),
        (MARA, {"facts_needed": 6}, NotAccepted),
        (MARA, {"strength": 0}, NotAccepted),
        (MARA, {"tries": 0}, NotAccepted),
        (MARA, {"minutes": 2000}, NotAccepted),
        (MARA, {"method": "call_back"}, NotAccepted),
    ],
)
async def test_rules_that_make_no_sense_are_refused(
    desk: Desk, actor: Actor, changes: dict[str, object], refusal: type[DeskError]
) -> None:
    async with desk.work(MARA) as work:
        await rules.ensure_defaults(work)
    with pytest.raises(refusal):
        await change_facts(desk, actor, changes)


async def test_details_are_never_shown_to_somebody_who_was_not_verified_at_all(desk: Desk) -> None:
    async with desk.work(MARA) as work:
        await rules.ensure_defaults(work)
    with pytest.raises(NotAccepted):
        await change_need(desk, SensitiveDeed.SEE_DETAILS, 0)


async def test_a_customer_without_address_or_number_gets_neither(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        told = customers.CustomerDetails(name="Eve")
        eve = await customers.create(work, told, source="elsewhere", source_id="eve")
        eve_id = eve.id
    call = await came(desk, customer=eve_id)
    with pytest.raises(WrongMoment, match="no e-mail address on record"):
        await send(desk, call)
    with pytest.raises(WrongMoment, match="no telephone number on record"):
        await dial(desk, call)
    async with desk.look(SAM) as work:
        assert (await work.session.get_one(Customer, eve_id)).failed_verifications == 0
