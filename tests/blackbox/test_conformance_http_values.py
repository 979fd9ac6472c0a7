"""Values, rows and tags of MAPI over HTTP, byte by byte: section 2.2.1; and what all responses have: 2.2.2, 2.2.3."""

import http.client
import struct
import uuid
import xml.etree.ElementTree as ElementTree

import pytest

from conformance import CREATED, ZOE, ZOE_CERTIFICATES, mid
from mapihttp_client import CODES, Endpoint, HttpClient, Refused, basic, tls_context
from mapihttp_wire import Writer
from nspi_wire import DISPLAY_NAME, DISPLAY_NAME_A, DISPLAY_TYPE, ENTRYID, NOT_FOUND, PROXY_ADDRESSES, Stat

NAME = "Zo\u00eb M\u00fcller"
MISSING = 0x6666001F
NOTHING = b"\x00"
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"


def counted(items):
    return struct.pack("<I", len(items)) + b"".join(items)


def text16(text):
    return text.encode("utf-16-le") + bytes(2)


def there(value):
    return b"\xFF" + value


PROXIES = [f"SMTP:{ZOE}", "smtp:zm@conform.example"]
VALUES = [
    (DISPLAY_NAME, there(text16(NAME))),
    (DISPLAY_NAME_A, there(NAME.encode("cp1252") + NOTHING)),
    (DISPLAY_TYPE, struct.pack("<I", 0)),
    (CREATED, struct.pack("<Q", (1704096000 + 11644473600) * 10**7)),
    (PROXY_ADDRESSES, there(counted([there(text16(p)) for p in PROXIES]))),
    (PROXY_ADDRESSES - 1, there(counted([there(p.encode() + NOTHING) for p in PROXIES]))),
    (0x8C6A1102, there(counted([there(counted([bytes([b]) for b in c])) for c in ZOE_CERTIFICATES]))),
]


@pytest.fixture(scope="module")
def client(conforming):
    with HttpClient(conforming) as c:
        yield c


@pytest.fixture(scope="module")
def zoe(client):
    return mid(client, ZOE)


def list_body(client, zoe, tags):
    """What GetProps answers behind its HasPropertyValues."""
    w = Writer()
    w.u32(0)
    w.has(Stat(current_rec=zoe), w.stat)
    w.has(tags, w.numbers)
    w.u32(0)
    body = client.transport.call("GetProps", bytes(w.data))
    assert body[12:13] == b"\xFF" and body[-4:] == bytes(4)
    return body[13:-4]


def row_body(client, zoe, tags):
    """What QueryRows answers behind its HasColumnsAndRows, without the columns and the count of rows."""
    w = Writer()
    w.u32(0)
    w.has(Stat(), w.stat)
    w.numbers([zoe])
    w.u32(1)
    w.has(tags, w.numbers)
    w.u32(0)
    body = client.transport.call("QueryRows", bytes(w.data))
    head = struct.pack(f"<B{1 + len(tags)}II", 0xFF, len(tags), *tags, 1)
    assert body[:8] == bytes(8) and body[8:9] == b"\xFF"
    assert body[45:45 + len(head)] == head and body[-4:] == bytes(4)
    return body[45 + len(head):-4]


@pytest.mark.parametrize("tag, value", VALUES, ids=[f"{t & 0xFFFF:04x}" for t, _ in VALUES])
def test_values_of_each_type(client, zoe, tag, value):
    """HasValue 0xFF stands before strings, binaries and multiple values, and before nothing else.

    MS-OXCMAPIHTTP_R2000 R2001 R2002 R2003 R2004 R2257 R2258 R2261 R2005 R2006 R2009 R2010 R2011 R2012 R2013 R2014
    MS-OXCMAPIHTTP_R450 R2022
    MS-OXCDATA_R181 R182 R455
    """
    assert list_body(client, zoe, [tag]) == struct.pack("<IHH", 1, tag & 0xFFFF, tag >> 16) + value
    assert row_body(client, zoe, [tag]) == b"\0" + value
    assert row_body(client, zoe, [tag, MISSING]) == b"\1\0" + value + b"\x0A" + struct.pack("<I", NOT_FOUND)


def test_a_binary_value(client, zoe):
    """MS-OXCMAPIHTTP_R2003 R2009"""
    value = list_body(client, zoe, [ENTRYID])
    assert value[:9] == struct.pack("<IIB", 1, ENTRYID, 0xFF)
    assert struct.unpack_from("<I", value, 9)[0] == len(value) - 13 > 28


def test_a_row_in_which_all_is_there(client, zoe):
    """Flags 0, and the values in the order of the columns, without tags.

    MS-OXCMAPIHTTP_R15 R16 R17 R18 R450 R2035 R2036
    """
    assert row_body(client, zoe, [t for t, _ in VALUES]) == b"\0" + b"".join(v for _, v in VALUES)


def test_a_row_in_which_something_is_missing(client, zoe):
    """Flags 1, and a flag before each: 0 and the value, or 0xA and why there is none.

    MS-OXCMAPIHTTP_R15 R17 R18 R453 R2018 R2019 R2021 R2022 R2024 R2027 R2035 R2036
    MS-OXCDATA_R473 R475 R476 R479
    """
    (first, name), (second, kind) = VALUES[0], VALUES[2]
    wanted = b"\1" + b"\0" + name + b"\x0A" + struct.pack("<I", NOT_FOUND) + b"\0" + kind
    assert row_body(client, zoe, [first, MISSING, second]) == wanted


