"""The fields that a kind of step brings, drawn by the wizard's own templates: to be looked at, never to be used. S1-6.2

Of what a template writes, a picture keeps what is seen. Ids get a prefix, so that none is on the page twice; where a
link leads, what htmx would send and what a script would do are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

from markupsafe import Markup

from portal.desk.specimens import Specimen
from portal.web import Visit

POINTING = frozenset(("id", "for", "list", "headers", "aria-describedby", "aria-labelledby", "aria-controls"))
"""Attributes that name elements of the page."""
LEFT_OUT = frozenset(
    ("action", "formaction", "autofocus", "accesskey", "aria-keyshortcuts", "aria-live", "role", "tabindex")
)
NAMING = frozenset(("label", "legend"))


@dataclass(frozen=True, slots=True)
class Picture:
    """The controls of one step, standing still."""

    html: Markup
    fields: Sequence[str]
    """What they are called, for who hears the page: what stands still is not read out."""


def drawn(
    visit: Visit,
    specimen: Specimen,
    prefix: str = "preview-",
    asked_facts: Mapping[str, Mapping[str, Any]] | None = None,
) -> Picture | None:
    """The step as the wizard's template of its kind draws it; None where it has no fields, or does not come.

    With `asked_facts` the desk's own questions stand behind, as they do in the wizard.
    """
    if specimen.needless:
        return None
    facts = specimen.facts
    html = visit.html(f"intake/kinds/{facts['step'].kind}.html", **facts)
    if asked_facts is not None:
        html += visit.html("intake/_asked.html", asked_facts=asked_facts, **facts)
    return of(html, prefix)


def of(html: str, prefix: str) -> Picture | None:
    """What a template wrote, standing still; None where there is nothing to see."""
    still = _Still(prefix)
    still.feed(html)
    still.close()
    made = "".join(still.kept).strip()
    return Picture(Markup(made), still.named()) if made else None  # noqa: S704 - the template escaped it, and attributes are escaped anew


class _Still(HTMLParser):
    """Reads what a template wrote and keeps what is seen."""

    def __init__(self, prefix: str) -> None:
        super().__init__(convert_charrefs=False)
        self.prefix = prefix
        self.kept: list[str] = []
        self._names: list[str] = []
        self._naming = 0

    def named(self) -> tuple[str, ...]:
        words = (unescape(" ".join(one.split())) for one in self._names)
        return tuple(dict.fromkeys(filter(None, words)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input" and told.get("type") == "hidden":
            return
        if tag in NAMING:
            self._naming += 1
            self._names.append("")
        elif "aria-label" in told and tag in {"input", "select", "textarea"}:
            self._names.append(escape(told["aria-label"] or ""))
        seen = "".join(self._attribute(tag, name, value) for name, value in attrs)
        self.kept.append(f"<{tag}{seen}>")

    def _attribute(self, tag: str, name: str, value: str | None) -> str:
        leads = name == "href" and tag == "a"
        acts = name.startswith(("hx-", "on")) or (name.startswith("data-") and name != "data-label")
        if leads or acts or name in LEFT_OUT:
            return ""
        if value is None:
            return f" {name}"
        if name in POINTING:
            value = " ".join(f"{self.prefix}{one}" for one in value.split())
        return f' {name}="{escape(value)}"'

    def handle_endtag(self, tag: str) -> None:
        if tag in NAMING:
            self._naming -= 1
        self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.kept.append(data)
        if self._naming:
            self._names[-1] += data

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")
