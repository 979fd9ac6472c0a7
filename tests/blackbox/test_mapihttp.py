"""MAPI over HTTP: the envelope, session contexts and their cookies, sequence, expiry, limits.

The bodies, and what the operations do, are the subject of test_operations and test_browse, which run over it as well.
Numbers lead to docs/conformance.md."""

import base64
import concurrent.futures
import signal
import socket
import time
import uuid

import pytest

from http_wire import Http
from mapihttp_client import CODES, PATH, Endpoint, HttpClient, Refused, Response, basic, tls_context
from mapihttp_wire import MapiHttp, Writer
from nspi_wire import DISPLAY_NAME, EMAIL_ADDRESS, END, INSTANCE_KEY, LOGON_FAILED, SMTP_ADDRESS, SUCCESS, Stat, mid_of
from rpc_impacket import Client
from site_nspid import PASSWORD, Site, wait_until

INSIDE = ["CompareMIds", "DNToMId", "GetMatches", "GetPropList", "GetProps", "GetSpecialTable", "GetTemplateInfo",
          "ModLinkAtt", "ModProps", "QueryColumns", "QueryRows", "ResolveNames", "ResortRestriction", "SeekEntries",
          "UpdateStat", "Unbind"]
PHOTO = 0x8C9E0102
COLUMNS = [DISPLAY_NAME, SMTP_ADDRESS, EMAIL_ADDRESS, INSTANCE_KEY]


def bind_body(codepage=1252):
    w = Writer()
    w.u32(0)
    w.has(Stat(codepage=codepage), w.stat)
    w.u32(0)
    return bytes(w.data)


def rows_body(count=1):
    w = Writer()
    w.u32(0)
    w.has(Stat(), w.stat)
    w.u32(0, count)
    w.has(None, None)
    w.u32(0)
    return bytes(w.data)


BIND, ROWS, UNBIND = bind_body(), rows_body(), bytes(8)


@pytest.fixture
def endpoint(site):
    """No session yet."""
    e = Endpoint(site)
    yield e
    e.close()


@pytest.fixture
def bound(endpoint):
    """An endpoint with a session."""
    assert endpoint.request("Bind", BIND).code == 0
    yield endpoint
    endpoint.connect()
    endpoint.request("Unbind", UNBIND)


def code(endpoint, *args, **options):
    response = endpoint.request(*args, **options)
    assert response.status == 200  # also of requests that fail
    return response.code


# Headers (2.2.3, 2.2.2.1)

def test_every_response_has_the_common_headers(bound):
    """MS-OXCMAPIHTTP_R44 R164 R165 R167 R1236 R1242 R2037 R2228 R48 R1301; echoed:
    MS-OXCMAPIHTTP_R2040 R156 R1146 R155; X-DeviceInfo is not: MS-OXCMAPIHTTP_R2050 R2239; the period:
    MS-OXCMAPIHTTP_R158002 R158."""
    response = bound.request("QueryRows", ROWS, X_DeviceInfo="opaque")
    h = response.headers
    assert response.code == 0 and h["content-type"] == "application/mapi-http"
    assert h["x-requesttype"] == "QueryRows" and h["x-requestid"] == f"{bound.client_id}:{bound.counter}"
    assert h["x-clientinfo"] == f"{bound.client_id}:1"
    assert h["x-serverapplication"].startswith("Exchange/15.")
    assert h["x-expirationinfo"] == "900000" and h["x-pendingperiod"] == "30000"
    assert "x-deviceinfo" not in h
    assert set(response.set_cookies) == {"MapiContext", "MapiSequence"}
    assert {"x-elapsedtime", "x-starttime"} <= set(response.additional)
    assert response.tags == ["PROCESSING", "DONE"]  # MS-OXCMAPIHTTP_R1238 R1244
    assert int(h["content-length"]) == len(response.raw)  # MS-OXCMAPIHTTP_R460


