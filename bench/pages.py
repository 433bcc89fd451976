"""Lists, search and forms, against the floor and against what other admins do. P1 to P6"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from urllib.parse import quote

from bench.client import Client
from bench.measure import Line, Timing, at_most, faster, in_turns, within
from bench.scene import MANAGER, Scene, signed_in
from bench.sheets import APART, national, surname

LIST = "/admin/orders/list"
SEARCH = "/admin/customers/list?search="
PAGE = 25
SOME = 500
"""A customer in the middle of the alphabet of nothing."""
KIB = 1024
FORM_KIB = 40


class Pages:
    """The servers that answer lists: the portal on the large and on the small desk, and the floor."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.large = scene.servers.client("portal", scene.url, signed_in(scene.url, MANAGER))
        self.small = scene.servers.client("portal", scene.small_url, signed_in(scene.small_url, MANAGER))
        self.floor = scene.servers.client("floor", scene.url)

    def turns(self, paths: dict[str, tuple[Client, str]], *, least: int = 5) -> dict[str, Timing]:
        prepared = {name: (client, client.request("GET", path)) for name, (client, path) in paths.items()}
        return in_turns(
            {name: (lambda c=client, r=request: c.send(r)) for name, (client, request) in prepared.items()},  # type: ignore[misc]  # a lambda has no types
            self.scene.seconds,
            least=least,
        )


def lists(scene: Scene) -> Iterator[Line]:
    """First page, any page by keyset, pages by number. P1, P2, P3, P4"""
    pages = Pages(scene)
    plain = scene.servers.client("plain", scene.url)
    last = -(-scene.plan.rows // PAGE)
    first = pages.large.get(LIST)
    middle = pages.large.get(f"{LIST}?page={last // 2}").text
    found = re.search(r'href="(\?[^"]*after=[^"]*)"', middle)
    further = LIST + unescape(found[1]) if found else f"{LIST}?page=2"
    padded = f"bytes={len(first.body)}"
    placed = scene.plan.now.timestamp() - scene.plan.rows // 2 * APART
    place = f"at={quote(datetime.fromtimestamp(placed, UTC).isoformat())}&id={scene.plan.rows // 2}"
    taken = pages.turns(
        {
            "large": (pages.large, LIST),
            "small": (pages.small, LIST),
            "further": (pages.large, further),
            "middle": (pages.large, f"{LIST}?page={last // 2}"),
            "last": (pages.large, f"{LIST}?page={last}"),
            "floor": (pages.floor, f"/rows?way=first&{padded}"),
            "floor sa": (pages.floor, f"/sa/rows?way=first&{padded}"),
            "floor further": (pages.floor, f"/rows?way=after&{place}&{padded}"),
            "floor middle": (pages.floor, f"/rows?way=offset&skip={last // 2 * PAGE}&{padded}"),
            "floor last": (pages.floor, f"/rows?way=last&{padded}"),
        },
        least=15,
    )
    deep = 3 if scene.on_sqlite else 12
    yield at_most("P1", "list, first page", "1,000 rows", taken["large"], taken["small"], 1.3)
    yield at_most("", "list, first page", "floor", taken["large"], taken["floor"], None)
    yield at_most("", "list, first page", "floor SQLAlchemy", taken["large"], taken["floor sa"], None)
    yield at_most("P3", "list, next page in the middle", "first page", taken["further"], taken["large"], 1.3)
    yield at_most(
        "", "list, next page in the middle", "floor", taken["further"], taken["floor further"], None
    )
    yield at_most("P4", "list, middle by number", "first page", taken["middle"], taken["large"], deep)
    yield at_most(
        "", "list, middle by number", "floor (OFFSET)", taken["middle"], taken["floor middle"], None
    )
    yield at_most("P4", "list, last page", "first page", taken["last"], taken["large"], deep)
    yield at_most("", "list, last page", "floor", taken["last"], taken["floor last"], None)
    yield within("P15", "list, size of the page", len(first.body) / KIB, 40, "KiB")
    rival = pages.turns({"ours": (pages.large, LIST), "plain": (plain, "/admin/order/list")}, least=4)
    wanted = 60 if scene.on_sqlite else 15
    yield faster("P2", "list, first page", "plain SQLAdmin", rival["ours"], rival["plain"], wanted)


def desk(scene: Scene) -> Iterator[Line]:
    """What people have open all day: their desk, the queue of cases, the orders. P1"""
    pages = Pages(scene)
    for what, path in {
        "home": "/",
        "cases, the queue": "/cases",
        "orders at the desk": "/orders",
    }.items():
        size = len(pages.large.get(path).body)
        taken = pages.turns({"large": (pages.large, path), "small": (pages.small, path)}, least=8)
        yield at_most("P1", what, "1,000 rows", taken["large"], taken["small"], 1.3)
        yield within("P15", f"{what}, size of the page", size / KIB, 40, "KiB")


def searches(scene: Scene) -> Iterator[Line]:
    """Customers by a part of the name or phone, one that nobody has, and a broad one. P5"""
    asked = {
        "name": surname(SOME)[:6],
        "phone": national(SOME)[-6:],
        "nobody": "zyxwvu",
        "broad": surname(SOME)[:3],
    }
    pages = Pages(scene)
    plain = scene.servers.client("plain", scene.url)
    for word, term in asked.items():
        ours = SEARCH + term
        size = len(pages.large.get(ours).body)
        taken = pages.turns(
            {
                "ours": (pages.large, ours),
                "list": (pages.large, "/admin/customers/list"),
                "floor": (pages.floor, f"/rows?way=search&begins={term}&bytes={size}"),
            },
        )
        slow = pages.turns({"ours": (pages.large, ours), "like": (pages.floor, f"/like?q={term}")}, least=4)
        what = f"customer search, {word}"
        if word == "broad":
            rival = pages.turns(
                {
                    "ours": (pages.large, ours),
                    "plain": (plain, f"/admin/customer/list?search={term}"),
                },
                least=3,
            )
            yield faster("P5", what, "plain SQLAdmin", rival["ours"], rival["plain"], 20)
            yield faster("", what, "Django's LIKE", slow["ours"], slow["like"], 1)
        else:
            yield faster("P5", what, "Django's LIKE", slow["ours"], slow["like"], 25)
            yield at_most("P5", what, "own list page", taken["ours"], taken["list"], 2.5)
        yield at_most("", what, "floor", taken["ours"], taken["floor"], None)


def forms(scene: Scene) -> Iterator[Line]:
    """Pages with a form on one row that points at tables of a million. P6"""
    number = min(SOME, 900)
    pages = Pages(scene)
    for what, path in {
        "order with its forms": f"/orders/{number}",
        "order in the admin": f"/admin/orders/details/{number}",
        "customer, edit form": f"/admin/customers/edit/{number}",
    }.items():
        size = len(pages.large.get(path).body)
        taken = pages.turns(
            {
                "large": (pages.large, path),
                "small": (pages.small, path),
                "floor": (pages.floor, f"/rows?way=row&id={number}&bytes={size}"),
                "floor sa": (pages.floor, f"/sa/rows?way=row&id={number}&bytes={size}"),
            },
            least=15,
        )
        yield at_most("P6", what, "1,000 rows", taken["large"], taken["small"], 1.3)
        yield at_most("", what, "floor SQLAlchemy", taken["large"], taken["floor sa"], None)
        yield at_most("", what, "floor", taken["large"], taken["floor"], None)
        yield within("P6", f"{what}, size", size / KIB, FORM_KIB, "KiB")
