"""HTTP, TLS and the logins over them: /nspid/status and /nspid/login are what every listener has."""

import os
import pathlib
import resource
import shutil
import socket
import ssl
import stat
import subprocess
import time

import pytest

from http_wire import Http, basic, end_point, nt_hash, trusting_all
from site_nspid import PASSWORD, Site, wait_until

LISTENERS = """
    listener "http" { service = http  address = "127.0.0.1"  port = 0 }
    listener "https" { service = https  address = "127.0.0.1"  port = 0 }
"""


def http_site(options="", listeners=LISTENERS, users=("anna",)):
    site = Site(users=(), start=False)
    site.write_config(options, listeners)
    for user in users:
        site.add_user(user)
    return site.start()


@pytest.fixture(scope="module")
def site():
    with http_site() as s:
        yield s


def url(site, listener="http", path="/nspid/login"):
    return f"{listener}://127.0.0.1:{site.port(listener)}{path}"


def curl(*args, env=None, input=None):
    done = subprocess.run(["curl", "-sSk", "-m", "20", *args], capture_output=True, input=input,
                          env=dict(os.environ, **(env or {})))
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


# what every listener has


@pytest.mark.parametrize("listener", ["http", "https"])
def test_anybody_may_ask_whether_it_lives(site, listener):
    assert curl(url(site, listener, "/nspid/status")) == "ok\n"


@pytest.mark.parametrize("listener,tls", [("http", "no"), ("https", "yes")])
@pytest.mark.parametrize("how", ["basic", "ntlm"])
def test_curl_logs_in(site, listener, tls, how):
    expected = f"account=anna mechanism={how} client=127.0.0.1 tls={tls}\n"
    where = url(site, listener)
    assert curl(f"--{how}", "-u", f"anna:{PASSWORD}", where) == expected
    assert curl(f"--{how}", "-u", f"anna:{PASSWORD}", "-d", "some=body", where) == expected
    assert curl(f"--{how}", "-u", f"EXAMPLE\\anna:{PASSWORD}", where) == expected


@pytest.mark.parametrize("listener,tls", [("http", "no"), ("https", "yes")])
def test_curl_negotiates_with_ntlm_inside(site, listener, tls):
    users = site.dir / "ntlm-users"
    users.write_text(f"EXAMPLE:anna:{PASSWORD}\n")
    said = curl("--negotiate", "-u", ":", url(site, listener), env={"NTLM_USER_FILE": str(users)})
    assert said == f"account=anna mechanism=ntlm client=127.0.0.1 tls={tls}\n"


@pytest.mark.parametrize("how", ["basic", "ntlm"])
def test_a_wrong_password_is_refused(site, how):
    site.add_user(f"wrong-{how}")
    said = curl(f"--{how}", "-u", f"wrong-{how}:no", "-o", "/dev/null", "-w", "%{http_code}", url(site))
    assert said == "401"


def test_wrong_passwords_of_basic_are_told_and_slow_the_pair_down():
    with http_site("auth {\nlogin_delay_max = 2s\n}", users=("anna", "berta")) as site:
        def ask(user, password):
            began = time.monotonic()
            with Http(site.port("http")) as c:
                return c.ask(headers=[basic(user, password)]).status, time.monotonic() - began

        tries = [ask("anna", "wrong") for _ in range(6)]
        assert [status for status, _ in tries] == [401] * 6
        assert tries[0][1] < 0.2 < 0.5 < max(took for _, took in tries)
        assert ask("anna", PASSWORD)[0] == 200
        assert ask("berta", PASSWORD)[1] < 0.2
        told = [line for line in site.log().splitlines() if "event=2008" in line]
        assert told and "account=anna" in told[0] and "wrong password" in told[0], site.log()


def test_a_large_body_comes_through_both_logins_and_in_chunks(site):
    body = os.urandom(900000)
    for how in ("basic", "ntlm"):
        for more in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]):
            said = curl(f"--{how}", "-u", f"anna:{PASSWORD}", "--data-binary", "@-", *more, url(site, "https"),
                        input=body)
            assert said.startswith(f"account=anna mechanism={how}")


# connections and messages


def test_a_connection_serves_many_requests(site):
    with Http(site.port("http")) as c:
        for _ in range(1000):
            assert c.ask("/nspid/status").body == b"ok\n"


def test_pipelined_requests_are_answered_in_order(site):
    with Http(site.port("http")) as c:
        c.send("GET /nspid/status HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
               "HEAD /nspid/status HTTP/1.1\r\nHost: a\r\n\r\n")
        assert [c.response().status, c.response().status, c.response("HEAD").status] == [200, 404, 200]