def test_a_failure_is_told_in_html_and_has_the_headers_too(bound):
    """MS-OXCMAPIHTTP_R56 R2038 R54 R47 R49 R53 R1459 R132"""
    response = bound.request("NoSuchType", b"")
    assert response.code == 5 and response.headers["content-type"] == "text/html"
    assert b"Invalid Request Type" in response.raw
    assert response.headers["x-requestid"] == f"{bound.client_id}:{bound.counter}"
    assert "x-serverapplication" in response.headers and "x-expirationinfo" in response.headers


@pytest.mark.parametrize("header", ["X_RequestType", "X_RequestId", "Content_Type"])
def test_a_missing_header_is_response_code_7(endpoint, header):
    """MS-OXCMAPIHTTP_R143"""
    assert code(endpoint, "Bind", BIND, **{header: None}) == CODES["missing"]


@pytest.mark.parametrize("header, value", [
    ("X_RequestType", "Bi nd"), ("X_RequestType", "x" * 300), ("X_RequestType", ""),
    ("X_RequestId", "17"), ("X_RequestId", "{E2EA6C1C-E61B-49E9-9CFB}:1"), ("X_RequestId", ""),
    ("X_RequestId", "{E2EA6C1C-E61B-49E9-9CFB-38184F907552}"), ("X_RequestId", "x" * 1000),
    ("X_RequestId", "{E2EA6C1C-E61B-49E9-9CFB-38184F907552}:x"), ("X_ClientInfo", "y" * 1000), ("X_ClientInfo", ""),
    ("Content_Type", "text/html"), ("Content_Type", "application/mapi-httpx"),
])
def test_a_malformed_header_is_response_code_4(endpoint, header, value):
    """MS-OXCMAPIHTTP_R140"""
    assert code(endpoint, "Bind", BIND, **{header: value}) == CODES["header"]


@pytest.mark.parametrize("header", ["X-RequestType", "X-RequestId", "X-ClientInfo", "Content-Type"])
def test_a_doubled_header_is_response_code_4(endpoint, header):
    headers = endpoint.headers_of("Bind")
    endpoint.connection.putrequest("POST", PATH)
    for name, value in headers.items():
        endpoint.connection.putheader(name, value)
    endpoint.connection.putheader(header, headers[header])
    endpoint.connection.putheader("Content-Length", str(len(BIND)))
    endpoint.connection.endheaders(BIND)
    answer = endpoint.connection.getresponse()
    assert Response(answer, answer.read()).code == CODES["header"]


@pytest.mark.parametrize("changes", [
    {"X_ClientInfo": None}, {"X_ClientApplication": None}, {"X_RequestType": "bind"}, {"X_DeviceInfo": "d" * 100},
    {"X_RequestId": "E2EA6C1C-E61B-49E9-9CFB-38184F907552:123456"},
    {"Content_Type": "application/mapi-http; charset=utf-8"}, {"Content_Type": "Application/MAPI-HTTP"},
])
def test_what_clients_may_leave_out_or_write_otherwise(endpoint, changes):
    assert code(endpoint, "Bind", BIND, **changes) == 0
    assert code(endpoint, "Unbind", UNBIND) == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_another_method_is_response_code_2(endpoint, method):
    """MS-OXCMAPIHTTP_R138"""
    assert code(endpoint, "Bind", BIND, method=method) == CODES["verb"]


@pytest.mark.parametrize("path, wanted", [
    ("/mapi/nspi/x", 3), ("/mapi/emsmdb/", 3), ("/mapi", 3), ("/mapi/", 3), ("/mapi/nspi", 0), ("/MAPI/NSPI/", 0),
    ("/mapi/nspi/?MailboxId=f5cc5a18-4264-101a-8c59-08002b2f8426@example.com", 0),
])
def test_paths(endpoint, path, wanted):
    """MS-OXCMAPIHTTP_R139; the query is for routing alone: MS-OXCMAPIHTTP_R30"""
    assert code(endpoint, "Bind", BIND, path=path) == wanted
    if not wanted:
        assert code(endpoint, "Unbind", UNBIND, path=path) == 0


def test_without_a_login_the_status_is_401(site, endpoint):
    """MS-OXCMAPIHTTP_R35 R36 R1331 R50"""
    for authorization in (None, basic(password="wrong"), basic(user="nobody"), "Basic !", "Bearer x"):
        response = endpoint.request("Bind", BIND, Authorization=authorization)
        assert response.status == 401 and response.code is None
        assert "www-authenticate" in response.headers
    assert site.sessions() == []


