"""What a manager changes without code: verifying, channels, ways to pay, what customers have to tell. S0-1.2b, S2-2.1"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import BooleanField, Form, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views import forms
from admin_views.base import DeskView
from models import ChannelRule, CustomerNeed, OwnChannel, PaymentWay, VerificationMethodRule, VerificationNeed
from models.words import Channel
from portal import showing
from portal.desk import channels, needed, paying
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.verification import rules
from portal.desk.work import Work


class VerificationMethodForm(Form):  # type: ignore[misc]  # WTForms has no types
    strength = IntegerField(
        "Strength", [InputRequired("Say how strong it is.")], description="1 usual, 2 strong, 3 strongest."
    )
    facts_needed = IntegerField(
        "Facts that have to match",
        [InputRequired("Say how many.")],
        description="For facts 2 to 5; 0 for the other methods.",
    )
    tries = IntegerField(
        "Failed tries in a contact", [InputRequired("Say how many.")], description="Then this way is shut."
    )
    minutes = IntegerField("Minutes a caller stays verified", [InputRequired("Say how long.")])
    active = BooleanField("In use")


class VerificationMethodView(DeskView, model=VerificationMethodRule):
    """One way to verify a caller. Callers verified before stay so for the time they were given."""

    address, title, thing, group = "verification-methods", "Verification", "method", "Policy"
    told = "How a caller is verified, how strong that is, and for how long."
    see = May.SEE_POLICY
    edit = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.word("method", "Method"),
        c.number("strength", "Strength"),
        c.number("facts_needed", "Facts"),
        c.number("tries", "Tries"),
        c.number("minutes", "Minutes"),
        c.yes_no("active", "In use"),
    )
    form = VerificationMethodForm
    form_columns = ["strength", "facts_needed", "tries", "minutes", "active"]

    def name_of(self, row: Any) -> str:
        return showing.word(row.method)

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        await rules.change_method(work, row, version, **data)


class VerificationNeedForm(Form):  # type: ignore[misc]  # WTForms has no types
    strength = IntegerField(
        "Strength needed",
        [InputRequired("Say how strongly.")],
        description="0 none, 1 usual, 2 strong, 3 strongest.",
    )


class VerificationNeedView(DeskView, model=VerificationNeed):
    """How strongly a caller has to be verified before one deed. Details always need something."""

    address, title, thing, group = "verification-needs", "Verification needed", "deed", "Policy"
    told = "How strongly a caller has to be verified before a deed."
    see = May.SEE_POLICY
    edit = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (c.word("deed", "Deed"), c.number("strength", "Strength needed"))
    form = VerificationNeedForm
    form_columns = ["strength"]

    def name_of(self, row: Any) -> str:
        return showing.word(row.deed)

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        await rules.change_need(work, row, version, **data)


class ChannelRuleForm(Form):  # type: ignore[misc]  # WTForms has no types
    approved = BooleanField("Approved for business")
    amendments = BooleanField("Orders may be amended on it")
    redirect = TextAreaField(
        "Where people are sent otherwise",
        [Length(max=channels.LONGEST_REDIRECT)],
        description="A line a language, such as de: Bitte rufen Sie uns an.",
    )


class ChannelRuleView(DeskView, model=ChannelRule):
    """One channel: approved or not. Contacts that have begun keep what held then."""

    address, title, thing, group = "channel-rules", "Channels", "channel", "Policy"
    told = "Which channels are approved, and where people are sent who come by another."
    see = May.SEE_POLICY
    edit = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.word("channel", "Channel"),
        c.yes_no("approved", "Approved"),
        c.yes_no("amendments", "Amendments"),
        c.long_text("redirect", "Where people are sent"),
    )
    form = ChannelRuleForm
    form_columns = ["approved", "amendments", "redirect"]

    def name_of(self, row: Any) -> str:
        return showing.word(row.channel)

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        await channels.change(work, row, version, **{**data, "redirect": data.get("redirect") or ""})


class OwnChannelForm(Form):  # type: ignore[misc]  # WTForms has no types
    name = StringField(
        "Name in English",
        [InputRequired("Say what it is called."), Length(max=channels.LONGEST_NAME)],
        description="Such as Letter. It stays, because contacts bear it.",
    )
    name_de = StringField("Name in German", [Length(max=channels.LONGEST_NAME)])
    behaves_like = forms.choice("Behaves like", Channel)
    approved = BooleanField("Approved for business")
    amendments = BooleanField("Orders may be amended on it")
    redirect = TextAreaField(
        "Where people are sent otherwise",
        [Length(max=channels.LONGEST_REDIRECT)],
        description="A line a language, such as de: Bitte rufen Sie uns an.",
    )
    active = BooleanField("On the list")


class OwnChannelView(DeskView, model=OwnChannel):
    """One channel of the desk's own, such as letters. Off the list, old contacts go on saying it. S0-1.2b"""

    address, title, thing, group = "own-channels", "Own channels", "channel", "Policy"
    told = "Channels besides the usual ones. Each has the opening, the words and the rules of the one it behaves like."
    see = May.SEE_POLICY
    edit = create = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.text("name", "Name"),
        c.text("name_de", "In German"),
        c.word("behaves_like", "Behaves like"),
        c.yes_no("approved", "Approved"),
        c.yes_no("amendments", "Amendments"),
        c.long_text("redirect", "Where people are sent"),
        c.yes_no("active", "On the list"),
    )
    form = OwnChannelForm
    form_columns = ["name", "name_de", "behaves_like", "approved", "amendments", "redirect", "active"]
    empty = "There are only the usual channels."

    def name_of(self, row: Any) -> str:
        return str(row.name)

    def typed(self, row: Any) -> dict[str, Any]:
        return {**_own(lambda name: getattr(row, name)), "name": row.name, "behaves_like": row.behaves_like}

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        told = _own(data.get)
        del told["active"]
        return await channels.add_own(work, name=data["name"], behaves_like=data["behaves_like"], **told)

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        fixed = {name: getattr(row, name) for name in ("name", "behaves_like")}
        if moved := [name for name, was in fixed.items() if data.get(name, was) != was]:
            raise NotAccepted.of(dict.fromkeys(moved, "This stays; add another channel instead."))
        await channels.change_own(work, row, version, **_own(lambda name: data.get(name, getattr(row, name))))


