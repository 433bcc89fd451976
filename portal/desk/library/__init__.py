"""The library: articles, policies and guides with an owner, a last day and versions, and where they were cited. S2-7.1

`reading` finds and opens them, `writing` changes them, `citing` keeps on what an answer rests, `telling` tells the
owners of what ran out, `pack` is what ships with the product.
"""

from portal.desk.library.citing import Cited, cite, cited_on
from portal.desk.library.pack import install
from portal.desk.library.reading import (
    Leaf,
    Opened,
    in_force,
    in_force_by_version,
    listed,
    load,
    opened,
    owners,
    product_links,
    product_of,
    today,
)
from portal.desk.library.telling import tell_owners
from portal.desk.library.writing import Card, Text, add, extend, read_links, retire, write_version

__all__ = [
    "Card",
    "Cited",
    "Leaf",
    "Opened",
    "Text",
    "add",
    "cite",
    "cited_on",
    "extend",
    "in_force",
    "in_force_by_version",
    "install",
    "listed",
    "load",
    "opened",
    "owners",
    "product_links",
    "product_of",
    "read_links",
    "retire",
    "tell_owners",
    "today",
    "write_version",
]