@pytest.mark.parametrize("name", ["", "Connect", "Execute", "Disconnect", "NotificationWait", "CompareMinIds",
                                  "DnToMinId", "GetNamesFromIDs", "GetIDsFromNames", "ResolveNamesW"])
def test_what_is_no_request_type_here_is_response_code_5(bound, name):
    """MS-OXCMAPIHTTP_R141 R321; those of mailboxes, and what only RPC has"""
    assert code(bound, name, ROWS, X_RequestType=name or "-") == CODES["type"]


def test_a_body_that_is_too_large_is_response_code_9(site, endpoint):
    """MS-OXCMAPIHTTP_R145"""
    headers = endpoint.headers_of("QueryRows")
    endpoint.connection.putrequest("POST", PATH)
    for name, value in headers.items():
        endpoint.connection.putheader(name, value)
    endpoint.connection.putheader("Content-Length", str(100 << 20))
    endpoint.connection.endheaders()
    answer = endpoint.connection.getresponse()
    assert Response(answer, answer.read()).code == CODES["large"]


def test_the_largest_body_is_that_of_the_limits():
    """MS-OXCMAPIHTTP_R145"""
    with Site(options="limits {\nmax_request = 64K\n}") as site, HttpClient(site) as client:
        padded = ROWS + bytes(65536 - len(ROWS))
        assert code(client.transport, "QueryRows", padded) == 0
        assert code(client.transport, "QueryRows", padded + b"\0", keep=False) == CODES["large"]
        client.transport.connect()


def test_an_answer_that_cannot_be_written_is_response_code_17(tmp_path):
    """MS-OXCMAPIHTTP_R153: behind DONE, as the request was accepted"""
    book = tmp_path / "book.ldif"
    book.write_text("version: 1\n\ndn: cn=a,dc=x\nobjectClass: user\ncn: a\nsAMAccountName: a\ndisplayName: A\n"
                    f"mail: a@x.example\nthumbnailPhoto:: {base64.b64encode(bytes(1500000)).decode()}\n\n")
    with Site(book, options="limits {\nmax_answer = 1M\nmax_call_memory = 1M\n}") as site, HttpClient(site) as client:
        mid = mid_of(client.query_rows(count=1, tags=[INSTANCE_KEY]).rows[0])
        with pytest.raises(Refused) as refused:
            client.get_props(mid, [PHOTO])
        response = refused.value.response
        assert (response.headers["x-responsecode"], response.code) == ("0", CODES["invalid"])
        assert response.additional["content-type"] == "text/html"
        assert client.get_props(mid, [DISPLAY_NAME]).row == [(DISPLAY_NAME, "A")]


def test_a_server_that_ends_says_response_code_18():
    """MS-OXCMAPIHTTP_R154: to what stands behind a request that it still answers, which is a slowed-down login here"""
    with Site(options="auth {\nlogin_delay_max = 2s\n}") as site:
        for _ in range(5):
            Endpoint(site, password="wrong").request("PING")
        requests = ""
        for user, password in (("anna", "wrong"), ("berta", PASSWORD)):
            headers = Endpoint(site, user=user, password=password).headers_of("PING", Host="a", Content_Length="0")
            requests += f"POST {PATH} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
        with Http(site.port("http")) as c:
            c.send(requests)
            time.sleep(0.2)
            site.process.send_signal(signal.SIGTERM)
            assert c.response().status == 401
            assert c.response().get("X-ResponseCode") == str(CODES["stopping"])


def test_a_chunked_request_is_served(bound):
    """MS-OXCMAPIHTTP_R62"""
    headers = bound.headers_of("QueryRows")
    bound.connection.request("POST", PATH, iter([ROWS[:7], ROWS[7:8], ROWS[8:]]), headers, encode_chunked=True)
    answer = bound.connection.getresponse()
    response = Response(answer, answer.read())
    bound.cookies.update(response.set_cookies)
    assert response.code == 0


