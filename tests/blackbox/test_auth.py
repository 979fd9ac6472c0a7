"""Who gets in: levels, anonymous and unauthenticated callers, names and domains, wrong passwords."""

import time

import pytest

from nspi_wire import LOGON_FAILED, SUCCESS, Nspi
from rpc_impacket import Client, Connection, map_endpoint
from site_nspid import PASSWORD, Site


@pytest.mark.parametrize("level", ["connect", "integrity", "privacy"])
def test_every_level_browses(site, level):
    with Client(site, level=level) as client:
        assert len(client.query_rows(count=200).rows) == 200 - hidden(site)
        assert client.unbind().status == 1


def hidden(site):
    rows = Client(site).query_rows(count=1000).rows
    return 200 - len(rows)


def test_an_unauthenticated_caller_gets_logon_failed(site):
    connection = Connection(site, level="none")
    answer = Nspi(connection).bind()
    assert (answer.status, answer.guid, answer.handle) == (LOGON_FAILED, None, bytes(20))
    assert any("event=2002" in l for l in site.log().splitlines())


def test_anonymous_ntlm_is_refused_by_default(site):
    with pytest.raises(Exception):
        Client(site, user="", password="")


def test_anonymous_read_lets_everybody_browse(book):
    with Site(book, options="auth {\nanonymous = read\n}") as site:
        client = Client(site, level="none")
        assert client.query_rows(count=10).status == SUCCESS


@pytest.mark.parametrize("user,domain", [("anna", ""), ("ANNA", "WHATEVER"), ("anna@example.com", "")])
def test_every_domain_name_means_the_local_accounts(site, user, domain):
    assert Client(site, user=user, domain=domain).query_rows(count=1).status == SUCCESS


def test_a_mapped_domain_that_is_not_accepted_is_unknown(book):
    with Site(book, options='domain "GOOD" {\naccept = yes\n}\ndomain "BAD" {\naccept = no\n}') as site:
        assert Client(site, domain="GOOD").query_rows(count=1).status == SUCCESS
        with pytest.raises(Exception):
            Client(site, domain="BAD")


def test_wrong_passwords_in_a_row_slow_the_pair_down_but_lock_nobody(book):
    with Site(book, options="auth {\nlogin_delay_max = 2s\n}") as site:
        def attempt(password):
            start = time.monotonic()
            try:
                Client(site, password=password).close()
                return time.monotonic() - start, True
            except Exception:
                return time.monotonic() - start, False
        waits = [attempt("wrong") for _ in range(6)]
        assert not any(ok for _, ok in waits)
        assert max(w for w, _ in waits) > 0.5
        assert attempt(PASSWORD)[1]
        assert Client(site, user="berta").query_rows(count=1).status == SUCCESS


def test_with_ntlm_off_nobody_logs_in(book):
    with Site(book, options="auth {\nntlm = no\n}") as site:
        with pytest.raises(Exception):
            Client(site)


def test_the_endpoint_mapper_tells_the_port(site):
    assert map_endpoint(site) in {l["port"] for l in site.listeners.values()}


def test_ipv6_serves_as_ipv4_does(site):
    with Client(site, address="::1", port=site.port("rpc6")) as client:
        assert client.query_rows(count=5).status == SUCCESS
        assert any(s["client"] == "::1" for s in site.sessions())
