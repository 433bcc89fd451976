"""What the linter finds, and what it knows of the desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from models.words import CaseKind, Role
from portal.desk.notices import LANGUAGES
from portal.desk.scripts.kind_facts import KIND_FACTS, KindFacts
from portal.desk.scripts.phrases import Told, clauses_of


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a version of a script, and what to do about it."""

    stops: bool
    """Whether it may not be published like this; else it is advice."""
    script: str
    step: str
    """The key of the step; empty for the script as a whole."""
    field: str
    """As the editor names it: `title`, `say.de.phone`, `ask.outcome.label`, `when`, `next`."""
    words: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a script rests on besides itself. Without a desk (`Context()`) only the script itself is judged."""

    documents: Mapping[str, Told] = field(default_factory=dict)
    """Every script in force; the product's own where none is."""
    pack: Mapping[str, Told] = field(default_factory=dict)
    """Every script as it came with the product."""
    clauses: frozenset[str] | None = None
    """Every clause there is; None where nobody knows."""
    staffed: frozenset[Role] | None = None
    """The roles that somebody active holds; None where nobody knows."""
    called: Mapping[CaseKind, tuple[Role, ...]] = field(default_factory=dict)
    """Whom the clocks of a case call on, level by level."""
    templates: frozenset[str] | None = None
    """The letters there are in every language; None where nobody knows."""
    articles: Mapping[str, bool] | None = None
    """Whether each article is still offered, by its name in addresses; None where nobody knows."""
    announcements: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What has to be said by region and lacks a language: its key, with what it lacks."""
    languages: tuple[str, ...] = LANGUAGES
    kinds: Mapping[str, KindFacts] = field(default_factory=lambda: KIND_FACTS)

    @property
    def required_clauses(self) -> dict[str, list[str]]:
        """The clauses that the product's own scripts serve, each with the scripts that do."""
        found: dict[str, list[str]] = {}
        for script, document in self.pack.items():
            for clause in clauses_of(document):
                found.setdefault(clause, []).append(script)
        return found


@dataclass(frozen=True, slots=True)
class Draft:
    """The document under the linter, with the place of every finding about it."""

    script: str
    document: Told
    steps: tuple[Told, ...]
    context: Context

    def finding(self, step: str, name: str, words: str, remedy: str, *, stops: bool = True) -> Finding:
        return Finding(stops, self.script, step, name, words, remedy)

    def part(self, script: str) -> tuple[Told, ...]:
        """The steps of another script in force, or of this one as it is drafted."""
        if script == self.script:
            return self.steps
        return tuple(self.context.documents.get(script, {}).get("steps", ()))


Findings = Iterator[Finding]
