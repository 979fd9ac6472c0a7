"""nginx and HAProxy in front, set up as docs/operations.md says, and what goes wrong when they are not."""

import shutil
import subprocess

import pytest

from http_wire import Http, basic, end_point, trusting_all
from site_nspid import PASSWORD, free_port, wait_until
from test_http import http_site, make_certificate

CLIENT, OTHER_CLIENT = "127.0.0.5", "127.0.0.6"

NGINX = """
daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/nginx.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/f;
    uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
    upstream nspid {{ server 127.0.0.1:{backend}; {upstream} }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate}; ssl_certificate_key {key};
        location / {{
            proxy_pass http://nspid;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_buffering off;
            proxy_read_timeout 120s;
        }}
    }}
}}
"""

HAPROXY = """
defaults
    timeout connect 5s
    timeout client 120s
    timeout server 120s
frontend book
    mode {mode}
    bind 127.0.0.1:{port} {bind}
    default_backend nspid
backend nspid
    mode {mode}
    {backend_options}
    server one 127.0.0.1:{backend}
"""

HAPROXY_HTTP = """option forwardfor
    http-request set-header X-Forwarded-Proto https
    http-reuse never"""


class Proxy:
    def __init__(self, site, command, text):
        self.port = free_port()
        self.certificate, self.key = make_certificate(site.dir, "proxy")
        both = site.dir / "both.pem"
        both.write_text(self.certificate.read_text() + self.key.read_text())
        config = site.dir / "proxy.conf"
        config.write_text(text(dict(dir=site.dir, port=self.port, certificate=self.certificate, key=self.key,
                                    both=both, backend=site.port("http"), tls_backend=site.port("https"))))
        self.log = open(site.dir / "proxy.log", "wb")
        self.process = subprocess.Popen([*command, config], stdout=self.log, stderr=self.log)
        try:
            wait_until(self._listens, what="the proxy listens")
        except BaseException:
            self.close()
            raise AssertionError((site.dir / "proxy.log").read_text())

    def _listens(self):
        try:
            return Http(self.port).close() or True
        except ConnectionRefusedError:
            return False

    def client(self, address=CLIENT):
        return Http(self.port, tls=trusting_all(), source=address)

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def program(name):
    path = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not path:
        pytest.skip(f"{name} is not installed")
    return path


def nginx(site, upstream=""):
    return Proxy(site, [program("nginx"), "-p", site.dir, "-c"], lambda v: NGINX.format(**v, upstream=upstream))


def haproxy_http(site):
    return Proxy(site, [program("haproxy"), "-db", "-f"],
                 lambda v: HAPROXY.format(**v, mode="http", bind=f"ssl crt {v['both']}",
                                          backend_options=HAPROXY_HTTP))


def haproxy_tcp(site):
    return Proxy(site, [program("haproxy"), "-db", "-f"],
                 lambda v: HAPROXY.format(**{**v, "backend": v["tls_backend"]}, mode="tcp", bind="",
                                          backend_options=""))


def site_behind_proxy(more=""):
    return http_site(f'http {{\n proxies = {{ "127.0.0.1" }}\n {more}\n}}')


@pytest.mark.parametrize("proxy", [nginx, haproxy_http])
def test_basic_through_a_proxy_is_of_the_client_behind_it(proxy):
    with site_behind_proxy() as site, proxy(site) as p, p.client() as c:
        for _ in range(3):
            assert c.ask(headers=[basic("anna", PASSWORD)]).body == \
                b"account=anna mechanism=basic client=127.0.0.5 tls=yes\n"
        assert c.ask("/nspid/login").status == 401


@pytest.mark.parametrize("proxy", [nginx, haproxy_http])
def test_what_a_client_says_of_its_address_is_not_believed(proxy):
    with site_behind_proxy() as site, proxy(site) as p, p.client() as c:
        said = c.ask(headers=[basic("anna", PASSWORD), "X-Forwarded-For: 10.1.1.1"]).body
        assert b"client=127.0.0.5 " in said


@pytest.mark.parametrize("proxy", [nginx, haproxy_http])
def test_ntlm_is_not_offered_through_a_proxy_unless_it_is_allowed(proxy):
    with site_behind_proxy() as site, proxy(site) as p, p.client() as c:
        offers = c.ask().all("WWW-Authenticate")
        assert len(offers) == 1 and offers[0].startswith("Basic")


def test_ntlm_goes_through_haproxy_that_keeps_clients_apart():
    with site_behind_proxy("proxy_ntlm = yes") as site, haproxy_http(site) as p:
        with p.client() as c, p.client() as other:
            assert c.log_in("anna", PASSWORD).body == b"account=anna mechanism=ntlm client=127.0.0.5 tls=yes\n"
            assert other.ask().status == 401
            assert c.ask().status == 200


def test_ntlm_fails_through_nginx_that_opens_a_connection_a_request():
    with site_behind_proxy("proxy_ntlm = yes") as site, nginx(site) as p, p.client() as c:
        assert c.log_in("anna", PASSWORD).status == 401


def test_a_login_is_not_another_clients_when_nginx_shares_a_connection():
    """What must not be done: proxy_ntlm with `keepalive`. Another address gets nothing by it."""
    with site_behind_proxy("proxy_ntlm = yes") as site, nginx(site, "keepalive 1;") as p:
        with p.client() as c, p.client(OTHER_CLIENT) as other:
            assert c.log_in("anna", PASSWORD).status == 200
            assert other.ask().status == 401


def test_tls_that_ends_at_nspid_carries_everything():
    with http_site("http {\n extended_protection = require\n}") as site, haproxy_tcp(site) as p, p.client() as c:
        channel = end_point(c.sock.getpeercert(binary_form=True))
        assert c.log_in("anna", PASSWORD, channel).body == b"account=anna mechanism=ntlm client=127.0.0.1 tls=yes\n"


def test_a_request_smuggled_past_the_proxy_is_refused():
    with site_behind_proxy() as site, haproxy_http(site) as p, p.client() as c:
        c.send("POST /nspid/login HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
               "0\r\n\r\nGET /nspid/status HTTP/1.1\r\nHost: a\r\n\r\n")
        assert c.response().status in (400, 401)
