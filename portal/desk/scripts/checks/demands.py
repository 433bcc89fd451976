"""What a script owes the house: clauses, colleagues behind its clocks, letters and articles that are there."""

from __future__ import annotations

from collections.abc import Mapping

from models.words import CaseKind, Role, Situation
from portal.desk import clauses
from portal.desk.scripts.findings import Draft, Findings
from portal.desk.scripts.phrases import Told, clauses_of, key_of, name_of, parts

ALWAYS = {
    Situation.COMPLAINT.value: (CaseKind.COMPLAINT, CaseKind.ORDER_ERROR, CaseKind.PAYMENT_ISSUE),
    Situation.INQUIRY.value: (CaseKind.INQUIRY,),
    Situation.SERVICE_REQUEST.value: (CaseKind.SERVICE_REQUEST,),
    Situation.SUPPORT.value: (CaseKind.SUPPORT,),
    Situation.PAYMENT_ISSUE.value: (CaseKind.PAYMENT_ISSUE,),
}
"""The cases that a situation opens, whatever its steps say."""
ROLE_OPTIONS = ("role", "to_role", "group")
LETTER_OPTIONS = ("template", "message")


def find(draft: Draft) -> Findings:
    """Clauses nobody serves, clocks and groups without people, letters and articles that are missing."""
    yield from _unknown_clauses(draft)
    yield from _lost_clauses(draft)
    yield from _clocks(draft)
    for step in draft.steps:
        yield from _group(draft, step)
        yield from _letter(draft, step)
        yield from _articles(draft, step)


def _unknown_clauses(draft: Draft) -> Findings:
    known = draft.context.clauses
    if known is None:
        return
    for step in draft.steps:
        told = [("clauses", str(one)) for one in step.get("clauses", ())]
        for at, help_ in enumerate(parts(step, "know"), start=1):
            told.append((f"know.{at}.clause", str(help_.get("clause") or "")))
        for field, clause in told:
            if clause and clause not in known:
                yield draft.finding(
                    key_of(step),
                    field,
                    f"There is no clause {clause}.",
                    "Choose one of the procedures’ clauses, such as S0-3.4.1.",
                )


def _lost_clauses(draft: Draft) -> Findings:
    """Clauses that this script serves today, or served as it came, and that nothing would serve any more."""
    after = {**draft.context.documents, draft.script: draft.document}
    served = {clause for document in after.values() for clause in clauses_of(document)}
    before = {**draft.context.pack, **draft.context.documents}.get(draft.script, {})
    pack = draft.context.pack.get(draft.script, {})
    required = draft.context.required_clauses
    owed = {clause: where for one in (pack, before) for clause, where in clauses_of(one).items()}
    names = {key_of(step): name_of(step) for one in (pack, before) for step in parts(one, "steps")}
    for clause in sorted(owed.keys() & required.keys() - served, key=clauses.order_of):
        asked = clauses.title_of(clause)
        yield draft.finding(
            "",
            "clauses",
            f"No step serves {clause} any more{f' ({asked})' if asked else ''}."
            f" It was served by “{'” and “'.join(names[key] for key in owed[clause])}”.",
            f"Name {clause} at the step that takes its place.",
        )


def _clocks(draft: Draft) -> Findings:
    staffed = draft.context.staffed
    if staffed is None:
        return
    opened = set(ALWAYS.get(draft.script, ()))
    for step in draft.steps:
        told = _options(step).get("case_kind")
        if isinstance(told, str) and told in set(map(str, CaseKind)):
            opened.add(CaseKind(told))
    empty: dict[Role, list[str]] = {}
    for kind in sorted(opened):
        for role in dict.fromkeys(
            (Role.REPRESENTATIVE, *(draft.context.called.get(kind) or (Role.SUPERVISOR,)))
        ):
            if role not in staffed:
                empty.setdefault(role, []).append(kind.value.replace("_", " "))
    for role, kinds in empty.items():
        yield draft.finding(
            "",
            "clock",
            f"Nobody is there whom the clocks call on: the group {role.value} has no active person"
            f" (case: {', '.join(kinds)}).",
            f"Give somebody the role {role.value}, or change the escalation matrix.",
        )


def _group(draft: Draft, step: Told) -> Findings:
    options = _options(step)
    for name in ROLE_OPTIONS:
        told = options.get(name)
        if not isinstance(told, str) or not told:
            continue
        if told not in set(map(str, Role)):
            yield draft.finding(
                key_of(step),
                f"options.{name}",
                f"There is no group called {told}.",
                f"Choose one of {', '.join(map(str, Role))}.",
            )
        elif draft.context.staffed is not None and Role(told) not in draft.context.staffed:
            yield draft.finding(
                key_of(step),
                f"options.{name}",
                f"It hands on to an empty group: {told} has no active person.",
                f"Give somebody the role {told}, or hand on to another group.",
            )


def _letter(draft: Draft, step: Told) -> Findings:
    there = draft.context.templates
    for name in LETTER_OPTIONS if there is not None else ():
        told = _options(step).get(name)
        if isinstance(told, str) and told and there is not None and told not in there:
            yield draft.finding(
                key_of(step),
                f"options.{name}",
                f"There is no letter called {told}.",
                f"Choose one of {', '.join(sorted(there))}.",
            )


def _articles(draft: Draft, step: Told) -> Findings:
    there = draft.context.articles
    for at, help_ in enumerate(parts(step, "know"), start=1):
        slug = str(help_.get("article") or "")
        if not slug or there is None or there.get(slug):
            continue
        gone = slug in there
        yield draft.finding(
            key_of(step),
            f"know.{at}.article",
            f"The article {slug} has run out." if gone else f"There is no article {slug} in the library.",
            "Let its owner renew it, or name another."
            if gone
            else "Write the article first, or name another.",
            stops=not gone,
        )


def _options(step: Told) -> Told:
    told = step.get("options")
    return told if isinstance(told, Mapping) else {}