# Bodies

def bodies():
    """A good body of each request type."""
    class Recorder:
        def call(self, request_type, body):
            found[request_type] = body
            raise InterruptedError
    found = {}
    w = MapiHttp(Recorder())
    text = (DISPLAY_NAME, "a")
    for call in (lambda: w.bind(), lambda: w.unbind(), lambda: w.compare_mids(1, 2), lambda: w.dn_to_mid([b"/o=x"]),
                 lambda: w.get_matches(Stat(), ("or", [("property", 4, *text[:1], text), ("exist", 5)]), tags=[DISPLAY_NAME]),
                 lambda: w.get_prop_list(16), lambda: w.get_props(16, [DISPLAY_NAME]), lambda: w.get_special_table(),
                 lambda: w.get_template_info(), lambda: w.mod_link_att(0x8009000D, 16, [bytes(32)]),
                 lambda: w.mod_props(Stat(), [DISPLAY_NAME], [text]), lambda: w.query_columns(),
                 lambda: w.query_rows(table=[16], tags=[DISPLAY_NAME]), lambda: w.resolve_names_w(["anna"], tags=[DISPLAY_NAME]),
                 lambda: w.resort_restriction(Stat(), [16, 17]), lambda: w.seek_entries(Stat(), text, [DISPLAY_NAME]),
                 lambda: w.update_stat(Stat(), 0), lambda: w.get_mailbox_url("/o=x"), lambda: w.get_address_book_url("")):
        try:
            call()
        except InterruptedError:
            pass
    return found


BODIES = bodies()


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_body_cut_anywhere_is_response_code_12_and_the_session_goes_on(bound, name):
    """MS-OXCMAPIHTTP_R148"""
    for size in range(len(BODIES[name])):
        if name == "Bind":
            continue
        assert code(bound, name, BODIES[name][:size]) == CODES["body"], size
    if name == "Bind":
        for size in range(len(BODIES[name])):
            assert code(bound, name, BODIES[name][:size], Cookie=None, keep=False) == CODES["body"]
    assert code(bound, "QueryRows", ROWS) == 0


def test_bytes_behind_a_body_are_tolerated(bound):
    assert code(bound, "QueryRows", ROWS + b"\xAA" * 9) == 0


def test_an_auxiliary_buffer_is_ignored(bound):
    assert code(bound, "QueryRows", ROWS[:-4] + b"\x03\0\0\0aux") == 0


def test_ping_has_no_body_and_needs_no_session(endpoint):
    """MS-OXCMAPIHTTP_R1247 R1249 R1124 R1460 R1128"""
    response = endpoint.request("PING")
    assert (response.code, response.body, response.set_cookies) == (0, b"", {})


def test_ping_refreshes_a_session(bound):
    """MS-OXCMAPIHTTP_R1248"""
    before = dict(bound.cookies)
    response = bound.request("PING")
    assert response.code == 0 and response.set_cookies["MapiSequence"] != before["MapiSequence"]
    assert code(bound, "QueryRows", ROWS) == 0


# Session contexts (3.2.5)

def test_cookies_are_new_unguessable_and_for_this_path_alone(site):
    """MS-OXCMAPIHTTP_R68 R1222 R1147 R1219 R1221: every Bind and every response has its own"""
    contexts, sequences = set(), set()
    for _ in range(20):
        with HttpClient(site) as client:
            contexts.add(client.transport.cookies["MapiContext"])
            for _ in range(5):
                sequences.add(client.transport.cookies["MapiSequence"])
                client.query_rows(count=1)
    assert len(contexts) == 20 and len(sequences) == 100
    assert all(len(c) >= 32 for c in contexts) and all(len(s) >= 16 for s in sequences)


def test_cookies_are_secure_over_tls(site):
    for listener, context, secure in (("http", None, False), ("https", tls_context(), True)):
        e = Endpoint(site, listener=listener, context=context)
        for name, value in e.request("Bind", BIND).header_list:
            if name == "set-cookie":
                assert "httponly" in value.lower() and "path=/mapi/nspi" in value
                assert ("secure" in value.lower()) == secure
        assert code(e, "Unbind", UNBIND) == 0
        e.close()


