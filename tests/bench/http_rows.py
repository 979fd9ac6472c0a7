"""Rows of MAPI over HTTP: beside the echo server, in clear and over TLS, and beside nginx that serves a file of the same
size. Clients log in by NTLM, once a connection."""

import json
import shutil

import requests
from servers import Nginx, RawEcho
from site_nspid import PASSWORD

LOGIN = ["--login", f"anna:{PASSWORD}"]
TLS = {"http": [], "https": ["--tls"]}


class HttpRows:
    def __init__(self, bench, size, site, sample):
        self.bench, self.size, self.site, self.sample = bench, size, site, sample
        self.over = requests.over_http(site)

    def all(self):
        for listener, goal in (("http", 0.36), ("https", 0.60)):
            if self.bench.wants(f"{listener}-queryrows"):
                self.pages(listener, goal)
        for listener, goal in (("http", 0.50), ("https", None)):
            if self.bench.wants(f"{listener}-resolve"):
                self.beside_echo("resolve", listener, requests.resolves(self.sample, self.over), goal)
        if self.bench.wants("http-sessions"):
            # A Bind and an Unbind are two calls.
            self.beside_echo("sessions", "http", requests.sessions(self.over), 0.45, [], "--in-turn")

    def pages(self, listener, goal):
        made = requests.pages(self.sample, over=self.over)
        path, reply = self.beside_echo("queryrows", listener, made, goal)
        if not shutil.which(Nginx.PROGRAM):
            return
        page = self.bench.file("nginx", requests.gets("/page"))
        with Nginx(reply, self.site.certificate()) as nginx:
            self.bench.pairs(f"{listener}-queryrows-nginx", self.size, self.site, lambda: self.load(path, listener),
                             nginx, lambda: self.bench.load(nginx, page, listener, ["--http", *TLS[listener]]), None)

    def load(self, path, listener, *options, seconds=None):
        return self.bench.load(self.site, path, listener, ["--http", *TLS[listener], *LOGIN, *options],
                               seconds=seconds)

    def beside_echo(self, name, listener, made, goal, setup=None, *options):
        """The echo server gets as many bytes, and answers with as many, behind heads of its own."""
        path = self.bench.file(name, made, self.over.setup() if setup is None else setup)
        blank = self.bench.file("blank", requests.blanks(made))
        reply = json.loads(self.load(path, listener, *options, seconds=0.2))["reply"]
        certificate = self.site.certificate() if listener == "https" else None
        with RawEcho(self.bench.build, reply, certificate) as raw:
            self.bench.pairs(f"{listener}-{name}", self.size, self.site, lambda: self.load(path, listener, *options),
                             raw, lambda: self.bench.load(raw, blank, options=TLS[listener]), goal)
        return path, reply
