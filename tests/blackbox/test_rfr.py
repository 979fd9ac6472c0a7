"""Referral: over RPC with stubs of our own and with impacket's, over MAPI/HTTP, and by autodiscover."""

import collections
import http.client
import xml.etree.ElementTree as ElementTree

import pytest
from impacket import uuid
from impacket.dcerpc.v5 import epm, oxabref, transport
from impacket.dcerpc.v5.dtypes import NULL

import ldif
from mapihttp_client import Endpoint, HttpClient, Refused, basic
from mapihttp_wire import MapiHttp
from nspi_wire import NOT_FOUND, SUCCESS, Fault
from rfr_wire import NOWHERE, RFR_UUID, Rfr
from rpc_impacket import Connection
from site_nspid import Site, wait_until

BAD_STUB, OUT_OF_RANGE, DENIED = 0x6F7, 0x1C010002, 0x5
AUTH = 'auth {\n dns_name = "book.example.com"\n netbios_name = "BOOK"\n}\n'
REFERRALS = AUTH + """
referral "one.example.com" { weight = 1 }
referral "three.example.com" { weight = 3 }
referral "none.example.com" { weight = 0 }
"""
SERVERS = b"/o=Org/ou=Exchange Administrative Group/cn=Configuration/cn=Servers/cn="
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"


@pytest.fixture(scope="module")
def site(book):
    with Site(book, options=AUTH) as s:
        yield s


@pytest.fixture(scope="module")
def site_of_three(book):
    with Site(book, options=REFERRALS.replace("{ ", "{\n").replace(" }", "\n}")) as s:
        yield s


def rfr_of(site, **options):
    return Rfr(Connection(site, interface=RFR_UUID, **options))


@pytest.fixture(scope="module")
def rfr(site):
    return rfr_of(site)


def test_this_server_is_referred_to_when_no_other_is_configured(rfr):
    for user in (b"", b"/o=Org/cn=Recipients/cn=nobody"):
        answer = rfr.get_new_dsa(user)
        assert (answer.status, answer.server, answer.unused) == (SUCCESS, b"book.example.com", None)


def test_an_inner_null_is_room_for_the_answer_and_an_outer_one_is_none(rfr):
    assert rfr.get_new_dsa(server=None).server == b"book.example.com"
    answer = rfr.get_new_dsa(server=NOWHERE)
    assert (answer.status, answer.server) == (SUCCESS, None)


def test_flags_and_the_unused_string_mean_nothing(rfr):
    answer = rfr.get_new_dsa(b"x", flags=0xFFFFFFFF, unused=b"whatever")
    assert (answer.status, answer.server, answer.unused) == (SUCCESS, b"book.example.com", None)


def test_servers_are_chosen_by_weight(site_of_three):
    rfr = rfr_of(site_of_three)
    count = collections.Counter(rfr.get_new_dsa().server for _ in range(400))
    assert set(count) == {b"one.example.com", b"three.example.com"}
    assert 50 < count[b"one.example.com"] < 150


@pytest.mark.parametrize("name", [b"BOOK", b"book", b"Book.Example.Com", b"book/cn=Microsoft Private MDB"])
def test_a_server_is_found_by_its_dn_in_any_case(rfr, name):
    for dn in (SERVERS + name, (SERVERS + name).upper()):
        answer = rfr.get_fqdn(dn)
        assert (answer.status, answer.fqdn) == (SUCCESS, b"book.example.com")


@pytest.mark.parametrize("dn", [SERVERS + b"other", b"/o=Org/cn=Recipients/cn=book", b"book.example.com", SERVERS,
                                b"/cn=Servers/cn="])
def test_a_dn_of_no_server_is_not_found(rfr, dn):
    answer = rfr.get_fqdn(dn)
    assert (answer.status, answer.fqdn) == (NOT_FOUND, None)


def test_configured_servers_are_found_by_either_name(site_of_three):
    rfr = rfr_of(site_of_three)
    for name in (b"three", b"THREE.example.com", b"none"):
        assert rfr.get_fqdn(SERVERS + name).fqdn == name.split(b".")[0].lower() + b".example.com"


@pytest.mark.parametrize("arguments", [
    {"size": 9, "most": 9}, {"size": 1025}, {"most": 5000}, {"most": 20}, {"nul": b""},
    {"size": 0}, {"size": 0xFFFFFFFF, "most": 0xFFFFFFFF},
])
def test_a_size_that_does_not_fit_is_a_bad_stub(rfr, arguments):
    with pytest.raises(Fault) as fault:
        rfr.get_fqdn(SERVERS + b"book", **arguments)
    assert fault.value.status == BAD_STUB
    assert rfr.get_fqdn(SERVERS + b"book").status == SUCCESS


def test_the_longest_dn_is_taken_and_one_longer_is_not(rfr):
    assert rfr.get_fqdn(b"x" * 1023).status == NOT_FOUND
    with pytest.raises(Fault):
        rfr.get_fqdn(b"x" * 1024)


