"""The servers that are compared, each a process of its own on loopback, and what /proc tells about them."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from ldap_wire import Ldap
from site_nspid import Site, free_port, wait_until

SERVER_CORE, CLIENT_CORE = (1, 0) if (os.cpu_count() or 1) > 1 else (0, 0)

# Ten address lists, and with the default one three sort orders.
DEPARTMENTS = ["Sales", "Marketing", "Finance", "Human Resources", "Engineering", "Research", "Support", "Logistics",
               "Legal", "Information Technology"]
NSPID_OPTIONS = """
loops = 1
log_level = error
auth {
anonymous = read
}
sessions {
per_user = unlimited
}
directory {
locales = { "de-DE", "fr-FR" }
}
""" + "".join(f"""
list "{department}" {{
filter = "(department={department})"
}}
""" for department in DEPARTMENTS)


class Process:
    def __init__(self, pid):
        self.pid = pid

    def tasks(self):
        return [int(t) for t in os.listdir(f"/proc/{self.pid}/task")]

    def run_on(self, cores):
        for task in self.tasks():
            with contextlib.suppress(ProcessLookupError):  # a thread may have ended meanwhile
                os.sched_setaffinity(task, cores)

    def pin(self, core=SERVER_CORE):
        self.run_on({core})

    def unpin(self):
        self.run_on(range(os.cpu_count()))

    def cpu_seconds(self):
        """Of all threads, to the nanosecond."""
        total = 0
        for task in self.tasks():
            with open(f"/proc/{self.pid}/task/{task}/schedstat") as f:
                total += int(f.read().split()[0])
        return total / 1e9

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/smaps_rollup") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("Rss:")) * 1024


class Nspid(Site):
    """book None: an empty one. Its port may be asked for by the name of a listener."""

    def __init__(self, build, book=None, pinned=True):
        super().__init__(book, users=("anna",), build=build, options=NSPID_OPTIONS)
        self.measured = Process(self.process.pid)
        if pinned:
            self.measured.pin()

    READY_SECONDS = 300  # a book may have to be built first

    def wait_for_orders(self):
        """Made beside the running server."""
        wait_until(lambda: all(o["state"] == "ready" for o in self.nspictl_json("orders")), 300, "all orders are made")

    def start_again(self):
        """With all orders, and of the file that a start is quick with."""
        self.wait_for_orders()
        self.stop()
        self.start()
        self.measured = Process(self.process.pid)

    def certificate(self):
        """With its key, which it made itself."""
        return next((self.dir / "state").glob("*.pem"))

    def nspictl(self, *args, **options):
        return super().nspictl(*args, **dict({"timeout": 3600}, **options))

    def bench(self, seconds, *args):
        """`nspi bench`, which logs in by NTLM."""
        return self.on_client_core("nspi", "bench", "--json", "--seconds", seconds, *args)

    def on_client_core(self, *args):
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {CLIENT_CORE})
        try:
            return self.nspi(*args[1:], timeout=3600).stdout
        finally:
            os.sched_setaffinity(0, before)


class RawEcho:
    """certificate: over TLS."""

    def __init__(self, build, reply_size, certificate=None):
        command = [pathlib.Path(build) / "tests/bench/bench_raw_echo", str(round(reply_size))]
        self.process = subprocess.Popen(command + [certificate] * bool(certificate),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.port_number = int(self.process.stdout.readline())
        self.measured = Process(self.process.pid)
        self.measured.pin()

    def port(self, _=None):
        return self.port_number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


NGINX_CONFIG = """
daemon off;
master_process off;
error_log {dir}/error.log;
pid {dir}/pid;
worker_rlimit_nofile 4096;
events {{
	worker_connections 1024;
}}
http {{
	access_log off;
	keepalive_requests 1000000000;
	sendfile on;
	tcp_nopush on;
	open_file_cache max=10;
	server {{
		listen 127.0.0.1:{http};
		listen 127.0.0.1:{https} ssl;
		ssl_certificate {certificate};
		ssl_certificate_key {certificate};
		ssl_protocols TLSv1.3;
		root {dir};
	}}
}}
"""


class Nginx:
    """One process that serves a file of so many bytes at /page."""

    PROGRAM = "/usr/sbin/nginx"

    def __init__(self, size, certificate):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="nspid-bench-nginx-"))
        self.ports = {"http": free_port(), "https": free_port()}
        (self.dir / "page").write_bytes(bytes(round(size)))
        config = self.dir / "nginx.conf"
        config.write_text(NGINX_CONFIG.format(dir=self.dir, certificate=certificate, **self.ports))
        self.process = subprocess.Popen([self.PROGRAM, "-e", self.dir / "error.log", "-c", config],
                                        stdin=subprocess.DEVNULL)
        try:
            for port in self.ports.values():
                wait_until(lambda: self.answers(port), what="nginx answers")
        except BaseException:
            self.close()
            raise
        self.measured = Process(self.process.pid)
        self.measured.pin()

    @staticmethod
    def answers(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    def port(self, name):
        return self.ports[name]

    def close(self):
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


SLAPD_CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload sssvlv
pidfile {dir}/pid
sizelimit unlimited
timelimit unlimited
threads 2
database mdb
suffix dc=example,dc=com
directory {dir}/db
maxsize 17179869184
dbnosync
index objectClass eq
index displayName,givenName,sn,mail,uid,roomNumber eq,sub
overlay sssvlv
sssvlv-max 10
"""


class Slapd:
    """slapd with back-mdb and sssvlv, serving a book in OpenLDAP's style."""

    PROGRAM = "/usr/sbin/slapd"

    def __init__(self, book):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="nspid-bench-slapd-"))
        self.process = None
        (self.dir / "db").mkdir()
        config = self.dir / "slapd.conf"
        config.write_text(SLAPD_CONFIG.format(dir=self.dir))
        try:
            subprocess.run(["slapadd", "-q", "-f", config, "-l", book], check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            self.socket = self.dir / "socket"
            url = f"ldapi://{str(self.socket).replace('/', '%2F')}"
            self.process = subprocess.Popen([self.PROGRAM, "-f", config, "-h", url, "-d", "0"],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL)
            self.client = self.connect()
        except BaseException:
            self.close()
            raise
        self.measured = Process(self.process.pid)
        self.measured.pin()

    def connect(self, seconds=60):
        end = time.monotonic() + seconds
        while True:
            try:
                return Ldap(self.socket)
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def close(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
