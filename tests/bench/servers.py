"""The servers that are compared, each a process of its own on loopback, and what /proc tells about them."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from ldap_wire import Ldap
from site_nspid import Site

SERVER_CORE, CLIENT_CORE = (1, 0) if (os.cpu_count() or 1) > 1 else (0, 0)

NSPID_OPTIONS = """
loops = 1
log_level = error
auth {
anonymous = read
}
sessions {
per_user = unlimited
}
"""


class Process:
    def __init__(self, pid):
        self.pid = pid

    def tasks(self):
        return [int(t) for t in os.listdir(f"/proc/{self.pid}/task")]

    def pin(self, core=SERVER_CORE):
        for task in self.tasks():
            os.sched_setaffinity(task, {core})

    def unpin(self):
        for task in self.tasks():
            os.sched_setaffinity(task, range(os.cpu_count()))

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
    """book None: an empty one."""

    def __init__(self, build, book=None, pinned=True):
        super().__init__(book, users=("anna",), build=build, options=NSPID_OPTIONS)
        self.measured = Process(self.process.pid)
        if pinned:
            self.measured.pin()

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
    def __init__(self, build, reply_size):
        self.process = subprocess.Popen([pathlib.Path(build) / "tests/bench/bench_raw_echo", str(round(reply_size))],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.port_number = int(self.process.stdout.readline())
        self.measured = Process(self.process.pid)
        self.measured.pin()

    def port(self):
        return self.port_number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


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
index displayName,givenName,sn,mail,uid eq,sub
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
