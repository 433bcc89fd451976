"""The library: articles, policies and guides with an owner, a last day and versions, and where they were cited. S2-7.1

`reading` finds and opens them, `writing` changes them, `citing` keeps on what an answer rests, `telling` tells the
owners of what ran out, `readers` knows who must have read what, `pack` is what ships with the product.
"""

from portal.desk.library.citing import Cited, cite, cited_on, often, titles_of
from portal.desk.library.pack import install
from portal.desk.library.readers import (
    READERS,
    Asked,
    Reader,
    Standing,
    ToRead,
    asked_of_the_team,
    have_read,
    mine,
    readers_of,
    standing,
    waiting,
)
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
    "READERS",
    "Asked",
    "Card",
    "Cited",
    "Leaf",
    "Opened",
    "Reader",
    "Standing",
    "Text",
    "ToRead",
    "add",
    "asked_of_the_team",
    "cite",
    "cited_on",
    "extend",
    "have_read",
    "in_force",
    "in_force_by_version",
    "install",
    "listed",
    "load",
    "mine",
    "often",
    "opened",
    "owners",
    "product_links",
    "product_of",
    "read_links",
    "readers_of",
    "retire",
    "standing",
    "tell_owners",
    "titles_of",
    "today",
    "waiting",
    "write_version",
]