@pytest.mark.parametrize("name", INSIDE)
def test_without_cookies_a_request_is_response_code_13(endpoint, name):
    """MS-OXCMAPIHTTP_R149"""
    assert code(endpoint, name, BODIES[name]) == CODES["no_cookie"]


def test_a_missing_sequence_is_response_code_13(bound):
    assert code(bound, "QueryRows", ROWS, Cookie=f"MapiContext={bound.cookies['MapiContext']}") == CODES["no_cookie"]
    assert code(bound, "QueryRows", ROWS) == 0


@pytest.mark.parametrize("value", ["", "x", "0" * 31, "0" * 33, "zz" * 16, "../../etc", "%00" * 10])
def test_a_context_cookie_that_is_none_of_ours_is_response_code_6(bound, value):
    """MS-OXCMAPIHTTP_R142"""
    assert code(bound, "QueryRows", ROWS, Cookie=f"MapiContext={value}; MapiSequence=0000000000000000") == CODES["cookie"]


def test_a_forged_context_is_response_code_10(bound):
    """MS-OXCMAPIHTTP_R146 R1283"""
    for _ in range(50):
        cookie = f"MapiContext={uuid.uuid4()}; MapiSequence={bound.cookies['MapiSequence']}"
        assert code(bound, "QueryRows", ROWS, Cookie=cookie) == CODES["context"]
    assert code(bound, "QueryRows", ROWS) == 0


def test_a_stolen_cookie_is_of_no_use_to_another_account(site, bound):
    """MS-OXCMAPIHTTP_R1224 R1225"""
    thief = Endpoint(site, user="berta", cookies=bound.cookies)
    for name in INSIDE + ["PING", "GetMailboxUrl"]:
        assert code(thief, name, BODIES.get(name, b""), keep=False) == CODES["context"]
    assert code(thief, "Bind", BIND) == 0
    assert thief.cookies["MapiContext"] != bound.cookies["MapiContext"]
    assert {s["user"] for s in site.sessions()} == {"anna", "berta"}
    assert code(bound, "QueryRows", ROWS) == 0
    assert code(thief, "Unbind", UNBIND) == 0
    thief.close()


@pytest.mark.parametrize("sequence", ["0000000000000000", "x", "", "F" * 16])
def test_a_wrong_sequence_is_response_code_15(bound, sequence):
    """MS-OXCMAPIHTTP_R151"""
    cookie = f"MapiContext={bound.cookies['MapiContext']}; MapiSequence={sequence}"
    assert code(bound, "QueryRows", ROWS, Cookie=cookie) == CODES["sequence"]
    assert code(bound, "QueryRows", ROWS) == 0


def test_a_stale_sequence_is_response_code_15(bound):
    stale = dict(bound.cookies)
    assert code(bound, "QueryRows", ROWS) == 0
    fresh, bound.cookies = bound.cookies, stale
    response = bound.request("QueryRows", ROWS)
    assert response.code == CODES["sequence"] and response.set_cookies == {}
    bound.cookies = fresh
    assert code(bound, "QueryRows", ROWS) == 0


def test_unbind_ends_the_context_and_still_sends_its_cookies(site, endpoint):
    """MS-OXCMAPIHTTP_R1250 R1255 R1438 R2233 R2236 R1253"""
    assert code(endpoint, "Bind", BIND) == 0
    response = endpoint.request("Unbind", UNBIND)
    assert response.code == 0 and response.body == bytes.fromhex("000000000100000000000000")
    assert set(response.set_cookies) == {"MapiContext", "MapiSequence"}
    assert site.sessions() == []
    for name in ("QueryRows", "Unbind", "PING"):
        assert code(endpoint, name, BODIES.get(name, b"")) == CODES["context"]


