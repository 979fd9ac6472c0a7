#!/usr/bin/python3
"""Writes the bodies that another implementation makes, as http_<operation>_<case>.{in,out}.hex: the Python writer of
tests/blackbox/mapihttp_wire.py, from the layouts of MS-OXCMAPIHTTP 2.2.5."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../blackbox"))

from mapihttp_wire import MapiHttp, Writer  # noqa: E402
from nspi_wire import Stat  # noqa: E402

NOT_FOUND, ERRORS_RETURNED = 0x8004010F, 0x00040380
STAT = Stat(current_rec=0x1940, delta=-3, num_pos=7, total_recs=99)
GUID = bytes(range(16))


class Recorder:
    """Takes the place of a connection: keeps the body of each request."""

    def call(self, request_type, body):
        self.body = body
        raise InterruptedError


def write(name, body):
    with open(os.path.join(HERE, f"http_{name}.hex"), "w") as out:
        out.write("# Body written by tests/blackbox/mapihttp_wire.py from the layouts of MS-OXCMAPIHTTP.\n")
        text = body.hex()
        for at in range(0, len(text), 64):
            out.write(text[at:at + 64] + "\n")


def request(name, operation, *args, **options):
    recorder = Recorder()
    try:
        getattr(MapiHttp(recorder), operation)(*args, **options)
    except InterruptedError:
        write(f"{name}.in", recorder.body)


def response(name, error=0, fill=lambda w: None):
    w = Writer()
    w.u32(0, error)
    fill(w)
    w.u32(0)
    write(f"{name}.out", bytes(w.data))


EVERY_TYPE = [
    (0x30070002, -2), (0x39000003, -3), (0x3A40000B, 1), (0x8009000D, 0), (0x3A00000A, NOT_FOUND),
    (0x3001001E, b"name"), (0x3001001F, "n\u00e4me"), (0x300C0048, GUID), (0x30070040, 0x01D0000001020304),
    (0x0FFF0102, b"\1\2\3"), (0x3A70001F, None), (0x0FF90102, b""), (0x00000001, 0),
    (0x80011002, [5, -6]), (0x80021003, [7, -8]), (0x800F101E, [b"a", b"bcd"]),
    (0x800F101F, ["\u0434\u0430", "\U0001F600", None]), (0x3A701102, [b"\1", b"", b"\2\3\4\5\6"]),
    (0x80031048, [GUID, GUID[::-1]]), (0x80041040, [1, 2 << 40]), (0x800F101F, None), (0x8002101F, []),
]
COLUMNS = [0x3001001F, 0x3A000000, 0x0FFF0102, 0x39000003]
ROWS = [
    [(0x3001001F, "Ada"), (0x3A00001F, "ada"), (0x0FFF0102, b"\1\2"), (0x39000003, 0)],
    [(0x3001001F, "Bo"), (0x3A00000A, NOT_FOUND), (0x0FFF000A, NOT_FOUND), (0x39000003, 6)],
    [(0x3001001F, "Cy"), (0x3A000003, 5), (0x0FFF0102, b""), (0x3900000A, NOT_FOUND)],
]
FILTER = ("and", [
    ("or", [("property", 4, 0x360C001F, (0x360C001F, "smi")), ("not", ("exist", 0x39FE001F))]),
    ("content", 0x00010002, 0x3A11001F, (0x3A11001F, "Sm")), ("compare", 4, 0x3001001F, 0x3A11001F),
    ("bitmask", 1, 0x39000003, 6), ("size", 2, 0x0FFF0102, 10), ("sub", 0x0E12000D, ("exist", 0x3001001F)),
    ("property", 0, 0x39000003, None), ("and", []),
])
# What most rows are made of.
SHORT_COLUMNS = [0x3001001F, 0x0FFF0102, 0x39000003]
SHORT_ROWS = [
    [(0x3001001F, "\u65e5 and more than eight"), (0x0FFF0102, bytes(range(20))), (0x39000003, -1)],
    [(0x3001001F, ""), (0x0FFF0102, b""), (0x39000003, 0)],
    [(0x3001001F, None), (0x0FFF0102, None), (0x39000003, 6)],
    [(0x3001001F, "n"), (0x0FFF000A, NOT_FOUND), (0x39000003, 1)],
    [(0x3001000A, NOT_FOUND), (0x0FFF000A, NOT_FOUND), (0x3900000A, NOT_FOUND)],
]


def requests():
    request("bind_own", "bind", STAT, 0x20)
    request("unbind_own", "unbind")
    request("compare_mids_own", "compare_mids", 0x10, 0x11, STAT)
    request("dn_to_mid_own", "dn_to_mid", [b"/o=Org/cn=one", b"", b"/x"])
    request("get_matches_filter", "get_matches", STAT, FILTER, tags=[0x3001001F])
    request("get_matches_links", "get_matches", STAT, None, (GUID, -5), 10, None, [1, 2], 3)
    request("get_prop_list_own", "get_prop_list", 0x1940, 1200, 1)
    request("get_props_own", "get_props", 0x1940, [0x3001001F, 0x39000003], STAT, 3)
    request("get_props_all", "get_props", 0x1940, None, STAT)
    request("get_special_table_own", "get_special_table", 4, STAT, 17)
    request("get_template_info_own", "get_template_info", 5, 1, b"/o=Org/cn=t", 1252, 1031)
    request("get_template_info_type", "get_template_info")
    request("mod_link_att_sizes", "mod_link_att", 0x8009000D, 0x1940, [b"x" * 28 + b"\0", bytes([0x87]) + bytes(31)], 1)
    request("mod_props_own", "mod_props", STAT, [0x3A701102], EVERY_TYPE)
    request("query_columns_own", "query_columns", 0x80000000)
    request("query_rows_explicit", "query_rows", STAT, 20, COLUMNS, [0x10, 0x11], 2)
    request("query_rows_default", "query_rows", STAT, 20)
    request("resolve_names_own", "resolve_names_w", ["Sm\u00efth", "", "\u5c0f\u6797"], STAT, [0x3001001F])
    request("resort_restriction_own", "resort_restriction", STAT, [9, 8, 7])
    request("seek_entries_own", "seek_entries", STAT, (0x3001001F, "M\u00fc"), [0x3001001F], [5, 6])
    request("update_stat_own", "update_stat", STAT, 5)
    request("get_mailbox_url_own", "get_mailbox_url", "/o=Ex/ou=First/cn=Configuration/cn=Servers/cn=M\u00dcNCHEN", 7)
    request("get_address_book_url_own", "get_address_book_url", "")
    request("update_stat_plain", "update_stat", STAT)


def responses():
    def rows(w):
        w.has(STAT, w.stat)
        w.u8(0xFF)
        w.columns_and_rows(COLUMNS, ROWS)

    def short_rows(w):
        w.has(STAT, w.stat)
        w.has(SHORT_ROWS, lambda rs: w.columns_and_rows(SHORT_COLUMNS, rs))

    def no_rows(w):
        w.has(STAT, w.stat)
        w.u8(0)

    def matches(w):
        w.has(STAT, w.stat)
        w.has([1, 2, 3], w.numbers)
        w.u8(0xFF)
        w.columns_and_rows(COLUMNS, ROWS)

    def resolved(w):
        w.u32(1252)
        w.has([0, 1, 2], w.numbers)
        w.u8(0xFF)
        w.columns_and_rows(COLUMNS, ROWS[:1])

    def table(w):
        w.u32(1252)
        w.has(17, w.u32)
        w.has([EVERY_TYPE, []], lambda ls: w.many(ls, w.list))

    def properties(w):
        w.u32(1252)
        w.has(EVERY_TYPE, w.list)

    def numbers(w):
        w.has([0x3001001F, 0x39000003], w.numbers)

    def resorted(w):
        w.has(STAT, w.stat)
        w.has([9, 8, 7], w.numbers)

    def moved(w):
        w.has(STAT, w.stat)
        w.has(-5, w.u32)

    response("bind_own", 0, lambda w: w.guid(GUID))
    response("unbind_own", 1)
    response("compare_mids_own", 0, lambda w: w.u32(-1))
    response("dn_to_mid_own", 0, numbers)
    response("get_matches_own", 0, matches)
    response("get_prop_list_own", 0, numbers)
    response("get_prop_list_refused", 0x80004005, lambda w: w.u8(0))
    response("get_props_own", ERRORS_RETURNED, properties)
    response("get_special_table_own", 0, table)
    response("get_template_info_own", 0, properties)
    response("mod_link_att_own", 0x80070005)
    response("mod_props_own", 0x80070005)
    response("query_columns_own", 0, numbers)
    response("query_rows_own", 0, rows)
    response("query_rows_short", 0, short_rows)
    response("query_rows_refused", 0x80040405, no_rows)
    response("resolve_names_own", 0, resolved)
    response("resort_restriction_own", 0, resorted)
    response("seek_entries_own", 0, rows)
    response("update_stat_own", 0, moved)
    response("get_mailbox_url_own", NOT_FOUND, lambda w: w.string16(""))
    response("get_address_book_url_own", 0, lambda w: w.string16("https://b\u00fccher.example/mapi/nspi/"))


requests()
responses()