def test_a_stub_cut_anywhere_is_a_fault(rfr):
    class Recorder:
        def call(self, opnum, stub):
            self.stub = stub
            raise InterruptedError
    for name, args in (("get_new_dsa", (b"abc",)), ("get_fqdn", (SERVERS + b"book",))):
        recorder = Recorder()
        with pytest.raises(InterruptedError):
            getattr(Rfr(recorder), name)(*args)
        for size in range(len(recorder.stub)):
            with pytest.raises(Fault) as fault:
                rfr.transport.call(0 if name == "get_new_dsa" else 1, recorder.stub[:size])
            assert fault.value.status == BAD_STUB


def test_an_unknown_opnum_is_out_of_range(rfr):
    with pytest.raises(Fault) as fault:
        rfr.transport.call(2, b"")
    assert fault.value.status == OUT_OF_RANGE


def test_who_did_not_log_in_is_denied(site):
    with pytest.raises(Fault) as fault:
        rfr_of(site, level="none").get_new_dsa()
    assert fault.value.status == DENIED


def test_the_endpoint_mapper_knows_the_interface(site):
    rpc = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{site.address}[{site.port('epm')}]")
    dce = rpc.get_dce_rpc()
    dce.connect()
    binding = epm.hept_map(site.address, uuid.uuidtup_to_bin(RFR_UUID), protocol="ncacn_ip_tcp", dce=dce)
    port = int(binding.split("[")[1].rstrip("]"))
    assert port in {l["port"] for l in site.listeners.values() if l["service"] == "rpc"}


def test_impacket_gets_a_server(site):
    """Its response structure lacks the return code, which follows the two strings."""
    dce = Connection(site, interface=RFR_UUID).dce
    request = oxabref.RfrGetNewDSA()
    request["ulFlags"] = 0
    request["pUserDN"] = "/o=Org/cn=Recipients/cn=anna\0"
    request["ppszUnused"] = NULL
    request["ppszServer"] = "\0"
    answer = dce.request(request)
    assert answer["ppszServer"] == "book.example.com\0"


def test_impacket_gets_a_name_by_dn(site):
    dce = Connection(site, interface=RFR_UUID).dce
    answer = oxabref.hRfrGetFQDNFromServerDN(dce, (SERVERS + b"BOOK").decode())
    assert answer["ppszServerFQDN"].rstrip("\0") == "book.example.com"
    assert answer["ErrorCode"] == 0


# MAPI/HTTP: GetAddressBookUrl and GetMailboxUrl (MS-OXCMAPIHTTP 2.2.5.18, 2.2.5.19)

def test_the_address_book_url_is_made_of_the_name_that_the_client_used(site):
    with HttpClient(site) as client:
        answer = client.get_address_book_url("/o=Org/cn=Recipients/cn=anna")
        assert (answer.status, answer.url) == (SUCCESS, f"http://{site.address}:{site.port('http')}/mapi/nspi/")


def test_urls_are_told_without_a_session_too(site):
    outside = MapiHttp(Endpoint(site))
    assert outside.get_address_book_url("").url.endswith("/mapi/nspi/")
    assert outside.transport.cookies == {}


def test_the_mailbox_url_is_that_of_a_known_server(site):
    with HttpClient(site) as client:
        answer = client.get_mailbox_url((SERVERS + b"BOOK").decode())
        assert (answer.status, answer.url) == (SUCCESS, "https://book.example.com/mapi/emsmdb/")
        answer = client.get_mailbox_url((SERVERS + b"OTHER").decode())
        assert (answer.status, answer.url) == (NOT_FOUND, "")


def test_a_malformed_body_is_response_code_12(site):
    endpoint = Endpoint(site)
    for body in (b"", bytes(4), bytes(4) + b"x\0", bytes(4) + b"x\0\0\0", bytes(6) + b"\1\0\0\0"):
        with pytest.raises(Refused) as refused:
            endpoint.call("GetMailboxUrl", body)
        assert refused.value.code == 12


def test_urls_are_of_servers_by_weight(site_of_three):
    outside = MapiHttp(Endpoint(site_of_three))
    urls = {outside.get_address_book_url("").url for _ in range(60)}
    assert urls == {"https://one.example.com/mapi/nspi/", "https://three.example.com/mapi/nspi/"}


def test_configured_urls_win_and_a_reload_changes_them(book):
    with Site(book, options='http {\n address_book_url = "https://a.example/mapi/nspi/?MailboxId=x"\n}') as site:
        outside = MapiHttp(Endpoint(site))
        assert outside.get_address_book_url("").url == "https://a.example/mapi/nspi/?MailboxId=x"
        site.write_config('http {\n address_book_url = "https://b.example/mapi/nspi/"\n}')
        site.nspictl("reload")
        assert outside.get_address_book_url("").url == "https://b.example/mapi/nspi/"


# Autodiscover

def document(email, schema=OUTLOOK):
    return f"""<?xml version="1.0" encoding="utf-8"?>
        <Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
          <Request><EMailAddress>{email}</EMailAddress>
          <AcceptableResponseSchema>{schema}</AcceptableResponseSchema></Request></Autodiscover>"""


