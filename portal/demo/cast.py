"""Who is in the demo. All invented, with addresses of a domain that belongs to nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from models.words import PreferredChannel, Role
from portal.desk.customers import CustomerDetails
from portal.desk.products import ProductDetails


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A colleague of the demo, as the development identity provider knows them."""

    subject: str
    name: str
    email: str
    roles: tuple[str, ...]
    team: str = ""


def _person(name: str, *roles: Role, team: str = "") -> DemoPerson:
    told = tuple(role.value for role in roles)
    return DemoPerson(name.lower(), name, f"{name.lower()}@example.com", told, team)


DEMO_PEOPLE = (
    _person("Cora", Role.REPRESENTATIVE, team="north"),
    _person("Cem", Role.REPRESENTATIVE, team="south"),
    _person("Sam", Role.SUPERVISOR),
    _person("Mara", Role.MANAGER),
    _person("Fin", Role.FINANCE),
    _person("Ina", Role.INVENTORY),
    _person("Fred", Role.FULFILMENT),
    _person("Ada", Role.ADMINISTRATOR),
    _person("Nils"),
)

ZONE = "Europe/Berlin"

_E, _C, _M = PreferredChannel.EMAIL, PreferredChannel.CALL, PreferredChannel.MESSAGE


def _customer(
    name: str,
    mailbox: str,
    phone: str,
    where: str,
    channel: PreferredChannel = _E,
    language: str = "en",
    organisation: str = "",
) -> CustomerDetails:
    street, city, postal_code, country = (part.strip() for part in where.split("|"))
    return CustomerDetails(
        name=name,
        organisation=organisation,
        email=f"{mailbox}@example.com" if mailbox else "",
        phone=phone,
        preferred_channel=channel,
        language=language,
        street=street,
        city=city,
        postal_code=postal_code,
        country=country,
    )


