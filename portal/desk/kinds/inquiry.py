"""Inquiries: the answer to what the customer needs, and what it rests on. S0-3.3, S3-3"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from models import Case
from models.words import CaseStatus, ResolutionCode
from portal.desk import cases, dead_links, in_hand, invented, library
from portal.desk.kinds.base import YES, Finished, Run, Typed
from portal.desk.kinds.on_case import CaseKindOfStep, case_of, missing, slots, told_of
from portal.desk.kinds.settling import resolved
from portal.desk.library import Leaf
from portal.desk.permissions import May
from portal.desk.scripts import Step
from portal.desk.work import Work

_TICKED = re.compile(r"(cite|link)-([1-9]\d{0,8})")
SHOWN = 8
"""Articles that are offered beside an answer."""


def ticked(typed: Typed, what: str) -> list[int]:
    """The ids that were ticked: `cite` for versions of articles, `link` for links of the product."""
    found = (_TICKED.fullmatch(name) for name, value in typed.items() if value == YES)
    return [int(one[2]) for one in found if one and one[1] == what]


class GiveAnswer(CaseKindOfStep):
    """The answer, what it rests on, and whether it settles the question or somebody comes back to it. S0-3.3.2, S3-5.1.1

    Articles are looked for by words and ticked; those of the case's product and those the script names in
    `options.articles` (a list of names in the library) are offered at once, and those that answers on such cases often
    rested on lately (S3-7.1.1b). The version that was ticked stays with the case. Links of the product and of cited
    articles go to the customer with the answer. S3-3.1.3
    Answers for conditions: `settled` (resolved, follow_up).
    """

    name = "answer"
    guarantees = "Nothing is answered before it is known what the customer needs; what it cites is in force."
    after = ("statement or need or heard",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {"settled": ("resolved", "follow_up")}
    labels: ClassVar[dict[str, str]] = {"look": "Looked for"}
    finds = True
    looks = True

    def takes(self, step: Step, name: str) -> bool:
        mine = name in {"answer", "settled", "look", "follow_up"} or _TICKED.fullmatch(name) is not None
        return mine or super().takes(step, name)

    def asks_for(self, run: Run, step: Step, typed: Typed) -> str:
        """Enter in the box looks; with an answer written down it means Continue."""
        looking = typed.get("look", "").strip() and not typed.get("answer", "").strip()
        return "look" if looking else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found = missing(typed, answer="Write down what you answered.")
        if typed.get("settled") not in {"resolved", "follow_up"}:
            found["settled"] = "Say whether that settles it."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        typed = run.typed(step.key)
        case = await case_of(work, run) if run.case_id is not None else None
        wanted = typed.get("look", "").strip()
        chosen = await library.in_force_by_version(work, ticked(typed, "cite"))
        often = {} if wanted or case is None else await library.often(work, case.kind)
        offered = await self._offered(work, step, case, wanted, often)
        known = {leaf.version_id for leaf in chosen}
        found = [*chosen, *(leaf for leaf in offered if leaf.version_id not in known)]
        links = await self._links(work, case)
        addresses = [one.address for one in links] + [one["address"] for leaf in found for one in leaf.links]
        return {
            "wanted": wanted,
            "found": found,
            "often": often,
            "links": links,
            "dead": await dead_links.among(work, addresses),
            "can_send": bool(run.caller and run.caller.email),
            "slots": await slots(work),
        }

    def example(self, step: Step) -> Typed:
        return {"answer": invented.ANSWER, "settled": "resolved"}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return {
            "wanted": "",
            "found": [invented.leaf(work)],
            "often": {},
            "links": [invented.link()],
            "dead": {},
            "can_send": True,
            "slots": invented.SLOTS,
        }

    async def _offered(
        self, work: Work, step: Step, case: Case | None, wanted: str, often: Mapping[int, int]
    ) -> list[Leaf]:
        if not work.may(May.SEE_LIBRARY):
            return []
        if wanted:
            return (await library.in_force(work, text=wanted))[:SHOWN]
        named = told_of(step).get("articles", ())
        slugs = [str(one) for one in named] if isinstance(named, Sequence) else []
        found = await library.in_force(work, slugs=slugs) if slugs else []
        if case is not None and case.product_id is not None:
            found += await library.in_force(work, product_ids=[case.product_id])
        if often:
            common = await library.in_force(work, article_ids=often)
            found += sorted(common, key=lambda leaf: -often[leaf.article_id])
        return list({leaf.version_id: leaf for leaf in found}.values())[:SHOWN]

    async def _links(self, work: Work, case: Case | None) -> list[Any]:
        if case is None:
            return []
        return list(await library.product_links(work, product_id=case.product_id, order_id=case.order_id))

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Give the answer and keep what it rests on. Raises NotAccepted where an article changed meanwhile."""
        case = await case_of(work, run)
        if case.status in {CaseStatus.RESOLVED, CaseStatus.CLOSED}:
            return Finished()
        await in_hand.heed(work, case, answer=typed["answer"])
        cited = await library.cite(work, ticked(typed, "cite"), contact_id=run.contact_id, case_id=case.id)
        chosen = set(ticked(typed, "link"))
        links: list[Mapping[str, str]] = [
            {"title": one.title, "address": one.address}
            for one in await self._links(work, case)
            if one.id in chosen
        ]
        links += [one for leaf in cited for one in leaf.links if one not in links]
        settled = typed["settled"] == "resolved"
        if links or not settled:
            await cases.answer(work, case, typed["answer"], links)
        if not settled:
            return Finished(mark={"settled": "follow_up"})
        await resolved(
            work,
            case,
            typed,
            code=ResolutionCode.ANSWERED,
            words=typed["answer"],
            actions=("Answered in the conversation.",),
        )
        return Finished(mark={"settled": "resolved"})