def test_reconnecting_replaces_the_context_whatever_the_sequence(site, bound):
    """MS-OXCMAPIHTTP_R1277 R1278 R1279 R1280 R1329"""
    for sequence in ("MapiSequence=0000000000000000", None):
        old = dict(bound.cookies)
        cookie = f"MapiContext={old['MapiContext']}" + (f"; {sequence}" if sequence else "")
        response = bound.request("Bind", BIND, Cookie=cookie)
        assert response.code == 0 and response.set_cookies["MapiContext"] != old["MapiContext"]
        assert len(site.sessions()) == 1
        assert code(bound, "QueryRows", ROWS, keep=False,
                    Cookie="; ".join(f"{k}={v}" for k, v in old.items())) == CODES["context"]
        assert code(bound, "QueryRows", ROWS) == 0


def test_bind_takes_any_cookie(endpoint):
    for cookie in ("MapiContext=garbage", f"MapiContext={uuid.uuid4()}", "Other=1", "MapiContext="):
        assert code(endpoint, "Bind", BIND, Cookie=cookie) == 0
        assert code(endpoint, "Unbind", UNBIND) == 0


def test_a_context_is_good_on_any_connection_and_loop(site, bound):
    seen = set()
    for _ in range(16):
        bound.close()
        bound.connect()
        assert code(bound, "QueryRows", ROWS) == 0
        seen.add(bound.connection.sock.getsockname()[1])
    assert len(seen) > 8
    assert [s["calls"] for s in site.sessions()][0] >= 16


def test_one_client_has_as_many_contexts_as_it_wants_on_one_connection(site):
    connection = Endpoint(site)
    jars = []
    for _ in range(5):
        connection.cookies = {}
        assert code(connection, "Bind", BIND) == 0
        jars.append(connection.cookies)
    for name, body in (("QueryRows", ROWS), ("Unbind", UNBIND)):
        for jar in jars:
            connection.cookies = jar
            assert code(connection, name, body) == 0
    connection.close()