CUSTOMERS = (
    _customer("Ana Souza", "ana.souza", "+49 30 23125101", "Lindenweg 4 | Berlin | 10115 | DE"),
    _customer("Jonas Weber", "jonas.weber", "+49 30 23125102", "Am Anger 12 | Erfurt | 99084 | DE", _E, "de"),
    _customer("Zoë O’Brien", "zoe.obrien", "+44 20 7946 0103", "3 Mill Lane | Bristol | BS1 4AA | GB"),
    _customer("山田 太郎", "yamada.taro", "+81 3 5550 0104", "青葉町1-2-3 | 東京 | 100-0001 | JP"),
    _customer("Ольга Соколова", "olga.sokolova", "+49 30 23125105", "Gartenstraße 9 | Leipzig | 04103 | DE"),
    _customer("عائشة الحسن", "aisha.alhasan", "+49 30 23125106", "Ringstraße 21 | Köln | 50667 | DE", _M),
    _customer("Νίκος Παπαδάκης", "nikos.papadakis", "+30 21 0555 0107", "Οδός Ελιάς 5 | Αθήνα | 105 57 | GR"),
    _customer("Priya", "priya", "+44 20 7946 0108", "Flat 2, 18 Harbour Road | Leith | EH6 6AA | GB"),
    _customer("Hans-Jürgen Großmann", "hj.grossmann", "+49 30 23125109", "Dorfplatz 1 | Füssen | 87629 | DE", _C, "de"),
    _customer("陈美玲", "chen.meiling", "+49 30 23125110", "Kanalstraße 30 | Hamburg | 20095 | DE"),
    _customer("Łukasz Wiśniewski", "lukasz.w", "+48 22 555 01 11", "ul. Leśna 7 | Wrocław | 50-001 | PL"),
    _customer("Siobhán Ní Bhriain", "siobhan", "+353 1 555 0112", "The Old Mill | Dingle | V92 AB12 | IE", _M),
    _customer("נועה לוי", "noa.levi", "+49 30 23125113", "Bergstraße 14 | München | 80331 | DE"),
    _customer("Miguel Ángel Fernández", "miguel.f", "+34 910 555 114", "Calle del Río 8 | Toledo | 45001 | ES"),
    _customer("김민준", "kim.minjun", "+49 30 23125115", "Schulweg 3 | Dresden | 01067 | DE"),
    _customer("Freya Lindqvist", "freya.l", "+46 8 555 011 16", "Skogsvägen 11 | Uppsala | 753 20 | SE"),
    _customer("สมชาย ใจดี", "somchai", "+49 30 23125117", "Marktplatz 6 | Bremen | 28195 | DE"),
    _customer("Amélie Laurent", "amelie.laurent", "+33 1 55 50 01 18", "9 rue des Tilleuls | Lyon | 69001 | FR"),
    _customer("Bjørn Haugen", "bjorn.haugen", "+47 22 55 01 19", "Fjellveien 2 | Bergen | 5003 | NO"),
    _customer("Sunita Sharma", "sunita.sharma", "+44 20 7946 0120", "27 Station Road | Leeds | LS1 1AA | GB"),
    _customer("राहुल वर्मा", "rahul.verma", "+49 30 23125121", "Parkallee 44 | Frankfurt | 60311 | DE"),
    _customer("Mia Schneider", "mia.schneider", "+49 30 23125122", "Sonnenhang 8 | Freiburg | 79098 | DE", _E, "de"),
    _customer("Tomáš Dvořák", "tomas.dvorak", "+420 225 550 123", "Lipová 15 | Brno | 602 00 | CZ"),
    _customer("Grace Adeyemi", "grace.adeyemi", "+44 20 7946 0124", "5 Orchard Close | Norwich | NR1 1AA | GB", _C),
    _customer("Giulia Conti", "giulia.conti", "+39 02 5550 125", "Via dei Pini 3 | Verona | 37121 | IT"),
    _customer("Đặng Thị Hoa", "hoa.dang", "+49 30 23125126", "Uferweg 19 | Potsdam | 14467 | DE"),
    _customer("Ewa Kamińska", "", "+48 22 555 01 27", "ul. Polna 4 | Gdańsk | 80-001 | PL", _C),
    _customer("Per", "per", "+45 33 55 01 28", "Havnegade 1 | Aarhus | 8000 | DK"),
    _customer("გიორგი ბერიძე", "giorgi.b", "+49 30 23125129", "Hafenstraße 2 | Kiel | 24103 | DE"),
    _customer("Katharina von der Heide", "k.heide", "+49 30 23125130", "Gut Heide | Celle | 29221 | DE", _E, "de"),
    _customer("Owen Pritchard", "owen.p", "+44 20 7946 0131", "Tŷ Gwyn, Church Street | Conwy | LL32 8AA | GB"),
    _customer("Ioana Popescu", "ioana.popescu", "+40 21 555 0132", "Strada Teilor 10 | Cluj-Napoca | 400001 | RO"),
    _customer("Ahmet Şahin", "ahmet.sahin", "+49 30 23125133", "Wiesenstraße 55 | Essen | 45127 | DE", _E, "de"),
    _customer("Lena Hofer", "lena.hofer", "+43 1 5550134", "Almweg 7 | Innsbruck | 6020 | AT", _E, "de"),
    _customer("Noah Williams", "noah.w", "+1 202 555 0135", "412 Maple Street | Burlington | 05401 | US"),
    _customer("Σοφία Γεωργίου", "sofia.g", "+30 21 0555 0136", "Πλατεία Αγοράς 2 | Πάτρα | 262 21 | GR"),
    _customer("Reto Brunner", "reto.brunner", "+41 44 555 01 37", "Seestrasse 40 | Luzern | 6003 | CH", _E, "de"),
    _customer(
        "Clara Meier", "einkauf.bergwacht", "+49 30 23125138", "Talstation 1 | Oberstdorf | 87561 | DE",
        _E, "de", "Bergrettung Talheim e. V.",
    ),
    _customer(
        "Tom Baker", "kitchen.greenroom", "+44 20 7946 0139", "12 Market Square | York | YO1 8AA | GB",
        _E, "en", "The Green Room Café",
    ),
    _customer(
        "Inès Moreau", "camp.lesbouleaux", "+33 1 55 50 01 40", "Route du Lac | Annecy | 74000 | FR",
        _M, "en", "Camping Les Bouleaux",
    ),
)  # fmt: skip
NOBODYS_MAILBOX = 26
"""The place of the customer who has no e-mail address, so that nothing can be acknowledged by itself."""


def _product(
    sku: str,
    name: str,
    category: str,
    price_minor: int,
    unit: str = "piece",
    warranty_months: int | None = None,
) -> ProductDetails:
    return ProductDetails(
        sku=sku,
        name=name,
        category=category,
        price_minor=price_minor,
        unit=unit,
        warranty_months=warranty_months,
    )


