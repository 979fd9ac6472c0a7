"""nspi over MAPI/HTTP: the same output as over RPC, logins, certificates."""

import http.server
import json
import shutil
import subprocess
import threading

import pytest

from site_nspid import PASSWORD, Site

USAGE, REFUSED, NETWORK = 1, 2, 4


@pytest.fixture(scope="module")
def site(book):
    with Site(book) as s:
        yield s


def nspi(site, *args, url=None, user="anna", password=PASSWORD, **options):
    options.setdefault("check", False)
    return site.run("nspi", "--http", url or f"http://{site.address}:{site.port('http')}/mapi/nspi/", "-u", user, *args,
                    env={"NSPI_PASSWORD": password}, **options)


def https(site, path="/mapi/nspi/", host="127.0.0.1"):
    return f"https://{host}:{site.port('https')}{path}"


@pytest.mark.parametrize("command", [
    ["lists"], ["browse", "--count", "20"], ["browse", "--all", "--from", "M"], ["resolve", "martin", "nobody at all"],
    ["browse", "--position", "50", "--count", "5"],
])
def test_the_output_is_the_same_as_over_rpc(site, command):
    over_rpc = site.nspi(*command, "--json", server=f"{site.address}:{site.port('rpc')}", check=False)
    over_http = nspi(site, *command, "--json")
    assert (over_http.returncode, over_http.stdout) == (over_rpc.returncode, over_rpc.stdout)
    assert json.loads(over_http.stdout)


@pytest.mark.parametrize("auth", ["ntlm", "spnego", "basic"])
def test_every_login_works_in_clear_from_this_host_and_over_tls(site, auth):
    for options in ({}, {"url": https(site)}):
        done = nspi(site, "--auth", auth, "--insecure", "lists", **options)
        assert done.returncode == 0, done.stderr
        done = nspi(site, "--auth", auth, "--insecure", "lists", password="wrong", **options)
        assert done.returncode == REFUSED and "does not accept the login" in done.stderr
    assert site.sessions() == []


def test_without_a_login_there_is_no_session(site):
    done = nspi(site, "--auth", "none", "lists")
    assert done.returncode == REFUSED and "does not accept the login" in done.stderr


def test_a_certificate_is_checked_unless_told_otherwise(site):
    done = nspi(site, "lists", url=https(site))
    assert done.returncode == NETWORK and "certificate is not to be trusted: self-signed" in done.stderr
    ca = site.dir / "state/self-signed.pem"
    done = nspi(site, "--ca", ca, "lists", url=https(site, host="localhost"))
    assert done.returncode == 0, done.stderr
    done = nspi(site, "--ca", "/nonexistent.pem", "lists", url=https(site))
    assert done.returncode == NETWORK and "/nonexistent.pem" in done.stderr


def test_a_login_over_tls_is_bound_to_the_channel(book):
    with Site(book, options="http {\n extended_protection = require\n}") as site:
        assert nspi(site, "--insecure", "lists", url=https(site)).returncode == 0


def test_the_limit_is_probed_over_http(site):
    done = nspi(site, "probe", "--max", "60", "--json")
    result = json.loads(done.stdout)
    assert (result["granted"], result["refused"], result["status"]) == (50, True, 0x80040111)
    assert site.sessions() == []
    done = nspi(site, "probe", "--max", "60", "--per-connection", "60", "--json")
    assert json.loads(done.stdout)["granted"] == 50
    assert site.sessions() == []


@pytest.mark.parametrize("url", ["mail.example", "ftp://mail.example", "https://", "https:///x", "https://x:99999/"])
def test_what_is_no_url_is_a_usage_error(site, url):
    assert nspi(site, "lists", url=url).returncode == USAGE


def test_bench_and_basic_over_rpc_are_usage_errors(site):
    assert nspi(site, "bench").returncode == USAGE
    done = site.nspi("--auth", "basic", "lists", check=False)
    assert done.returncode == USAGE and "--auth basic is for --http" in done.stderr


def test_another_path_is_refused_with_the_servers_reason(site):
    url = f"http://{site.address}:{site.port('http')}"
    done = nspi(site, "lists", url=url + "/mapi/emsmdb/")
    assert done.returncode == REFUSED and "X-ResponseCode 3 (Invalid Path)" in done.stderr
    done = nspi(site, "--auth", "basic", "lists", url=url + "/elsewhere/")
    assert done.returncode == REFUSED and "HTTP status 404" in done.stderr


class Liar(http.server.BaseHTTPRequestHandler):
    """Answers every POST with what the test has put in answer: (headers, body)."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        headers, body = self.server.answer
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


GOOD = {"X-ResponseCode": "0"}
BODY = b"PROCESSING\r\nDONE\r\nX-ElapsedTime: 1\r\n\r\n"


@pytest.mark.parametrize("headers, body, message", [
    ({}, b"hello", "no MAPI over HTTP is spoken there"),
    (GOOD, b"", "cut short"), (GOOD, b"PROCESSING\r\nDONE\r\n", "cut short"),
    (GOOD, BODY, "malformed"), (GOOD, BODY + bytes(27), "malformed"),
    (GOOD, BODY + b"\1" + bytes(27), "malformed"),
    ({"X-ResponseCode": "10"}, b"", "X-ResponseCode 10 (Context Not Found)"),
    ({"X-ResponseCode": "99"}, b"", "X-ResponseCode 99 (unknown)"),
    (GOOD, b"PROCESSING\r\nDONE\r\nX-ResponseCode: 1\r\n\r\n", "X-ResponseCode 1 (Unknown Failure)"),
])
def test_a_server_that_answers_nonsense_is_told_off(site, headers, body, message):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    server.answer = headers, body
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        done = nspi(site, "--auth", "basic", "lists", url=f"http://127.0.0.1:{server.server_address[1]}/")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert done.returncode in (REFUSED, NETWORK)
    assert message in done.stderr


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl_gets_a_session_by_each_login(site, tmp_path):
    body = tmp_path / "bind"
    body.write_bytes(bytes.fromhex("00000000ff" + "00" * 24 + "e40400000904000009040000" + "00000000"))
    for login in ("--basic", "--ntlm"):
        done = site_curl(site, login, body)
        assert "X-ResponseCode: 0" in done and "MapiContext=" in done, done


def site_curl(site, login, body):
    return subprocess.run(
        ["curl", "-s", "-k", "-i", login, "-u", f"anna:{PASSWORD}", "-H", "Content-Type: application/mapi-http",
         "-H", "X-RequestType: Bind", "-H", "X-RequestId: {E2EA6C1C-E61B-49E9-9CFB-38184F907552}:1",
         "--data-binary", f"@{body}", https(site)], capture_output=True, timeout=20).stdout.decode("latin-1")