def test_simultaneous_requests_of_a_context_are_served_one_at_a_time(site, bound):
    """MS-OXCMAPIHTTP_R1227 R1228: with the same cookies exactly one is served, whatever loops they meet on"""
    endpoints = [Endpoint(site) for _ in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for _ in range(40):
            for e in endpoints:
                e.cookies = dict(bound.cookies)
            responses = list(pool.map(lambda e: e.request("QueryRows", rows_body(50), keep=False), endpoints))
            good = [r for r in responses if r.code == 0]
            assert len(good) == 1
            assert {r.code for r in responses} == {0, CODES["sequence"]}
            bound.cookies.update(good[0].set_cookies)
    for e in endpoints:
        e.close()
    assert code(bound, "QueryRows", ROWS) == 0


def test_many_contexts_at_once_race_with_their_unbinding(site):
    """No session is left behind, none is another's."""
    def live(number):
        user = ("anna", "berta")[number % 2]
        for _ in range(10):
            with HttpClient(site, user=user, listener="http" if number % 3 else "http-directory") as client:
                assert len(client.query_rows(count=3, tags=[DISPLAY_NAME]).rows) == 3
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        list(pool.map(live, range(12)))
    assert site.sessions() == []


def test_a_client_that_goes_away_in_the_middle_leaves_its_context(site, bound):
    headers = bound.headers_of("QueryRows")
    with socket.create_connection((site.address, site.port("http"))) as s:
        head = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        s.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n{head}\r\n".encode() + ROWS[:10])
    assert code(bound, "QueryRows", ROWS) == 0


# Expiry

def test_an_idle_context_expires_and_gives_its_place_back(book):
    """MS-OXCMAPIHTTP_R1284 R1285; X-ExpirationInfo says when: MS-OXCMAPIHTTP_R167"""
    options = "http {\n session_timeout = 1500ms\n}\nsessions {\n per_user = 1\n}\n"
    with Site(book, options=options) as site:
        first = Endpoint(site)
        assert first.request("Bind", BIND).headers["x-expirationinfo"] == "1500"
        for _ in range(4):
            time.sleep(0.6)
            assert code(first, "PING") == 0
        second = HttpClient(site, bind=False)
        assert second.bind().status == LOGON_FAILED
        assert second.transport.cookies == {}
        wait_until(lambda: site.sessions() == [], 10, "the context expires by itself")
        assert code(first, "QueryRows", ROWS) == CODES["context"]
        assert second.bind().status == SUCCESS
        second.close()


def test_the_next_bind_gets_the_place_of_what_has_expired(book):
    with Site(book, options="http {\n session_timeout = 1s\n}\nsessions {\n per_user = 1\n}\n") as site:
        first, second = HttpClient(site), HttpClient(site, bind=False)
        deadline = time.monotonic() + 10
        while second.bind().status != SUCCESS:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with pytest.raises(Refused) as refused:
            first.query_rows(count=1)
        assert refused.value.code == CODES["context"]
        second.close()


# Sessions: one limit over all transports

def test_contexts_count_as_sessions_beside_those_of_rpc(book):
    with Site(book, options="sessions {\n per_user = 4\n}\n") as site:
        with Client(site) as rpc:
            assert rpc.another().status == SUCCESS
            first, second, third = (HttpClient(site, bind=False) for _ in range(3))
            assert [c.bind().status for c in (first, second, third)] == [SUCCESS, SUCCESS, LOGON_FAILED]
            assert third.transport.cookies == {}
            assert sorted(s["transport"] for s in site.sessions()) == ["mapi-http"] * 2 + ["rpc-tcp"] * 2
            assert rpc.another().status == LOGON_FAILED
            first.close()
            assert third.bind().status == SUCCESS
            second.close()
            third.close()


def test_a_refused_bind_answers_in_the_body(book):
    with Site(book, options="sessions {\n per_user = 0\n}\n") as site:
        response = Endpoint(site).request("Bind", BIND)
        assert response.code == 0 and response.set_cookies == {}
        assert response.body == bytes.fromhex("00000000110104800000000000000000000000000000000000000000")
        assert "Refused a session of anna" in site.log()


def test_reconnecting_at_the_limit_works(book):
    with Site(book, options="sessions {\n per_user = 1\n}\n") as site:
        client = HttpClient(site)
        for _ in range(5):
            assert client.bind().status == SUCCESS
        assert len(site.sessions()) == 1
        client.close()


def test_a_bind_that_fails_later_gives_the_place_back(site):
    client = HttpClient(site, bind=False)
    for codepage in (1200, 99999):
        assert client.bind(Stat(codepage=codepage)).status != SUCCESS
    assert client.transport.cookies == {} and site.sessions() == []
    assert client.bind(flags=0x20).status != SUCCESS  # fAnonymousLogin
    client.transport.close()


def test_a_session_that_an_operator_ends_is_response_code_10(site, endpoint):
    assert code(endpoint, "Bind", BIND) == 0
    session = site.sessions()[0]
    assert session["transport"] == "mapi-http" and session["user"] == "anna"
    site.nspictl("end", session["id"])
    assert code(endpoint, "QueryRows", ROWS) == CODES["context"]
    assert code(endpoint, "Bind", BIND) == 0
    assert code(endpoint, "Unbind", UNBIND) == 0


def test_a_disabled_account_has_no_context_any_more(book):
    with Site(book) as site:
        client = Endpoint(site)
        assert code(client, "Bind", BIND) == 0
        site.nspictl("user", "disable", "anna")
        assert site.sessions() == []
        response = client.request("QueryRows", ROWS)
        assert response.status == 401 or response.code == CODES["context"]


def test_the_end_of_a_connection_ends_no_context(site):
    client = HttpClient(site)
    client.transport.close()
    time.sleep(0.3)
    assert len(site.sessions()) == 1
    client.transport.connect()
    assert client.query_rows(count=1).status == SUCCESS
    client.close()
    assert site.sessions() == []


# The endpoint

def test_an_endpoint_that_is_switched_off_is_response_code_16(book):
    """MS-OXCMAPIHTTP_R152"""
    with Site(book, options="http {\n mapi = no\n}") as site:
        client = Endpoint(site)
        assert code(client, "Bind", BIND) == CODES["disabled"]
        site.write_config("http {\n mapi = yes\n}")
        site.nspictl("reload")
        assert code(client, "Bind", BIND) == 0


def test_anonymous_logins_are_response_code_8_or_401(book):
    """MS-OXCMAPIHTTP_R144"""
    with Site(book, options="auth {\n anonymous = read\n}") as site:
        response = Endpoint(site).request("Bind", BIND, Authorization=None)
        assert response.status == 401 or response.code == CODES["anonymous"]
        assert site.sessions() == []


def test_the_profile_of_a_listener_is_exchange_unless_told_otherwise(site):
    with HttpClient(site) as exchange, HttpClient(site, listener="http-directory") as directory:
        mid = mid_of(directory.query_rows(count=1, tags=[INSTANCE_KEY]).rows[0])
        assert directory.get_prop_list(mid, codepage=99999).status != SUCCESS
        assert exchange.get_prop_list(mid, codepage=99999).status == SUCCESS


# The book

def browse(client, page):
    rows, stat = [], Stat()
    while stat.current_rec != END:
        answer = client.query_rows(stat, count=page, tags=COLUMNS)
        assert answer.status == SUCCESS and answer.columns == COLUMNS
        rows += answer.rows
        stat = answer.stat
    return rows


def browse_rpc(client, page):
    rows, stat = [], Stat()
    while stat.current_rec != END:
        answer = client.query_rows(stat, count=page, tags=COLUMNS)
        rows += answer.rows
        stat = answer.stat
    return rows


@pytest.mark.parametrize("page", [1, 50, 5000])
def test_the_whole_book_is_the_same_over_all_transports(site, page):
    with Client(site) as rpc:
        wanted = browse_rpc(rpc, page)
    assert len(wanted) > 100
    for listener, context in (("http", None), ("http-directory", None), ("https", tls_context())):
        with HttpClient(site, listener=listener, context=context) as client:
            assert browse(client, page) == wanted, listener


def test_columns_without_a_type_come_with_one(site):
    """MS-OXCMAPIHTTP_R1298 R1299: TypedPropertyValue, FlaggedPropertyValueWithType"""
    with HttpClient(site) as client:
        row = client.query_rows(count=1, tags=[0x30010000, 0x39000000]).rows[0]
        assert [t for t, _ in row] == [DISPLAY_NAME, 0x39000003]
        row = client.query_rows(count=1, tags=[0x30010000, 0x66660000, 0x39000003]).rows[0]
        assert [t for t, _ in row] == [DISPLAY_NAME, 0x6666000A, 0x39000003]


def test_the_code_page_of_the_answer_is_that_of_the_request(site):
    """MS-OXCMAPIHTTP_R667 R716"""
    with HttpClient(site) as client:
        for codepage in (1252, 1250):
            stat = Stat(codepage=codepage)
            mid = mid_of(client.query_rows(stat, count=1, tags=[INSTANCE_KEY]).rows[0])
            assert client.get_props(mid, [DISPLAY_NAME], stat=stat).codepage == codepage
            assert client.get_special_table(stat=stat).codepage == codepage
            assert client.resolve_names_w(["x"], stat=stat).codepage == codepage
            assert client.get_template_info(codepage=codepage).codepage == codepage


@pytest.mark.parametrize("flags", [0xFFFFFFDF, 0x10000])
def test_flags_that_mean_nothing_change_nothing(site, flags):
    """MS-OXCMAPIHTTP_R1320 R1322 R1326"""
    with HttpClient(site) as client:
        assert client.bind(flags=flags).status == SUCCESS
        mid = mid_of(client.query_rows(count=1, tags=[INSTANCE_KEY]).rows[0])
        unknown = flags & ~0x07
        assert client.query_rows(count=3, tags=COLUMNS, flags=unknown).rows == client.query_rows(count=3, tags=COLUMNS).rows
        assert client.get_props(mid, COLUMNS, flags=unknown).row == client.get_props(mid, COLUMNS).row
        assert client.get_special_table(flags=unknown | 4).rows == client.get_special_table(flags=4).rows


def test_thousands_of_forged_cookies_do_no_harm(site, bound):
    for number in range(2000):
        bound.request("QueryRows", ROWS, keep=False, Cookie=f"MapiContext={number:032x}; MapiSequence={number:016x}")
    assert code(bound, "QueryRows", ROWS) == 0
