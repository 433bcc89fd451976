"""Nothing is written past the audit trail: the doors by which SQL could slip past the session are known and few."""

import re

from tests.house.source import files, place

PAST_THE_SESSION = re.compile(r"exec_driver_sql|session\.connection\(|\.raw_connection\(")
TEXT_OF_SQLALCHEMY = re.compile(r"^from sqlalchemy import (?:\([^)]*|[^\n(]*)\btext\b", re.MULTILINE)
SQL_IN_WORDS = re.compile(r"(?<![.\w])text\(")
WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|MERGE|DROP|ALTER)\b")
KNOWN = {
    "admin_views/listing.py": "asks PostgreSQL how many rows it believes there are",
    "portal/database.py": "says BEGIN IMMEDIATE to SQLite",
    "portal/desk/batches.py": "puts a row off past the session that failed, and records it",
    "portal/desk/house.py": "asks which migration the tables stand at",
    "portal/practice/room.py": "makes the schema of the practice room, and waits for its turn to",
}


def past_the_session(content: str) -> list[str]:
    in_words = bool(TEXT_OF_SQLALCHEMY.search(content))
    return [
        line
        for line in content.splitlines()
        if PAST_THE_SESSION.search(line) or (in_words and SQL_IN_WORDS.search(line))
    ]


def test_sql_in_words_stands_only_where_it_is_known_and_writes_nothing() -> None:
    found = {
        place(file): lines
        for folder in ("portal", "admin_views", "jobs")
        for file in files(".py", below=folder)
        if (lines := past_the_session(file.read_text(encoding="utf-8")))
    }
    assert sorted(found.keys() - KNOWN.keys()) == []
    assert [line for lines in found.values() for line in lines if WRITES.search(line)] == []


def test_a_planted_one_is_found() -> None:
    assert (
        past_the_session('from sqlalchemy import select, text\n\nx = text("UPDATE customers SET name = 1")\n')
        != []
    )
    assert past_the_session("connection = await work.session.connection()\n") != []
    assert past_the_session('from admin_views.columns import text\n\nnumber = text("number")\n') == []
