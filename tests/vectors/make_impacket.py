#!/usr/bin/python3
"""Writes the stubs that another implementation makes: impacket's, as <operation>_impacket.{in,out}.hex.

Referent ids are random there and padding is 0xAA or 0xBF, so that a second run differs in those."""

import os

import impacket.version
from impacket.dcerpc.v5 import nspi
from impacket.dcerpc.v5.dtypes import LPSTR, LPWSTR, LONG, SHORT, NULL

HERE = os.path.dirname(os.path.abspath(__file__))


class Recorder:
    """Takes the place of a connection: keeps the stub of each request."""

    def request(self, call, **_):
        self.stub = call.getData()


class EntryId:
    def __init__(self, size):
        self.size = size

    def getData(self):
        return bytes(range(self.size))


def write(name, stub):
    text = stub.hex()
    with open(os.path.join(HERE, name + ".hex"), "w") as out:
        out.write("# Made by make_impacket.py with impacket %s.\n" % impacket.version.BANNER.split()[1])
        for i in range(0, len(text), 64):
            out.write(text[i:i + 64] + "\n")


def requests(dce):
    handle = nspi.handle_t()
    yield "query_rows", lambda: nspi.hNspiQueryRows(
        dce, handle, ContainerID=7, Count=20, pPropTags=[0x3001001F, 0x0FFF0102], lpETable=[16, 17, 18])
    yield "dn_to_mid", lambda: nspi.hNspiDNToMId(dce, handle, ["/o=Org/cn=one", "/o=Org/cn=three"])
    yield "get_special_table", lambda: nspi.hNspiGetSpecialTable(dce, handle)
    yield "mod_link_att", lambda: nspi.hNspiModLinkAtt(
        dce, handle, 1, 0x8009000D, 0x1940, [EntryId(28), EntryId(32)])
    yield "get_names_from_ids", lambda: nspi.hNspiGetNamesFromIDs(
        dce, handle, lpguid=bytes(range(16)), pPropTags=[0x3001001F])
    yield "resolve_names", lambda: nspi.hNspiResolveNames(
        dce, handle, pPropTags=[0x3001001F], paStr=["Smith", "Jo"])
    yield "resolve_names_w", lambda: nspi.hNspiResolveNamesW(
        dce, handle, pPropTags=[0x3001001F], paStr=["Sm\u00efth", "\u5c0f\u6797"])


def values():
    """One value of each type that impacket marshals as the IDL does (it makes FILETIME arrays of pointers), GUIDs
    where it changes nothing that it aligns them."""
    simple = [
        (0x300C0048, "lpguid", bytes(range(16))),
        (0x30070002, "i", -2), (0x39000003, "l", -3), (0x3A40000B, "b", 1), (0x8009000D, "lReserved", 0),
        (0x3A00000A, "err", 0x8004010F), (0x3001001E, "lpszA", "name\0"), (0x3001001F, "lpszW", "n\u00e4me\0"),
    ]
    for tag, arm, data in simple:
        yield tag, lambda u, arm=arm, data=data: u.__setitem__(arm, data)

    def time(union):
        union["ft"]["dwLowDateTime"] = 0x01020304
        union["ft"]["dwHighDateTime"] = 0x01D00000
    yield 0x30070040, time

    def binary(union):
        union["bin"]["cValues"] = 3
        union["bin"]["lpb"] = b"\1\2\3"
    yield 0x0FFF0102, binary

    def array(arm, field, items):
        def fill(union):
            union[arm]["cValues"] = len(items)
            for item in items:
                union[arm][field].append(item)
        return fill

    def made(kind, data):
        item = kind()
        item["Data"] = data
        return item

    def binary_item(data):
        item = nspi.Binary_r()
        item["cValues"] = len(data)
        item["lpb"] = data
        return item

    yield 0x80011002, array("MVi", "lpi", [made(SHORT, 5), made(SHORT, -6)])
    yield 0x80021003, array("MVl", "lpl", [made(LONG, 7), made(LONG, -8)])
    yield 0x800F101E, array("MVszA", "lppszA", [made(LPSTR, "a\0"), made(LPSTR, "bcd\0")])
    yield 0x800F101F, array("MVszW", "lppszW", [made(LPWSTR, "\u0434\u0430\0"), made(LPWSTR, "x\0")])
    yield 0x3A701102, array("MVbin", "lpbin", [binary_item(b"\1"), binary_item(b"\2\3\4\5\6")])
    yield 0x80031048, array("MVguid", "lpguid", [made(nspi.PFlatUID_r, bytes(range(16, 32)))])


def response():
    call = nspi.NspiQueryRowsResponse()
    call["pStat"]["CurrentRec"] = 2
    rows = call["ppRows"]
    row = nspi.PropertyRow_r()
    for tag, fill in values():
        value = nspi.PropertyValue_r()
        value["ulPropTag"] = tag
        value["Value"]["tag"] = tag & 0xFFFF
        fill(value["Value"])
        row["lpProps"].append(value)
    row["cValues"] = len(row["lpProps"])
    rows["cRows"] = 1
    rows["aRow"].append(row)
    call["ErrorCode"] = 0
    return call.getData()


def main():
    dce = Recorder()
    for name, make in requests(dce):
        make()
        write(name + "_impacket.in", dce.stub)
    write("query_rows_impacket.out", response())


if __name__ == "__main__":
    main()
