"""Bodies of MAPI over HTTP from the layouts of MS-OXCMAPIHTTP 2.2.5, in Python: independent of the C filters.

Values, rows, restrictions and answers look as in nspi_wire, so that one test runs over both transports.
"""

import struct

from nspi_wire import SUCCESS, Answer, Nspi, Stat

ERROR = 0x000A
FIXED = {0x0002: "<h", 0x0003: "<i", 0x000A: "<I", 0x000B: "<B", 0x0040: "<Q"}
ELEMENTS = {0x1002: "<h", 0x1003: "<i", 0x1040: "<Q"}


class Writer:
    def __init__(self):
        self.data = bytearray()

    def u8(self, *values):
        self.data += bytes(values)

    def u32(self, *values):
        for v in values:
            self.data += struct.pack("<I", v & 0xFFFFFFFF)

    def has(self, value, write):
        """HasX, and X behind it."""
        self.u8(0x00 if value is None else 0xFF)
        if value is not None:
            write(value)

    def stat(self, stat):
        self.data += stat.pack()

    def guid(self, value):
        self.data += value

    def numbers(self, values):
        self.u32(len(values), *values)

    def string8(self, value):
        self.data += value + b"\0"

    def string16(self, value):
        self.data += value.encode("utf-16-le") + b"\0\0"

    def binary(self, value):
        self.u32(len(value))
        self.data += value

    def many(self, values, item):
        self.u32(len(values))
        for v in values:
            item(v)

    def value(self, kind, value):
        variable = {0x001E: self.string8, 0x001F: self.string16, 0x0102: self.binary}
        if kind in FIXED:
            self.data += struct.pack(FIXED[kind], int(value))
        elif kind == 0x0048:
            self.guid(value)
        elif kind in (0x0001, 0x000D):
            pass
        elif kind in variable:
            self.has(value, variable[kind])
        elif kind in ELEMENTS:
            self.has(value, lambda vs: self.many(vs, lambda v: self.guid(struct.pack(ELEMENTS[kind], v))))
        elif kind == 0x1048:
            self.has(value, lambda vs: self.many(vs, self.guid))
        else:
            element = variable[kind & 0x0FFF]
            self.has(value, lambda vs: self.many(vs, lambda v: self.has(v, element)))

    def tagged(self, tag_and_value):
        tag, value = tag_and_value
        self.u32(tag)
        self.value(tag & 0xFFFF, value)

    def list(self, values):
        self.many(values, self.tagged)

    def row(self, columns, values):
        """values: (tag, value) a column, of type 000A where there is none."""
        flagged = any(tag & 0xFFFF == ERROR for tag, _ in values)
        self.u8(1 if flagged else 0)
        for column, (tag, value) in zip(columns, values, strict=True):
            kind = tag & 0xFFFF
            if column & 0xFFFF == 0:
                self.data += struct.pack("<H", kind)
            if flagged:
                self.u8(0x0A if kind == ERROR else 0x00)
            self.value(kind, value)

    def columns_and_rows(self, columns, rows):
        self.numbers(columns)
        self.many(rows, lambda r: self.row(columns, r))

    def restriction(self, r):
        """As in nspi_wire."""
        kind, *rest = r
        code = {"and": 0, "or": 1, "not": 2, "content": 3, "property": 4, "compare": 5, "bitmask": 6, "size": 7,
                "exist": 8, "sub": 9}[kind]
        self.u8(code)
        if kind in ("and", "or"):
            self.many(rest[0], self.restriction)
        elif kind == "not":
            self.restriction(rest[0])
        elif kind == "content":
            self.u32(rest[0], rest[1])
            self.has(rest[2], self.tagged)
        elif kind == "property":
            self.u8(rest[0])
            self.u32(rest[1])
            self.has(rest[2], self.tagged)
        elif kind == "exist":
            self.u32(rest[0])
        elif kind == "sub":
            self.u32(rest[0])
            self.restriction(rest[1])
        else:
            self.u8(rest[0])
            self.u32(*rest[1:])

    def name(self, guid_and_id):
        guid, number = guid_and_id
        self.guid(guid)
        self.u32(number)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        assert self.at + size <= len(self.data), "the answer is too short"
        piece = self.data[self.at:self.at + size]
        self.at += size
        return bytes(piece)

    def raw(self, fmt):
        return struct.unpack(fmt, self.take(struct.calcsize(fmt)))[0]

    def u8(self):
        return self.raw("<B")

    def u32(self):
        return self.raw("<I")

    def i32(self):
        return self.raw("<i")

    def has(self, read):
        """HasX, which is 0x00 or 0xFF (MS-OXCMAPIHTTP_R2005), and X behind it."""
        byte = self.u8()
        assert byte in (0x00, 0xFF), f"HasX {byte:#x}"
        return read() if byte else None

    def stat(self):
        return Stat.unpack(self.take(36))

    def guid(self):
        return self.take(16)

    def many(self, item):
        return [item() for _ in range(self.u32())]

    def numbers(self):
        return self.many(self.u32)

    def string8(self):
        end = self.data.index(b"\0", self.at)
        text = self.take(end - self.at)
        self.take(1)
        return text

    def string16(self):
        units = bytearray()
        while (unit := self.take(2)) != b"\0\0":
            units += unit
        return units.decode("utf-16-le")

    def binary(self):
        return self.take(self.u32())

    def value(self, kind):
        variable = {0x001E: self.string8, 0x001F: self.string16, 0x0102: self.binary}
        if kind in FIXED:
            value = self.raw(FIXED[kind])
            assert kind != 0x000B or value in (0, 1), "a Boolean that is neither"
            return value
        if kind == 0x0048:
            return self.guid()
        if kind in (0x0001, 0x000D):
            return 0
        if kind in variable:
            return self.has(variable[kind])
        if kind in ELEMENTS:
            return self.has(lambda: self.many(lambda: self.raw(ELEMENTS[kind])))
        if kind == 0x1048:
            return self.has(lambda: self.many(self.guid))
        element = variable[kind & 0x0FFF]
        return self.has(lambda: self.many(lambda: self.has(element)))

    def tagged(self):
        tag = self.u32()
        return tag, self.value(tag & 0xFFFF)

    def list(self):
        return self.many(self.tagged)

    def row(self, columns):
        flags = self.u8()
        assert flags in (0, 1), f"row flags {flags:#x}"
        values = [self.cell(column, flags) for column in columns]
        assert flags == any(tag & 0xFFFF == ERROR for tag, _ in values), "a flagged row without an error"
        return values

    def cell(self, column, flagged):
        kind = column & 0xFFFF
        if kind == 0:
            kind = self.raw("<H")
        flag = self.u8() if flagged else 0
        assert flag in (0x00, 0x01, 0x0A), f"flag {flag:#x}"
        if flag == 0x0A:
            kind = ERROR
        return column & 0xFFFF0000 | kind, None if flag == 0x01 else self.value(kind)

    def columns_and_rows(self):
        columns = self.numbers()
        return columns, self.many(lambda: self.row(columns))

    def rows(self):
        """HasColumnsAndRows, Columns, RowCount, RowData."""
        found = self.has(self.columns_and_rows)
        return {"columns": found[0], "rows": found[1]} if found else {"columns": None, "rows": None}

    def lists(self):
        return self.has(lambda: self.many(self.list)) or []


