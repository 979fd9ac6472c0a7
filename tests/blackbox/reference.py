"""A slow, obvious model of the address book, for comparison: Python lists and linear scans over the LDIF."""

import icu

import ldif
from nspi_wire import (BEGINNING, CURRENT, DISPLAY_NAME, END, GENERAL_FAILURE, GIVEN_NAME, INVALID_BOOKMARK, NOT_FOUND,
                       SMTP_ADDRESS, SUCCESS, SURNAME, TABLE_TOO_BIG, TITLE)

DEPARTMENT, OFFICE, PROXIES = 0x3A18001F, 0x3A19001F, 0x800F101F

ATTRIBUTES = {DISPLAY_NAME: "displayname", SMTP_ADDRESS: "mail", SURNAME: "sn", GIVEN_NAME: "givenname", TITLE: "title",
              DEPARTMENT: "department", OFFICE: "physicaldeliveryofficename", PROXIES: "proxyaddresses"}
LT, LE, GT, GE, EQ, NE = range(6)
FULL, SUBSTRING, PREFIX = range(3)


def primary():
    collator = icu.Collator.createInstance(icu.Locale("en_US"))
    collator.setStrength(icu.Collator.PRIMARY)
    return collator


COLLATOR = primary()
FOLD = icu.Transliterator.createInstance("NFKD; [:Mn:] Remove; Lower; NFKC")


def key(text):
    return COLLATOR.getSortKey(text)


class Reference:
    """mid_of: an entry of the LDIF -> the MId that the server gave it."""

    def __init__(self, path, mid_of):
        self.values = {mid_of(e): e for e in ldif.read(path) if "displayname" in e}
        self.table = sorted((m for m, e in self.values.items() if not ldif.hidden(e)),
                            key=lambda m: (key(self.name(m)), m))

    def name(self, mid):
        return self.values[mid]["displayname"][0]

    def texts(self, mid, tag):
        return self.values[mid].get(ATTRIBUTES[tag], [])

    # positions (MS-NSPI 3.1.1.4)

    def position(self, stat):
        size = len(self.table)
        if stat.current_rec == BEGINNING:
            at = 0
        elif stat.current_rec == END:
            at = size
        elif stat.current_rec == CURRENT:
            at = min(size, size * stat.num_pos // stat.total_recs) if stat.total_recs else 0
        elif stat.current_rec in self.table:
            at = self.table.index(stat.current_rec)
        else:
            return None, None
        return at, max(0, min(size, at + stat.delta))

    def at(self, stat, where):
        return stat.but(current_rec=self.table[where] if where < len(self.table) else END, delta=0, num_pos=where,
                        total_recs=len(self.table))

    def update_stat(self, stat):
        if stat.container_id:
            return INVALID_BOOKMARK, stat, None
        before, after = self.position(stat)
        if before is None:
            return NOT_FOUND, stat, None
        return SUCCESS, self.at(stat, after), after - before

    def query_rows(self, stat, count):
        if stat.container_id:
            return INVALID_BOOKMARK, stat, None
        if stat.current_rec == CURRENT or self.position(stat)[0] is None:
            return NOT_FOUND, stat, None
        start = self.position(stat)[1]
        mids = self.table[start:start + count]
        return SUCCESS, self.at(stat, start + len(mids)), mids

    def seek_entries(self, stat, text):
        found = next((i for i, m in enumerate(self.table) if key(self.name(m)) >= key(text)), None)
        if found is None:
            return NOT_FOUND, stat
        return SUCCESS, stat.but(current_rec=self.table[found], num_pos=found, total_recs=len(self.table))

    def compare(self, a, b):
        if a not in self.table or b not in self.table:
            return GENERAL_FAILURE, 0
        return SUCCESS, (self.table.index(a) > self.table.index(b)) - (self.table.index(a) < self.table.index(b))

    def resort(self, stat, mids):
        known = sorted((m for m in mids if m in self.values), key=lambda m: (key(self.name(m)), m))
        if stat.current_rec in known:
            return known, stat.but(total_recs=len(known), num_pos=known.index(stat.current_rec))
        return known, stat.but(total_recs=len(known), num_pos=0, current_rec=0)

    # restrictions (MS-OXCDATA 2.12)

    def matches(self, mid, r):
        kind = r[0]
        if kind == "and":
            return all(self.matches(mid, c) for c in r[1])
        if kind == "or":
            return any(self.matches(mid, c) for c in r[1])
        if kind == "not":
            return not self.matches(mid, r[1])
        if kind == "exist":
            return bool(self.texts(mid, r[1]))
        _, how, tag, (_, value) = r
        if kind == "content":
            return any(self.contains(text, how & 0xFFFF, value) for text in self.texts(mid, tag))
        return any(self.compares(key(text), how, key(value)) for text in self.texts(mid, tag))

    def contains(self, text, how, value):
        text, value = FOLD.transliterate(text), FOLD.transliterate(value)
        return {FULL: text == value, SUBSTRING: value in text, PREFIX: text.startswith(value)}[how]

    def compares(self, a, relop, b):
        return {LT: a < b, LE: a <= b, GT: a > b, GE: a >= b, EQ: a == b, NE: a != b}[relop]

    def get_matches(self, r, requested):
        found = [m for m in self.table if self.matches(m, r)]
        return (TABLE_TOO_BIG, None) if len(found) > requested else (SUCCESS, found)