_AISLES = {
    aisle: letter
    for letter, aisle in zip(
        "ABCDEFG",
        ("Tents", "Sleeping", "Packs", "Drinking", "Cooking outdoors", "Light", "Kitchen"),
        strict=True,
    )
}


def _shelved(
    products: Iterable[tuple[ProductDetails, int | None]],
) -> Iterator[tuple[ProductDetails, int | None]]:
    """Give what can be taken from a shelf its place: an aisle for each category, and there one after the other."""
    places: Counter[str] = Counter()
    for product, on_hand in products:
        if product.category in _AISLES:
            places[product.category] += 1
            shelf = f"{_AISLES[product.category]}-{places[product.category]:02}"
            yield replace(product, shelf=shelf), on_hand
        else:
            yield product, on_hand


_TWO_YEARS, _THREE_YEARS, _TEN_YEARS = 24, 36, 120


_SOLD: tuple[tuple[ProductDetails, int | None], ...] = (
    (_product("TENT-2P", "Ridge tent for two", "Tents", 24_900, warranty_months=_THREE_YEARS), 22),
    (_product("TENT-4P", "Family tent for four", "Tents", 38_900, warranty_months=_THREE_YEARS), 13),
    (_product("TARP-3X3", "Tarp 3 × 3 m, sand", "Tents", 6_900, warranty_months=_TWO_YEARS), 40),
    (_product("PEG-10", "Tent pegs, forged steel", "Tents", 1_450, "set of 10"), 180),
    (_product("BAG-M5", "Sleeping bag to −5 °C", "Sleeping", 12_900, warranty_months=_TWO_YEARS), 34),
    (_product("BAG-P5", "Summer sleeping bag to +5 °C", "Sleeping", 7_900, warranty_months=_TWO_YEARS), 41),
    (_product("MAT-SI", "Self-inflating mat, 5 cm", "Sleeping", 5_490, warranty_months=_THREE_YEARS), 60),
    (_product("PILLOW", "Packable pillow", "Sleeping", 1_990), 75),
    (_product("PACK-45", "Trekking pack, 45 l", "Packs", 13_900, warranty_months=_THREE_YEARS), 28),
    (_product("PACK-22", "Day pack, 22 l", "Packs", 6_490, warranty_months=_THREE_YEARS), 55),
    (_product("BOTTLE-1", "Steel bottle, 1 l", "Drinking", 2_490), 160),
    (_product("FILTER", "Water filter, hollow fibre", "Drinking", 4_490, warranty_months=12), 3),
    (_product("STOVE-G", "Gas stove, folding", "Cooking outdoors", 3_990, warranty_months=_TWO_YEARS), 48),
    (
        _product("STOVE-W", "Wood stove, titanium", "Cooking outdoors", 7_490, warranty_months=_THREE_YEARS),
        18,
    ),
    (_product("POT-SET", "Camp pot set, 3 parts", "Cooking outdoors", 4_890, warranty_months=_TWO_YEARS), 44),
    (_product("MUG-EN", "Enamel mug, fir green", "Cooking outdoors", 1_290), 210),
    (_product("LAMP-H", "Head lamp, 300 lm", "Light", 3_490, warranty_months=_TWO_YEARS), 66),
    (_product("LANTERN", "Lantern, rechargeable", "Light", 4_290, warranty_months=_TWO_YEARS), 37),
    (_product("KETTLE-1", "Whistling kettle, 1.5 l", "Kitchen", 3_890, warranty_months=_TWO_YEARS), 52),
    (_product("PAN-28", "Cast-iron pan, 28 cm", "Kitchen", 5_990, warranty_months=_TEN_YEARS), 46),
    (_product("KNIFE-C", "Chef’s knife, 20 cm", "Kitchen", 8_490, warranty_months=_TEN_YEARS), 30),
    (_product("BOARD-O", "Oak chopping board", "Kitchen", 3_290), 58),
    (_product("GRIND", "Hand coffee grinder", "Kitchen", 6_290, warranty_months=_TWO_YEARS), 0),
    (_product("GIFT", "Gift card", "Other", 2_500), None),
)
PRODUCTS = tuple(_shelved(_SOLD))
