"""Nothing is written past the audit trail: the doors by which SQL could slip past the session are known and few."""

import re

from tests.house.source import files, place

PAST_THE_SESSION = re.compile(
    r"\btext\(|exec_driver_sql|session\.connection\(|\.raw_connection\(|driver_connection"
)
WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|MERGE|DROP|ALTER)\b")
KNOWN = {
    "admin_views/listing.py": "asks PostgreSQL how many rows it believes there are",
    "portal/database.py": "says BEGIN IMMEDIATE to SQLite",
    "portal/desk/batches.py": "puts a row off past the session that failed, and records it",
    "portal/desk/house.py": "asks which migration the tables stand at",
}


def test_sql_in_words_stands_only_where_it_is_known_and_writes_nothing() -> None:
    found: dict[str, list[str]] = {}
    for folder in ("portal", "admin_views", "jobs"):
        for file in files(".py", below=folder):
            lines = [
                line
                for line in file.read_text(encoding="utf-8").splitlines()
                if PAST_THE_SESSION.search(line)
            ]
            lines = [line for line in lines if "visit.text(" not in line and "def text(" not in line]
            if lines:
                found[place(file)] = lines
    assert sorted(found.keys() - KNOWN.keys()) == []
    assert [line for lines in found.values() for line in lines if WRITES.search(line)] == []