@pytest.mark.parametrize("listener", ["http", "https"])
def test_a_request_is_read_byte_by_byte(site, listener):
    with Http(site.port(listener), tls=trusting_all() if listener == "https" else None) as c:
        for byte in f"POST /nspid/login HTTP/1.1\r\nHost: a\r\n{basic('anna', PASSWORD)}\r\n" \
                    "Content-Length: 4\r\n\r\nbody":
            c.send(byte)
        assert c.response().status == 200


SECOND = "GET /nspid/status HTTP/1.1\r\nHost: a\r\n\r\n"

SMUGGLING = [
    f"POST /nspid/login HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: {len(SECOND)}\r\n\r\n",
    f"POST /nspid/login HTTP/1.1\r\nHost: a\r\nContent-Length: {len(SECOND)}\r\nTransfer-Encoding: chunked\r\n\r\n"
    "0\r\n\r\n",
    "POST /nspid/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
    "POST /nspid/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n",
    "POST /nspid/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "POST /nspid/login HTTP/1.1\r\nHost: a\r\nContent-Length : 0\r\n\r\n",
    "POST /nspid/login HTTP/1.1\r\nHost: a\r\nX: y\r\n Content-Length: 0\r\n\r\n",
    "POST /nspid/login HTTP/1.1\nHost: a\n\n",
    "GET /nspid/status HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
    "GET /nspid/status HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
    "GET /nspid/status HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET /nspid/status HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize("text", SMUGGLING)
def test_what_could_be_read_in_two_ways_ends_the_connection(site, text):
    with Http(site.port("http")) as c:
        c.send(text + SECOND)
        assert c.response().status in (400, 501)
        assert c.closed()


def test_a_body_beyond_its_limit_ends_the_connection(site):
    with Http(site.port("http")) as c:
        c.send(f"POST /nspid/login HTTP/1.1\r\nHost: a\r\n{basic('anna', PASSWORD)}\r\nContent-Length: 5000000\r\n\r\n")
        assert c.response().status == 413
        assert c.closed()


def test_slow_senders_are_cut_off_and_others_served():
    options = "http {\n head_timeout = 500ms\n body_timeout = 500ms\n idle_timeout = 500ms\n}"
    with http_site(options) as site:
        silent, head, body, idle = (Http(site.port("http")) for _ in range(4))
        head.send("GET /nspid/sta")
        body.send(f"POST /nspid/login HTTP/1.1\r\nHost: a\r\n{basic('anna', PASSWORD)}\r\nContent-Length: 9\r\n\r\nx")
        assert idle.ask("/nspid/status").status == 200
        assert silent.closed() and idle.closed()
        assert head.response().status == 408 and head.closed()
        assert body.response().status == 408 and body.closed()
        with Http(site.port("http")) as other:
            assert other.ask("/nspid/status").status == 200


def test_a_slow_tls_handshake_is_cut_off():
    with http_site("http {\n head_timeout = 500ms\n}") as site:
        with Http(site.port("https")) as c:
            c.send(b"\x16\x03\x01\x02\x00\x01")
            start = time.monotonic()
            assert c.closed()
            assert time.monotonic() - start < 5


class TlsInPieces:
    """TLS over a connection whose bytes the test sends itself, so many at a time."""

    def __init__(self, c, step=65536):
        self.c, self.step = c, step
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = trusting_all().wrap_bio(self.incoming, self.outgoing)
        c.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.finish(lambda: self.tls.do_handshake() or True)

    def flush(self):
        sealed = self.outgoing.read()
        for i in range(0, len(sealed), self.step):
            self.c.send(sealed[i:i + self.step])

    def finish(self, action, *args):
        while True:
            try:
                result = action(*args)
            except ssl.SSLWantReadError:
                result = None
            self.flush()
            if result is not None:
                return result
            self.incoming.write(self.c.sock.recv(65536))


@pytest.mark.parametrize("step", [1, 7, 100])
def test_tls_is_read_in_pieces_of_any_size(site, step):
    with Http(site.port("https")) as c:
        pieces = TlsInPieces(c, step)
        pieces.finish(pieces.tls.write, SECOND.encode())
        assert pieces.finish(pieces.tls.read, 65536).endswith(b"ok\n")


MANY = 50  # more than a connection may have answered before others have their turn


def test_requests_are_answered_although_the_client_has_nothing_more_to_say(site):
    with Http(site.port("http")) as c:
        c.send(SECOND * MANY)
        c.sock.shutdown(socket.SHUT_WR)
        assert [c.response().body for _ in range(MANY)] == [b"ok\n"] * MANY
        assert c.closed()


def test_requests_are_answered_although_the_client_has_said_so_in_tls(site):
    with Http(site.port("https")) as c:
        pieces, answers = TlsInPieces(c), b""
        pieces.tls.write(SECOND.encode() * MANY)
        with pytest.raises(ssl.SSLWantReadError):
            pieces.tls.unwrap()
        pieces.flush()
        while piece := c.sock.recv(65536):
            pieces.incoming.write(piece)
        with pytest.raises(ssl.SSLZeroReturnError):
            while True:
                answers += pieces.tls.read(65536)
        assert answers.count(b"\r\n\r\nok\n") == MANY


def test_rubbish_instead_of_tls_ends_the_connection(site):
    with Http(site.port("https")) as c:
        c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        while c._fill():
            pass
    assert curl(url(site, "https", "/nspid/status")) == "ok\n"


@pytest.mark.parametrize("listener", ["http", "https"])
def test_a_client_that_does_not_read_is_cut_off(listener):
    with http_site("timeouts {\n write = 500ms\n}") as site:
        with Http(site.port(listener), tls=trusting_all() if listener == "https" else None) as c:
            c.sock.settimeout(1)
            with pytest.raises(OSError):
                for _ in range(100000):
                    c.send(SECOND * 100)
        assert curl(url(site, path="/nspid/status")) == "ok\n"


def test_ten_thousand_connections_that_say_nothing():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 10500:
        pytest.skip("too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    connections = []
    try:
        with http_site() as site:
            connections = [Http(site.port("http")) for _ in range(10000)]
            with Http(site.port("http")) as c:
                start = time.monotonic()
                assert c.ask("/nspid/status").status == 200
                assert time.monotonic() - start < 2
            pages = int(pathlib.Path(f"/proc/{site.process.pid}/statm").read_text().split()[1])
            assert pages * 4096 < 200e6
    finally:
        for c in connections:
            c.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# logins


def test_a_login_belongs_to_its_connection(site):
    with Http(site.port("http")) as c, Http(site.port("http")) as other:
        assert c.log_in("anna", PASSWORD).status == 200
        assert c.ask().body.startswith(b"account=anna mechanism=ntlm")
        assert other.ask().status == 401
        assert c.log_in("anna", "wrong").status == 401
        assert c.ask().status == 401


def test_a_new_password_is_in_force_at_once(site):
    site.add_user("dora", "one")
    with Http(site.port("https"), tls=trusting_all()) as c:
        assert c.ask(headers=[basic("dora", "one")]).status == 200
        site.nspictl("user", "passwd", "dora", "--stdin", input="two\n")
        assert c.ask(headers=[basic("dora", "one")]).status == 401
        assert c.ask(headers=[basic("dora", "two")]).status == 200
        site.nspictl("user", "disable", "dora")
        assert c.ask(headers=[basic("dora", "two")]).status == 401


def test_without_ntlm_no_nt_hash_is_kept_and_basic_goes_on():
    with http_site() as site:
        store = site.dir / "state/store.mdb"
        assert nt_hash(PASSWORD) in store.read_bytes()
        site.stop()
        site.write_config("auth {\n ntlm = no\n}", LISTENERS)
        site.start()
        site.add_user("emil", "another password")
        assert nt_hash("another password") not in store.read_bytes()
        offers = Http(site.port("http")).ask().all("WWW-Authenticate")
        assert len(offers) == 1 and offers[0].startswith("Basic")
        for user, password in (("anna", PASSWORD), ("emil", "another password")):
            with Http(site.port("http")) as c:
                assert c.ask(headers=[basic(user, "wrong")]).status == 401
                assert c.ask(headers=[basic(user, password)]).status == 200
                start = time.monotonic()
                for _ in range(100):
                    assert c.ask(headers=[basic(user, password)]).status == 200
                assert time.monotonic() - start < 1, "what proved right is remembered"


def test_forwarded_headers_are_believed_of_proxies_alone():
    forwarded = ["X-Forwarded-For: 10.9.9.9, 198.51.100.7", "X-Forwarded-Proto: https", basic("anna", PASSWORD)]
    with http_site() as site, Http(site.port("http")) as c:
        assert b"client=127.0.0.1 tls=no" in c.ask(headers=forwarded).body
        site.write_config('http {\n proxies = { "127.0.0.0/8" }\n}', LISTENERS)
        site.reload()
        wait_until(lambda: "reloaded" in site.log())
        assert b"client=198.51.100.7 tls=yes" in c.ask(headers=forwarded).body
        plain = [forwarded[0], "X-Forwarded-Proto: http", forwarded[2]]
        assert c.ask(headers=plain).status == 403


def test_a_proxy_that_is_no_address_is_told_by_the_check():
    with Site(users=(), start=False) as site:
        site.write_config('http {\n proxies = { "everybody" }\n}', LISTENERS)
        done = subprocess.run([site.build / "src/main/nspid", "-c", site.config, "--check"], capture_output=True)
        assert done.returncode and b"everybody" in done.stderr


# TLS


def certificate_of(c):
    return c.sock.getpeercert(binary_form=True)


def make_certificate(directory, name):
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-sha256", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def test_a_certificate_is_made_at_the_first_start_and_stays():
    with http_site() as site:
        made = site.dir / "state/self-signed.pem"
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
        assert "signed by itself" in site.log()
        with Http(site.port("https"), tls=trusting_all()) as c:
            first = certificate_of(c)
        trusting = ssl.create_default_context(cafile=made)
        with Http(site.port("https"), address="localhost", tls=trusting) as c:
            assert c.ask("/nspid/status").status == 200
        site.stop()
        site.start()
        with Http(site.port("https"), tls=trusting_all()) as c:
            assert certificate_of(c) == first


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_of_tls_are_spoken(site, version):
    context = trusting_all()
    context.minimum_version = context.maximum_version = version
    with Http(site.port("https"), tls=context) as c:
        assert c.ask("/nspid/status").status == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_older_versions_of_tls_are_refused(site):
    context = trusting_all()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        Http(site.port("https"), tls=context)


@pytest.fixture
def certified():
    site = Site(users=(), start=False)
    with site:
        certificate, key = make_certificate(site.dir, "one")
        site.write_config("", f"""
            listener "https" {{ service = https  address = "127.0.0.1"  port = 0
                certificate = "{certificate}"  key = "{key}" }}
        """.replace("\n                cert", "  cert"))
        site.add_user("anna")
        yield site.start()


def reload_and_wait(site, said):
    before = site.log().count(said)
    site.reload()
    wait_until(lambda: site.log().count(said) > before, what=said)


def test_a_new_certificate_is_taken_without_losing_a_connection(certified):
    new_certificate, new_key = make_certificate(certified.dir, "two")
    with Http(certified.port("https"), tls=trusting_all()) as old:
        first = certificate_of(old)
        assert old.log_in("anna", PASSWORD).status == 200
        shutil.copy(new_certificate, certified.dir / "one.pem")
        shutil.copy(new_key, certified.dir / "one.key")
        reload_and_wait(certified, "reloaded")
        with Http(certified.port("https"), tls=trusting_all()) as c:
            assert certificate_of(c) != first
        assert old.ask().status == 200


@pytest.mark.parametrize("spoil", [lambda d: shutil.copy(d / "two.key", d / "one.key"),
                                   lambda d: (d / "one.key").write_text("rubbish"),
                                   lambda d: (d / "one.pem").write_text(""),
                                   lambda d: (d / "one.pem").unlink()])
def test_a_certificate_that_is_no_good_is_told_and_the_old_one_stays(certified, spoil):
    make_certificate(certified.dir, "two")
    with Http(certified.port("https"), tls=trusting_all()) as c:
        first = certificate_of(c)
    spoil(certified.dir)
    reload_and_wait(certified, 'listener "https"')
    assert "/one." in certified.log()
    with Http(certified.port("https"), tls=trusting_all()) as c:
        assert certificate_of(c) == first
        assert c.ask("/nspid/status").status == 200


def test_a_certificate_that_is_no_good_stops_the_start(certified):
    certified.stop()
    (certified.dir / "one.key").write_text("rubbish")
    certified.start(wait=False)
    assert certified.process.wait(10) != 0
    assert "one.key" in certified.log()
    certified.process = None


def test_an_expired_certificate_is_told(certified):
    (certified.dir / "index").write_text("")
    (certified.dir / "ca.conf").write_text(f'''[ca]
default_ca = c
[c]
database = {certified.dir}/index
new_certs_dir = {certified.dir}
rand_serial = yes
default_md = sha256
policy = p
[p]
commonName = supplied
''')
    request = certified.dir / "request"
    subprocess.run(["openssl", "req", "-new", "-key", certified.dir / "one.key", "-subj", "/CN=old", "-out", request],
                   check=True, capture_output=True)
    subprocess.run(["openssl", "ca", "-batch", "-selfsign", "-config", certified.dir / "ca.conf", "-notext",
                    "-startdate", "20200101000000Z", "-enddate", "20210101000000Z", "-in", request,
                    "-keyfile", certified.dir / "one.key", "-out", certified.dir / "one.pem"],
                   check=True, capture_output=True)
    reload_and_wait(certified, "has expired")
    with Http(certified.port("https"), tls=trusting_all()) as c:
        assert c.ask("/nspid/status").status == 200


@pytest.mark.parametrize("protection,bound,status", [
    ("off", "other", 200), ("accept", None, 200), ("accept", "this", 200), ("accept", "other", 401),
    ("require", None, 401), ("require", "this", 200), ("require", "other", 401)])
def test_extended_protection_binds_a_login_to_its_channel(protection, bound, status):
    with http_site(f"http {{\n extended_protection = {protection}\n}}") as site:
        with Http(site.port("https"), tls=trusting_all()) as c:
            channels = {None: None, "this": end_point(certificate_of(c)), "other": end_point(b"another")}
            assert c.log_in("anna", PASSWORD, channels[bound]).status == status
