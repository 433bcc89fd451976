"""Reading a page as a browser does: its elements, its text, and its forms with what already stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
BUTTONS = frozenset(("submit", "button", "image", "reset"))


@dataclass(slots=True)
class Element:
    """One element with what is in it."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def each(self, *tags: str) -> Iterator[Element]:
        """Every element below this one, of these tags or of any."""
        waiting = [*reversed(self.children)]
        while waiting:
            child = waiting.pop()
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                waiting.extend(reversed(child.children))

    def above(self) -> Iterator[Element]:
        """What it stands in, from the inside out."""
        here = self.parent
        while here is not None:
            yield here
            here = here.parent

    @property
    def raw(self) -> str:
        """Its text with every blank; a break is the end of a line."""
        if self.tag == "br":
            return "\n"
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)

    @property
    def text(self) -> str:
        """Its text in one line."""
        return " ".join(self.raw.split())


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self._open[-1])
        self._open[-1].children.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at].tag == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read(text: str) -> Element:
    """The tree of a page."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    return builder.root


@dataclass(frozen=True, slots=True)
class Button:
    name: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Form:
    """What a browser would send: `values` as they stand, in their order; `names` may be filled in."""

    id: str
    method: str
    action: str
    """Empty where it goes to the page's own address."""
    names: frozenset[str]
    values: tuple[tuple[str, str], ...]
    buttons: tuple[Button, ...]
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What may be chosen for a name that offers a choice."""

    def filled(self, answers: Mapping[str, str | None], press: str = "") -> list[tuple[str, str]]:
        """The pairs to send with these answers put in; None leaves a tick or a choice empty.

        `press` is the beginning of a button's words. Fails for a name or a button that the form does not have,
        so that no test fills in what a person could not.
        """
        unknown = answers.keys() - self.names
        assert not unknown, f"{self.action} asks for {sorted(self.names)}, not for {sorted(unknown)}"
        kept = [(name, value) for name, value in self.values if name not in answers]
        kept += [(name, value) for name, value in answers.items() if value is not None]
        if press:
            found = [one for one in self.buttons if one.words.startswith(press)]
            assert found, f"no button {press!r} among {[one.words for one in self.buttons]}"
            kept += [(one.name, one.value) for one in found[:1] if one.name]
        return kept


def forms(root: Element) -> list[Form]:
    """Every form of a page, with the fields that stand elsewhere and name it."""
    by_id: dict[str, Element] = {one.attributes["id"]: one for one in root.each() if "id" in one.attributes}
    fields: dict[int, list[Element]] = {}
    found = list(root.each("form"))
    for one in root.each("input", "select", "textarea", "button"):
        owner = by_id.get(one.attributes.get("form", ""))
        owner = owner or next((above for above in one.above() if above.tag == "form"), None)
        shut = "disabled" in one.attributes or any(
            above.tag == "fieldset" and "disabled" in above.attributes for above in one.above()
        )
        if owner is not None and not shut:
            fields.setdefault(id(owner), []).append(one)
    return [_form(one, fields.get(id(one), [])) for one in found]


def _form(form: Element, fields: list[Element]) -> Form:
    buttons = [one for one in fields if one.tag == "button" or one.attributes.get("type") in BUTTONS]
    inputs = [one for one in fields if one not in buttons and one.attributes.get("name")]
    return Form(
        id=form.attributes.get("id", ""),
        method=form.attributes.get("method", "get").upper(),
        action=form.attributes.get("action", ""),
        names=frozenset(one.attributes["name"] for one in inputs),
        values=tuple((one.attributes["name"], value) for one in inputs if (value := _value(one)) is not None),
        buttons=tuple(
            Button(one.attributes.get("name", ""), one.attributes.get("value", ""), one.text)
            for one in buttons
        ),
        choices=tuple(
            (
                name,
                tuple(value for one in inputs if one.attributes["name"] == name for value in _offered(one)),
            )
            for name in dict.fromkeys(one.attributes["name"] for one in inputs if _offered(one))
        ),
    )


def _offered(one: Element) -> list[str]:
    if one.tag == "select":
        return [option.attributes.get("value", option.text) for option in one.each("option")]
    if one.attributes.get("type") in {"checkbox", "radio"}:
        return [one.attributes.get("value", "on")]
    return []


def _value(one: Element) -> str | None:
    """What stands in a field; None for a tick or a choice that is not made."""
    if one.tag == "textarea":
        return one.raw.removeprefix("\n")
    if one.tag == "select":
        options = list(one.each("option"))
        chosen = [option for option in options if "selected" in option.attributes] or options[:1]
        return chosen[0].attributes.get("value", chosen[0].text) if chosen else None
    if one.attributes.get("type") in {"checkbox", "radio"}:
        return one.attributes.get("value", "on") if "checked" in one.attributes else None
    return one.attributes.get("value", "")
