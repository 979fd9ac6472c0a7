"""The whole sample book in the order of each configured locale, and every name of it resolved, beside ICU's comparison and a
plain search through the LDIF."""

import random
import unicodedata

import icu
import pytest

import ldif
from nspi_wire import DISPLAY_NAME, INSTANCE_KEY, SMTP_ADDRESS, Stat, mid_of
from rpc_impacket import Client
from site_nspid import Site, make_book

LOCALES = {
    "en-US": (0x409, "en-US"), "de-DE": (0x407, "de-DE"), "de-DE_phoneb": (0x10407, "de-DE-u-co-phonebk"),
    "sv-SE": (0x41D, "sv-SE"), "fr-FR": (0x40C, "fr-FR"), "ja-JP": (0x411, "ja-JP"), "zh-CN": (0x804, "zh-CN"),
    "zh-CN_stroke": (0x20804, "zh-CN-u-co-stroke"), "ko-KR": (0x412, "ko-KR"), "ru-RU": (0x419, "ru-RU"),
    "tr-TR": (0x41F, "tr-TR"), "he-IL": (0x40D, "he-IL"), "ar-SA": (0x401, "ar-SA"), "th-TH": (0x41E, "th-TH"),
    "es-ES_tradnl": (0x40A, "es-ES-u-co-trad"), "pl-PL": (0x415, "pl-PL"),
}
UNRESOLVED, AMBIGUOUS, RESOLVED = range(3)
NAMES = 1500


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return make_book(tmp_path_factory.mktemp("locales") / "book.ldif", 1500)


@pytest.fixture(scope="module")
def client(book):
    names = ", ".join(f'"{name}"' for name in LOCALES if name != "en-US")
    with Site(book, options=f"directory {{\nlocales = {{ {names} }}\n}}\n") as site:
        with Client(site) as c:
            yield c


def table(client, lcid):
    stat, rows = Stat(sort_locale=lcid), []
    while not rows or len(rows) < stat.total_recs:
        answer = client.query_rows(stat, 1000, [DISPLAY_NAME, INSTANCE_KEY])
        rows, stat = rows + answer.rows, answer.stat
    return [(dict(row)[DISPLAY_NAME], mid_of(row)) for row in rows]


def collator(tag):
    """With the comparison flags of MS-NSPI 2.2.6: symbols count for the default locale alone."""
    if tag != "en-US":
        tag += "-ka-shifted-kv-symbol" if "-u-" in tag else "-u-ka-shifted-kv-symbol"
    made = icu.Collator.createInstance(icu.Locale.forLanguageTag(tag))
    made.setStrength(icu.Collator.PRIMARY)
    return made


@pytest.mark.parametrize("locale", LOCALES)
def test_the_order_of_each_locale_is_icus(client, book, locale):
    lcid, tag = LOCALES[locale]
    found, compare = table(client, lcid), collator(tag)
    wanted = sorted(e["displayname"][0] for e in ldif.read(book) if "displayname" in e and not ldif.hidden(e))
    assert sorted(name for name, _ in found) == wanted
    for (a, mid_a), (b, mid_b) in zip(found, found[1:]):
        order = compare.compare(a, b)
        assert order < 0 or (order == 0 and mid_a < mid_b), (a, b)


# Letters that Unicode does not take apart.
PLAIN = str.maketrans(
    {"æ": "ae", "ð": "d", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "œ": "oe", "ŧ": "t", "ƀ": "b"})


def is_accent(c):
    kind = unicodedata.combining(c)
    return kind == 1 or 10 <= kind <= 36 or kind >= 202


def fold(text):
    """Without case, accents and width."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", "".join(c for c in text if not is_accent(c)).translate(PLAIN))


SEARCHED = ("displayname", "givenname", "sn", "mailnickname", "samaccountname", "mail", "physicaldeliveryofficename",
            "msds-phoneticdisplayname", "msds-phoneticfirstname", "msds-phoneticlastname")


def words_of(entry):
    """Every text by which an entry is found."""
    smtp = [a[5:] for a in entry.get("proxyaddresses", []) if a.lower().startswith("smtp:")]
    return [text for name in SEARCHED for text in entry.get(name, [])] + smtp


class Person:
    def __init__(self, entry):
        self.entry = entry
        self.words = {fold(word) for word in words_of(entry)}
        self.addresses = {a.lower() for a in words_of(entry) if "@" in a}
        self.given, self.surname = (fold(entry.get(name, [""])[0]) for name in ("givenname", "sn"))

    def fits(self, name):
        halves = ((name[:i].strip(" ,"), name[i:].strip(" ,")) for i in range(1, len(name)) if name[i] in " ,")
        return any(word.startswith(name) for word in self.words) or any(
            a and b and ((self.given.startswith(a) and self.surname.startswith(b)) or
                         (self.surname.startswith(a) and self.given.startswith(b))) for a, b in halves)


def brute(people, name):
    found = [p for p in people if name.strip().lower() in p.addresses]
    if not found:
        folded = fold(name).strip(" ,")
        found = [p for p in people if p.fits(folded)] if folded else []
    return (UNRESOLVED if not found else RESOLVED if len(found) == 1 else AMBIGUOUS), found


def misspelled(rng, text):
    """Other case, other accents, other width."""
    return "".join(rng.choice([c, c.lower(), c.upper(), unicodedata.normalize("NFD", c)[0] if c < "\u0250" else c,
                               chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c,
                               c + "\u0301" if c.lower() in "aeiou" else c]) for c in text)


def typed(rng, person, other):
    """What somebody might type for a person: all or the beginning of a text, or of two, of which one may be another's."""
    if rng.random() < 0.4 and person.given and other.surname:
        names = [person.entry["givenname"][0], rng.choice([person, other]).entry.get("sn", ["x"])[0]]
        rng.shuffle(names)
        return rng.choice([" ", ", ", "  "]).join(n[:rng.randint(1, len(n))] for n in names)
    word = rng.choice(words_of(person.entry))
    return word[:rng.randint(1, len(word))] if rng.random() < 0.7 else word


def test_every_name_resolves_as_in_a_search_through_everybody(client, book):
    people = [Person(e) for e in ldif.read(book) if "displayname" in e and not ldif.hidden(e)]
    rng = random.Random(3)
    names = [typed(rng, *rng.sample(people, 2)) for _ in range(NAMES)]
    names = [misspelled(rng, name) if "@" not in name and rng.random() < 0.5 else name for name in names]
    assert {unicodedata.name(c).split()[0] for name in names for c in name if c.isalpha()} >= {
        "LATIN", "CYRILLIC", "GREEK", "CJK", "KATAKANA", "HANGUL", "ARABIC", "HEBREW", "DEVANAGARI", "FULLWIDTH"}
    seen = set()
    for i in range(0, NAMES, 100):
        some = names[i:i + 100]
        answer = client.resolve_names_w(some, Stat(), [DISPLAY_NAME, SMTP_ADDRESS])
        rows = iter(answer.rows)
        for name, code in zip(some, answer.mids):
            wanted, found = brute(people, name)
            assert code == wanted, (name, code, wanted, [p.entry["displayname"] for p in found[:3]])
            seen.add(code)
            if code == RESOLVED:
                assert dict(next(rows))[DISPLAY_NAME] == found[0].entry["displayname"][0], name
    assert seen == {UNRESOLVED, AMBIGUOUS, RESOLVED}