def _own(told: Callable[[str], Any]) -> dict[str, Any]:
    words = {name: told(name) or "" for name in ("name_de", "redirect")}
    return {**words, **{name: bool(told(name)) for name in ("approved", "amendments", "active")}}


class PaymentWayForm(Form):  # type: ignore[misc]  # WTForms has no types
    offered = BooleanField("Offered")
    words_en = TextAreaField("Text in English", [Length(max=paying.LONGEST_WORDS)])
    words_de = TextAreaField("Text in German", [Length(max=paying.LONGEST_WORDS)])


class PaymentWayView(DeskView, model=PaymentWay):
    """One way to pay on one channel: switched off, it is gone from the step of the next look, and refused. S0-3.5.1b"""

    address, title, thing, group = "payment-ways", "Ways to pay", "way to pay", "Policy"
    told = "Which ways to pay each channel offers, and what the customer is told of them."
    see = May.SEE_POLICY
    edit = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.word("channel", "Channel"),
        c.word("method", "Way to pay"),
        c.yes_no("offered", "Offered"),
        c.long_text("words_en", "In English"),
        c.long_text("words_de", "In German"),
    )
    form = PaymentWayForm
    form_columns = ["offered", "words_en", "words_de"]

    def name_of(self, row: Any) -> str:
        return f"{showing.word(row.channel)}, {showing.word(row.method).lower()}"

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        texts = {name: data.get(name) or "" for name in ("words_en", "words_de")}
        await paying.change(work, row, version, **{**data, **texts})


class CustomerNeedForm(Form):  # type: ignore[misc]  # WTForms has no types
    required = BooleanField("Required")


class CustomerNeedView(DeskView, model=CustomerNeed):
    """One detail of one kind of customer: asked of every new one, or not. S1-4.1.2a"""

    address, title, thing, group = "customer-needs", "Details of customers", "detail", "Policy"
    told = "What has to be known of a new customer, by kind; a name is asked of everybody."
    see = May.SEE_POLICY
    edit = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.word("kind", "Kind of customer"),
        c.word("detail", "Detail"),
        c.yes_no("required", "Required"),
    )
    form = CustomerNeedForm
    form_columns = ["required"]

    def name_of(self, row: Any) -> str:
        return f"{showing.word(row.kind)}, {showing.word(row.detail).lower()}"

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        await needed.change(work, row, version, **data)