class MapiHttp(Nspi):
    """The operations, over something that has call(request_type, body) -> body."""

    def call(self, request_type, write, read):
        w = Writer()
        write(w)
        w.u32(0)
        r = Reader(self.transport.call(request_type, bytes(w.data)))
        assert r.u32() == 0, "StatusCode"
        status = r.u32()
        answer = read(r)
        answer.status = status
        r.binary()
        assert r.at == len(r.data), f"{len(r.data) - r.at} bytes after the auxiliary buffer"
        return answer

    def bind(self, stat=None, flags=0, guid=None):
        def write(w):
            w.u32(flags)
            w.has(stat or Stat(), w.stat)
        answer = self.call("Bind", write, lambda r: Answer(guid=r.guid()))
        self.bound = answer.status == SUCCESS
        return answer

    def unbind(self):
        return self.call("Unbind", lambda w: w.u32(0), lambda r: Answer())

    def compare_mids(self, mid1, mid2, stat=None):
        def write(w):
            w.u32(0)
            w.has(stat or Stat(), w.stat)
            w.u32(mid1, mid2)
        return self.call("CompareMIds", write, lambda r: Answer(result=r.i32()))

    def dn_to_mid(self, names):
        def write(w):
            w.u32(0)
            w.has(names, lambda ns: w.many(ns, lambda n: w.string8(n or b"")))
        return self.call("DNToMId", write, lambda r: Answer(mids=r.has(r.numbers)))

    def get_matches(self, stat, restriction=None, name=None, requested=1000, tags=None, reserved=None, reserved1=0):
        def write(w):
            w.u32(reserved1)
            w.has(stat, w.stat)
            w.has(reserved, w.numbers)
            w.u32(0)
            w.has(restriction, w.restriction)
            w.has(name, w.name)
            w.u32(requested)
            w.has(tags, w.numbers)
        return self.call("GetMatches", write, lambda r: Answer(stat=r.has(r.stat), mids=r.has(r.numbers), **r.rows()))

    def get_prop_list(self, mid, codepage=1252, flags=0):
        return self.call("GetPropList", lambda w: w.u32(flags, mid, codepage), lambda r: Answer(tags=r.has(r.numbers)))

    def get_props(self, mid, tags=None, stat=None, flags=0):
        def write(w):
            w.u32(flags)
            w.has((stat or Stat()).but(current_rec=mid), w.stat)
            w.has(tags, w.numbers)
        return self.call("GetProps", write, lambda r: Answer(codepage=r.u32(), row=r.has(r.list)))

    def get_special_table(self, flags=4, stat=None, version=0):
        def write(w):
            w.u32(flags)
            w.has(stat or Stat(), w.stat)
            w.has(version, w.u32)
        return self.call("GetSpecialTable", write,
                         lambda r: Answer(codepage=r.u32(), version=r.has(r.u32), rows=r.lists()))

    def get_template_info(self, flags=1, kind=0, dn=None, codepage=1252, locale=0x409):
        def write(w):
            w.u32(flags, kind)
            w.has(dn, w.string8)
            w.u32(codepage, locale)
        return self.call("GetTemplateInfo", write, lambda r: Answer(codepage=r.u32(), row=r.has(r.list)))

    def mod_link_att(self, tag, mid, entry_ids, flags=0, sizes=True):
        """sizes: each entry id with its size before it, or bare; both are seen."""
        def write(w):
            w.u32(flags, tag, mid)
            w.has(entry_ids, lambda ids: w.many(ids, w.binary if sizes else w.guid))
        return self.call("ModLinkAtt", write, lambda r: Answer())

    def mod_props(self, stat, tags, row, reserved=0):
        def write(w):
            w.u32(reserved)
            w.has(stat, w.stat)
            w.has(tags, w.numbers)
            w.has(row, w.list)
        return self.call("ModProps", write, lambda r: Answer())

    def query_columns(self, flags=0x80000000):
        return self.call("QueryColumns", lambda w: w.u32(0, flags), lambda r: Answer(tags=r.has(r.numbers)))

    def query_rows(self, stat=None, count=50, tags=None, table=None, flags=0):
        def write(w):
            w.u32(flags)
            w.has(stat or Stat(), w.stat)
            w.numbers(table or [])
            w.u32(count)
            w.has(tags, w.numbers)
        return self.call("QueryRows", write, lambda r: Answer(stat=r.has(r.stat), **r.rows()))

    def resolve_names_w(self, names, stat=None, tags=None):
        def write(w):
            w.u32(0)
            w.has(stat or Stat(), w.stat)
            w.has(tags, w.numbers)
            w.has(names, lambda ns: w.many(ns, w.string16))
        return self.call("ResolveNames", write,
                         lambda r: Answer(codepage=r.u32(), mids=r.has(r.numbers), **r.rows()))

    def resort_restriction(self, stat, mids, out=None):
        def write(w):
            w.u32(0)
            w.has(stat, w.stat)
            w.has(mids, w.numbers)
        return self.call("ResortRestriction", write, lambda r: Answer(stat=r.has(r.stat), mids=r.has(r.numbers)))

    def seek_entries(self, stat, target, tags=None, table=None, reserved=0):
        def write(w):
            w.u32(reserved)
            w.has(stat, w.stat)
            w.has(target, w.tagged)
            w.has(table, w.numbers)
            w.has(tags, w.numbers)
        return self.call("SeekEntries", write, lambda r: Answer(stat=r.has(r.stat), **r.rows()))

    def update_stat(self, stat, delta=None):
        def write(w):
            w.u32(0)
            w.has(stat, w.stat)
            w.u8(delta is not None)
        return self.call("UpdateStat", write, lambda r: Answer(stat=r.has(r.stat), delta=r.has(r.i32)))

    def get_mailbox_url(self, server_dn, flags=0):
        return self._url("GetMailboxUrl", server_dn, flags)

    def get_address_book_url(self, user_dn, flags=0):
        return self._url("GetAddressBookUrl", user_dn, flags)

    def _url(self, request_type, dn, flags):
        def write(w):
            w.u32(flags)
            w.string16(dn)
        return self.call(request_type, write, lambda r: Answer(url=r.string16()))
