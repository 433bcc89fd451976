"""Names, numbers and addresses of the whole world come back as they were given, and are found. S2-6.4"""

import csv
import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from models import Customer
from portal.desk import customers, search
from portal.desk.customers import CustomerDetails
from portal.desk.errors import NotAccepted
from portal.desk.phones import kept
from portal.desk.work import Desk
from tests.cast import CORA
from tests.real_input import real

LONGEST_CODE = 40
"""Some places of the map carry the codes of a whole town; one customer has one."""


def table(name: str) -> list[dict[str, str]]:
    with real(f"names/{name}").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def person_names() -> dict[str, str]:
    """Every distinct name with its script, in the order its speakers say it."""
    found: dict[str, str] = {}
    for row in table("person_names.csv"):
        given = [row["title"], row["given"], row["given2"]]
        family = [row["surname_prefix"], row["surname_core"] or row["surname"], row["surname2"]]
        parts = [*family, *given] if row["native_order"] == "surname_first" else [*given, *family]
        joiner = "" if row["script"] in {"HAN", "HIRAGANA", "KATAKANA", "HANGUL"} else " "
        found[joiner.join(filter(None, [*parts, row["credentials"]]))] = row["script"]
    return found


async def test_names_in_every_script_come_back_and_are_found_by_each_part(desk: Desk) -> None:
    names = person_names()
    async with desk.work(CORA) as work:
        made = {
            name: (
                await customers.create(work, CustomerDetails(name=name), source="names", source_id=str(at))
            ).id
            for at, name in enumerate(names)
        }
    async with desk.look(CORA) as work:
        stored = await work.session.execute(
            select(Customer.id, Customer.name).where(Customer.source == "names")
        )
        assert {name: one for one, name in stored} == made
        missed = []
        for name, one in made.items():
            words = name.split()
            asked = [name, max(words, key=len)]
            if len(words) == 1 and len(name) > 2:
                asked += [name[:2], name[-2:]] if names[name] in {"HAN", "HANGUL", "KATAKANA"} else [name[:3]]
            for text in asked:
                hits = await search.find(work, text, ("customer",), 1_000)
                if one not in {hit.id for hit in hits}:
                    missed.append((text, name))
    assert missed == []
    assert len(set(names.values())) == 28


async def test_phone_numbers_of_every_region_are_kept_in_one_form(desk: Desk) -> None:
    rows = table("phones.csv")
    wrong = []
    for row in rows:
        spellings = [row["e164"], row["international"], row["rfc3966"]]
        if row["validity"] == "valid":
            wrong += [(row, text) for text in spellings if text and kept(text) != row["e164"]]
            if kept(row["national"], row["region"]) != row["e164"]:
                wrong.append((row, row["national"]))
        else:
            wrong += [(row, text) for text in spellings if text and kept(text) != text]
    assert wrong == []
    sample = [row for row in rows if row["validity"] == "valid"][::20]
    async with desk.work(CORA) as work:
        made = {
            row["e164"]: await customers.create(work, CustomerDetails(name="X", phone=row["international"]))
            for row in sample
        }
        for row in sample:
            for spelling in (row["e164"], row["international"], row["e164"][-7:]):
                found = {hit.id for hit in await search.find(work, spelling, ("customer",))}
                assert (row, spelling, made[row["e164"]].id in found) == (row, spelling, True)


async def test_addresses_of_every_country_come_back_unchanged(desk: Desk) -> None:
    with real("names/addresses.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    told: dict[int, CustomerDetails] = {}
    async with desk.work(CORA) as work:
        for row in rows:
            parts = row["components"]
            details = CustomerDetails(
                name="X",
                email="x@example.com",
                street=row["expected"].strip("\n"),
                city=parts.get("city", ""),
                region=parts.get("state", ""),
                postal_code=code if len(code := str(parts.get("postcode", ""))) <= LONGEST_CODE else "",
                country=parts.get("country", ""),
            )
            told[(await customers.create(work, details)).id] = details
    async with desk.look(CORA) as work:
        for one in await work.session.scalars(select(Customer).where(Customer.id.in_(told))):
            assert customers.details_of(one) == told[one.id]


async def test_hostile_strings_come_back_unchanged_and_are_found(desk: Desk) -> None:
    strings = [text for text in json.loads(real("names/naughty_strings.json").read_bytes()) if text.strip()]
    told: dict[int, CustomerDetails] = {}
    async with desk.work(CORA) as work:
        for text in strings:
            details = CustomerDetails(
                name=text,
                email="x@example.com",
                note=text,
                street=text,
                organisation=text,
                city=text[:200],
            )
            made = await customers.create(work, replace(details, name="Before"))
            await customers.change(work, made, 1, name=text)
            told[made.id] = details
    async with desk.look(CORA) as work:
        stored = await work.session.scalars(select(Customer).where(Customer.id.in_(told)))
        assert {one.id: customers.details_of(one) for one in stored} == told
        missed = []
        for one, details in told.items():
            hits = await search.find(work, details.name, ("customer",), 1_000)
            if one not in {hit.id for hit in hits}:
                missed.append(details.name)
    assert missed == []


async def test_addresses_of_mail_are_kept_or_refused_but_never_changed(desk: Desk) -> None:
    def stored(address: str) -> str | None:
        try:
            return customers.checked(CustomerDetails(name="X", email=address)).email
        except NotAccepted as refused:
            return None if list(refused.fields) == ["email"] else str(refused.fields)

    given = [row["address"] for row in table("email_addresses.csv")]
    taken = {address: found for address in given if (found := stored(address)) is not None}
    assert taken == {address: address.strip() for address in taken}
    assert {"very.common@example.com", '"much.more unusual"@example.com'} < taken.keys()
    assert not any("\n" in address or "\r" in address for address in taken)
    assert len(taken) > 50
    async with desk.work(CORA) as work:
        made = await customers.create(work, CustomerDetails(name="X", email="very.common@example.com"))
        assert [hit.id for hit in await search.find(work, "VERY.common@", ("customer",))] == [made.id]


def test_what_is_missing_is_told_in_words() -> None:
    with pytest.raises(pytest.fail.Exception, match="names/nowhere is missing: set HANDRAIL_DATA"):
        real("names/nowhere")