def test_a_column_without_a_type(client, zoe):
    """The type stands before the value, and before the flag.  MS-OXCMAPIHTTP_R1298 R1299 R2015 R2016 R2017"""
    (first, name), (second, kind) = VALUES[0], VALUES[2]
    columns = [first & 0xFFFF0000, second & 0xFFFF0000]
    assert row_body(client, zoe, columns) == b"\0" + struct.pack("<H", 0x1F) + name + struct.pack("<H", 3) + kind
    body = row_body(client, zoe, columns[:1] + [MISSING])
    assert body == b"\1" + struct.pack("<HB", 0x1F, 0) + name + b"\x0A" + struct.pack("<I", NOT_FOUND)


def test_tags_are_counted_and_at_most_100000(client, zoe):
    """MS-OXCMAPIHTTP_R23 R24 R25 R26 MS-OXCDATA_R181 R182"""
    w = Writer()
    w.u32(0, zoe, 1252, 0)
    body = client.transport.call("GetPropList", bytes(w.data))
    count, = struct.unpack_from("<I", body, 9)
    assert len(body) == 13 + 4 * count + 4
    assert struct.pack("<HH", 0x1E, 0x3001) in [body[i:i + 4] for i in range(13, len(body) - 4, 4)]
    with pytest.raises(Refused) as refused:
        client.get_props(zoe, [DISPLAY_TYPE] * 100001)
    assert refused.value.code == CODES["body"]


# What all responses have

def test_https_and_post_carry_the_protocol(conforming):
    """MS-OXCMAPIHTTP_R2 R456 R42"""
    with HttpClient(conforming, listener="https", context=tls_context()) as client:
        assert client.query_rows(count=1).status == 0
        assert client.transport.connection.sock.version().startswith("TLS")
        assert client.transport.request("QueryColumns", bytes(12), method="GET", keep=False).code == CODES["verb"]


def test_an_accepted_request_has_code_0_and_its_body(conforming):
    """Behind an empty line.  MS-OXCMAPIHTTP_R55 R133 R136 R1301 R1345 R1235 R1463 R1462 R2231"""
    with HttpClient(conforming) as client:
        response = client.transport.request("QueryColumns", bytes(12))
        assert (response.status, response.code) == (200, 0)
        head, body = response.raw.split(b"\r\n\r\n", 1)
        assert head.startswith(b"PROCESSING\r\nDONE\r\nX-ElapsedTime: ") and body[:9] == bytes(8) + b"\xFF"
        assert int(response.headers["content-length"]) == len(response.raw)


def test_request_ids_come_back_as_they_were_sent(conforming):
    """The GUID stays in a session and is another in another; the counter goes up.

    MS-OXCMAPIHTTP_R130 R131 R1330 R1305 R1464 R1432 R2040 R155 R156 R1146
    """
    seen = []
    for _ in range(2):
        with HttpClient(conforming) as client:
            endpoint = client.transport
            for _ in range(3):
                headers = endpoint.request("QueryColumns", bytes(12)).headers
                guid, counter = headers["x-requestid"].split(":")
                assert (guid, int(counter)) == (endpoint.client_id, endpoint.counter)
                assert headers["x-clientinfo"] == f"{endpoint.client_id}:1"
                seen.append((guid, int(counter)))
    assert len(set(seen)) == 6 and len({guid for guid, _ in seen}) == 2
    for first, second in zip(seen, seen[1:]):
        assert first[0] != second[0] or second[1] > first[1]
    other = "{%s}:77" % str(uuid.uuid4()).upper()
    assert Endpoint(conforming).request("PING", X_ClientInfo=other).headers["x-clientinfo"] == other


def test_autodiscover_tells_where_the_endpoint_is(conforming):
    """Server, path and parameters of its URI are good for a Bind.  MS-OXCMAPIHTTP_R1 R28 R29 R30 R1437"""
    schema = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
    document = (f'<Autodiscover xmlns="{schema}"><Request><EMailAddress>{ZOE}</EMailAddress>'
                f"<AcceptableResponseSchema>{OUTLOOK}</AcceptableResponseSchema></Request></Autodiscover>")
    connection = http.client.HTTPConnection(conforming.address, conforming.port("http"), timeout=20)
    connection.request("POST", "/autodiscover/autodiscover.xml", document, {
        "Content-Type": "text/xml", "Authorization": basic(), "X-MapiHttpCapability": "1"})
    tree = ElementTree.fromstring(connection.getresponse().read())
    connection.close()
    url = tree.findtext(f".//{{{OUTLOOK}}}AddressBook/{{{OUTLOOK}}}ExternalUrl")
    start = f"http://{conforming.address}:{conforming.port('http')}"
    assert url.startswith(start)
    endpoint = Endpoint(conforming)
    bind = struct.pack("<IB", 0, 0xFF) + Stat().pack() + bytes(4)
    assert endpoint.request("Bind", bind, path=url.removeprefix(start)).code == 0
    assert endpoint.request("Unbind", bytes(8)).code == 0
    endpoint.close()
