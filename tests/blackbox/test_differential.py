"""Random valid sequences of operations, on the server and on the slow model of reference.py: every answer and every STAT agree."""

import os
import random

import pytest

from nspi_wire import (BEGINNING, CURRENT, DISPLAY_NAME, EMAIL_ADDRESS, END, GIVEN_NAME, INSTANCE_KEY, SMTP_ADDRESS,
                       SUCCESS, SURNAME, TITLE, Stat, mid_of)
from reference import DEPARTMENT, OFFICE, PROXIES, Reference
from rpc_impacket import Client

STEPS = int(os.environ.get("NSPID_DIFFERENTIAL_STEPS", "400"))
TEXT_TAGS = [DISPLAY_NAME, SMTP_ADDRESS, SURNAME, GIVEN_NAME, TITLE, DEPARTMENT, OFFICE, PROXIES]


@pytest.fixture(scope="module", params=["rpc", "exchange"])
def client(site, request):
    with Client(site, listener=request.param) as c:
        yield c


@pytest.fixture(scope="module")
def reference(client, book):
    listed = [dict(r) for r in client.query_rows(count=10000, tags=[SMTP_ADDRESS, INSTANCE_KEY]).rows]
    by_mail = {r[SMTP_ADDRESS]: int.from_bytes(r[INSTANCE_KEY], "little") for r in listed if SMTP_ADDRESS in r}

    def mid_of_entry(entry):
        if entry["mail"][0] in by_mail:
            return by_mail[entry["mail"][0]]
        return client.dn_to_mid([entry["legacyexchangedn"][0].encode()]).mids[0]
    return Reference(book, mid_of_entry)


class Walk:
    def __init__(self, client, reference, seed):
        self.client, self.reference, self.rng, self.stat = client, reference, random.Random(seed), Stat()

    def number(self):
        return self.rng.choice([0, 1, 2, 3, 7, 50, 199, 200, 1000, 0x7FFFFFFF])

    def some_mid(self):
        return self.rng.choice(self.reference.table + [0, 1, 2, 0xF, 0x7FFFFFFF, 0xFFFFFFFF])

    def some_stat(self):
        stat = self.stat if self.rng.random() < 0.5 else Stat(current_rec=self.rng.choice(
            [BEGINNING, CURRENT, END, self.rng.choice(self.reference.table), self.some_mid()]))
        return stat.but(delta=self.rng.choice([1, -1]) * self.number(), num_pos=self.number(), total_recs=self.number(),
                        container_id=self.rng.choice([0] * 19 + [0x7FFFFFF0]))

    def some_text(self, tag):
        values = self.reference.texts(self.rng.choice(self.reference.table), tag) or ["x"]
        text = self.rng.choice(values)
        if self.rng.random() < 0.5:
            text = text[:self.rng.randrange(len(text)) + 1]
        return self.rng.choice([text, text.upper(), text.lower()])

    def some_restriction(self, depth=0):
        kind = self.rng.choice(["and", "or", "not", "content", "property", "exist"] if depth < 3 else ["content", "exist"])
        tag = self.rng.choice(TEXT_TAGS)
        plain = tag & ~0x1000
        if kind in ("and", "or"):
            return kind, [self.some_restriction(depth + 1) for _ in range(self.rng.randrange(1, 4))]
        if kind == "not":
            return kind, self.some_restriction(depth + 1)
        if kind == "exist":
            return kind, tag
        if kind == "content":
            return kind, 0x30000 | self.rng.randrange(3), tag, (plain, self.some_text(tag))
        tag = self.rng.choice(TEXT_TAGS[:-1])
        return kind, self.rng.randrange(6), tag, (tag, self.some_text(tag))

    # a step each; they raise AssertionError

    def update_stat(self):
        stat = self.some_stat()
        answer = self.client.update_stat(stat, delta=0)
        status, after, delta = self.reference.update_stat(stat)
        assert (answer.status, answer.stat) == (status, after), stat
        if status == SUCCESS:
            assert answer.delta == delta, stat
            self.stat = answer.stat

    def query_rows(self):
        stat, count = self.some_stat(), self.rng.choice([1, 2, 7, 50, 1000])
        answer = self.client.query_rows(stat, count=count, tags=[INSTANCE_KEY, DISPLAY_NAME])
        status, after, mids = self.reference.query_rows(stat, count)
        assert (answer.status, answer.stat) == (status, after), (stat, count)
        if status == SUCCESS:
            assert [(mid_of(r), dict(r)[DISPLAY_NAME]) for r in answer.rows] == [(m, self.reference.name(m)) for m in mids]
            self.stat = answer.stat

    def seek_entries(self):
        stat, text = Stat(delta=self.number()), self.some_text(DISPLAY_NAME)
        answer = self.client.seek_entries(stat, (DISPLAY_NAME, text))
        assert (answer.status, answer.stat) == self.reference.seek_entries(stat, text), text

    def get_matches(self):
        restriction, requested = self.some_restriction(), self.rng.choice([5, 50, 1000])
        answer = self.client.get_matches(Stat(), restriction, requested=requested)
        assert (answer.status, answer.mids) == self.reference.get_matches(restriction, requested), restriction

    def compare_mids(self):
        a, b = self.some_mid(), self.some_mid()
        answer = self.client.compare_mids(a, b)
        status, order = self.reference.compare(a, b)
        assert answer.status == status
        if status == SUCCESS:
            assert (answer.result > 0) - (answer.result < 0) == order

    def resort_restriction(self):
        mids = [self.some_mid() for _ in range(self.rng.randrange(30))]
        stat = Stat(current_rec=self.rng.choice(mids or [7]))
        answer = self.client.resort_restriction(stat, mids)
        assert (answer.mids, answer.stat) == self.reference.resort(stat, mids)

    def steps(self):
        return [self.update_stat, self.query_rows, self.seek_entries, self.get_matches, self.compare_mids, self.resort_restriction]


@pytest.mark.parametrize("seed", range(4))
def test_random_sequences_agree_with_the_model(client, reference, seed):
    walk = Walk(client, reference, seed)
    steps = walk.steps()
    for _ in range(STEPS):
        walk.rng.choice(steps)()


def test_the_model_has_the_whole_book(client, reference):
    rows = client.query_rows(count=10000, tags=[INSTANCE_KEY, EMAIL_ADDRESS]).rows
    assert [mid_of(r) for r in rows] == reference.table