def discover(site, body, method="POST", path="/autodiscover/autodiscover.xml", capability="1", host=None, login=True):
    connection = http.client.HTTPConnection(site.address, site.port("http"), timeout=20)
    headers = {"Content-Type": "text/xml"}
    if login:
        headers["Authorization"] = basic()
    if capability:
        headers["X-MapiHttpCapability"] = capability
    if host:
        headers["Host"] = host
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, ElementTree.fromstring(text) if answer.status == 200 else text


def text_of(tree, *names):
    return tree.findtext("/".join(f"{{{OUTLOOK}}}{n}" for n in names))


def error_of(tree):
    return int(tree.findtext(f"{{{RESPONSE}}}Response/{{{RESPONSE}}}Error/{{{RESPONSE}}}ErrorCode"))


@pytest.fixture(scope="module")
def person(book):
    return next(e for e in ldif.read(book) if "mail" in e and "user" in e["objectclass"] and not ldif.hidden(e)
                and len(e.get("proxyaddresses", [])) > 1)


def test_autodiscover_tells_the_url_of_the_address_book(site, person):
    status, tree = discover(site, document(person["mail"][0]))
    assert status == 200
    assert text_of(tree, "Response", "User", "DisplayName") == person["displayname"][0]
    assert text_of(tree, "Response", "User", "AutoDiscoverSMTPAddress") == person["mail"][0]
    assert text_of(tree, "Response", "User", "LegacyDN").startswith("/o=")
    assert text_of(tree, "Response", "Account", "Action") == "settings"
    protocol = tree.find(f".//{{{OUTLOOK}}}Protocol")
    assert protocol.attrib == {"Type": "mapiHttp", "Version": "1"}
    url = f"http://{site.address}:{site.port('http')}/mapi/nspi/"
    assert text_of(protocol, "AddressBook", "ExternalUrl") == url
    assert text_of(protocol, "AddressBook", "InternalUrl") == url
    assert protocol.find(f"{{{OUTLOOK}}}MailStore") is None


def test_autodiscover_finds_an_entry_by_any_of_its_addresses(site, person):
    for proxy in person["proxyaddresses"]:
        if proxy.lower().startswith("smtp:"):
            _, tree = discover(site, document(proxy[5:].upper()))
            assert text_of(tree, "Response", "User", "DisplayName") == person["displayname"][0]


def test_autodiscover_tells_the_mailbox_server_that_is_configured(book, person):
    options = 'http {\n mailbox_url = "https://mail.example/mapi/emsmdb/?a=1&b=2"\n}'
    with Site(book, options=options) as site:
        _, tree = discover(site, document(person["mail"][0]))
        url = text_of(tree.find(f".//{{{OUTLOOK}}}Protocol"), "MailStore", "ExternalUrl")
        assert url == "https://mail.example/mapi/emsmdb/?a=1&b=2"


def test_a_client_without_mapi_http_is_told_the_name_of_the_server(site, person):
    _, tree = discover(site, document(person["mail"][0]), capability=None)
    protocol = tree.find(f".//{{{OUTLOOK}}}Protocol")
    assert text_of(protocol, "Type") == "EXCH" and text_of(protocol, "Server") == "book.example.com"


def test_a_host_that_is_none_gets_into_no_document(site, person):
    _, tree = discover(site, document(person["mail"][0]), host="a<b>&\"c")
    assert text_of(tree.find(f".//{{{OUTLOOK}}}Protocol"), "AddressBook", "ExternalUrl") == \
        "https://book.example.com/mapi/nspi/"


@pytest.mark.parametrize("body, error", [
    (document("nobody@nowhere.example"), 500),
    (document(""), 600),
    ("", 600), ("<Autodiscover>", 600), ("not XML", 600), ("<a>" * 100, 600),
    (document("x" * 5000), 600),
    ('<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a><EMailAddress>&c;</EMailAddress></a>', 600),
    (document("anna@example.com", "http://example.com/other"), 601),
], ids=["unknown", "none", "empty", "open", "text", "deep", "long", "entities", "schema"])
def test_what_cannot_be_answered_is_an_error_in_the_document(site, body, error):
    status, tree = discover(site, body)
    assert (status, error_of(tree)) == (200, error)


def test_an_address_that_only_begins_like_one_is_unknown(site, person):
    _, tree = discover(site, document(person["mail"][0][:-1]))
    assert error_of(tree) == 500


def test_autodiscover_wants_a_login_and_a_post(site):
    assert discover(site, document("a@b"), login=False)[0] == 401
    assert discover(site, None, method="GET")[0] == 405
    assert discover(site, document("a@b"), path="/Autodiscover/Autodiscover.xml")[0] == 200


def test_reload_changes_the_servers(book):
    with Site(book, options=AUTH) as site:
        rfr = rfr_of(site)
        assert rfr.get_new_dsa().server == b"book.example.com"
        site.write_config(options=AUTH + 'referral "new.example.com" {\n}\n')
        site.nspictl("reload")
        wait_until(lambda: rfr.get_new_dsa().server == b"new.example.com", 5, "the new server is referred to")
