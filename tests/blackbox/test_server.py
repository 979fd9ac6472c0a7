"""The program itself: checking its configuration, starting, reloading and ending in order."""

import os
import pwd
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from rpc_impacket import Client
from site_nspid import Failed, Site, wait_until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def nspid(site, *args, **options):
    return subprocess.run([site.build / "src/main/nspid", *map(str, args)], capture_output=True, text=True, timeout=30,
                          **options)


@pytest.fixture
def stopped(book):
    """A site with the book, not running."""
    with Site(book, start=False) as s:
        yield s


def test_check_prints_what_is_in_force_with_its_origin(stopped):
    done = nspid(stopped, "-c", stopped.config, "--check")
    assert done.returncode == 0 and done.stderr == ""
    assert re.search(rf"^loops = 2 +# {stopped.config}:\d+$", done.stdout, re.M)
    assert re.search(r"^sessions \{\n\tper_user = 50 +# default$", done.stdout, re.M)


def test_what_check_prints_is_a_configuration(stopped):
    first = nspid(stopped, "-c", stopped.config, "--check").stdout
    stopped.config.write_text(first)
    second = nspid(stopped, "-c", stopped.config, "--check").stdout
    without_origin = re.compile(r" +# .*$", re.M)
    assert without_origin.sub("", first) == without_origin.sub("", second)


@pytest.mark.parametrize("text, message", [
    ("lops = 2\n", 'unknown key "lops": did you mean "loops"?'),
    ("loops = 2\nloops = 2\n", "loops was given on line"),
    ("sessions {\n", "the section that begins here is not closed: add a }"),
    ('directory { locales = { "de-DE", "xx-YY" } }\n', 'locales: there is no locale "xx-YY"'),
    ('directory { anr_attributes = { "thumbnailPhoto" } }\n', "thumbnailPhoto is no text attribute"),
    ('run_as = "no-such-user"\n', 'run_as = "no-such-user": there is no such user'),
])
def test_an_error_in_the_file_is_told_by_check_and_by_a_start(stopped, text, message):
    with open(stopped.config, "a") as f:
        f.write(text)
    for args in ("--check",), ():
        done = nspid(stopped, "-c", stopped.config, *args)
        assert done.returncode == 1
        assert message in done.stderr


def test_arguments_that_make_no_sense_are_refused(stopped):
    assert nspid(stopped, "--frobnicate").returncode == 2
    assert nspid(stopped, "serve").returncode == 2
    assert nspid(stopped, "--version").stdout.startswith("nspid ")
    assert "--check" in nspid(stopped, "--help").stdout


def test_a_second_server_on_the_same_state_is_told_who_holds_it(site):
    done = nspid(site, "-c", site.config)
    assert done.returncode == 1
    assert f"is in use by process {site.process.pid}" in done.stderr


def test_a_port_that_is_taken_is_named_and_nothing_stays_behind(stopped):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        stopped.write_config(listeners=f'listener "a" {{ service = rpc  address = "127.0.0.1"  port = {port} }}')
        done = nspid(stopped, "-c", stopped.config)
        assert done.returncode == 1
        assert f'listener "a": cannot bind to address 127.0.0.1 port {port}: Address already in use' in done.stderr
    stopped.start()


def test_a_start_that_fails_late_undoes_what_was_started(stopped):
    stopped.write_config(options='control_socket = "/nonexistent/control.sock"')
    done = nspid(stopped, "-c", stopped.config)
    assert done.returncode == 1
    assert "control_socket /nonexistent/control.sock" in done.stderr
    assert "Sanitizer" not in done.stderr
    stopped.write_config()
    stopped.start()


def test_systemd_is_told_of_start_reload_and_end(stopped):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        path = f"{stopped.dir}/notify"
        s.bind(path)
        s.settimeout(20)
        os.environ["NOTIFY_SOCKET"] = path
        try:
            stopped.start(wait=False)
        finally:
            del os.environ["NOTIFY_SOCKET"]
        assert s.recv(1000) == b"READY=1"
        stopped.reload()
        assert s.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
        assert s.recv(1000) == b"READY=1"
        stopped.stop()
        assert s.recv(1000) == b"STOPPING=1"


def test_the_ready_line_tells_ports_entries_and_accounts(site):
    line = next(l for l in site.log().splitlines() if "ready" in l)
    assert f"rpc=127.0.0.1:{site.port()}" in line
    counts = site.nspictl_json("status")["store"]
    assert f"entries={counts['entries']} accounts={counts['accounts']}" in line


def test_a_reload_keeps_sessions_and_says_what_waits_for_a_restart(book):
    with Site(book) as site, Client(site) as client:
        site.write_config(options="loops = 1\nlog_level = debug\nsessions { per_user = 1 }")
        site.reload()
        wait_until(lambda: "reloaded" in site.log(), 10, "the reload is logged")
        assert "loops takes effect at the next start" in site.log()
        assert client.query_rows(count=1).status == 0
        assert Client(site, bind=False).bind().status == 0x80040111


def test_what_reload_says_of_a_bad_file_is_in_the_log_and_on_the_tool(book):
    with Site(book) as site:
        site.write_config(options="sessions { per_user = many }")
        site.reload()
        wait_until(lambda: "reload failed, everything stays as it was" in site.log(), 10, "the failure is logged")
        with pytest.raises(Failed, match="per_user = many: a number, or unlimited is wanted"):
            site.nspictl("reload")
        assert "log_level" not in site.log()


def test_reloads_do_not_disturb_calls(book):
    with Site(book) as site, Client(site) as client:
        stop = threading.Event()

        def reload_all_the_time():
            while not stop.is_set():
                site.reload()
                time.sleep(0.005)

        thread = threading.Thread(target=reload_all_the_time)
        thread.start()
        try:
            assert all(client.query_rows(count=5).status == 0 for _ in range(200))
        finally:
            stop.set()
            thread.join()


def test_sigterm_ends_sessions_and_removes_the_socket(book):
    with Site(book) as site:
        clients = [Client(site) for _ in range(5)]
        started = time.monotonic()
        site.stop()
        assert time.monotonic() - started < 4
        assert "ending on SIGTERM" in site.log()
        assert not (site.dir / "control.sock").exists()
        for client in clients:
            assert client.connection.dce.get_rpc_transport().get_socket().recv(1) == b""


def test_a_kill_loses_nothing_and_the_next_start_is_as_before(book):
    with Site(book) as site:
        before = site.nspictl("export")
        site.process.send_signal(signal.SIGKILL)
        site.process.wait()
        site.process = None
        site.start()
        assert site.nspictl("export") == before


@needs_root
def test_root_binds_the_port_and_becomes_another_user(book):
    nobody = pwd.getpwnam("nobody")
    with Site(book, start=False) as site:
        for path in site.dir, *site.dir.rglob("*"):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        os.chmod(site.dir, 0o755)
        with socket.socket() as s:  # a port that only root may bind, and that is free
            port = next(p for p in range(600, 1000) if s.connect_ex(("127.0.0.1", p)) != 0)
        site.write_config(options='run_as = "nobody"', listeners=f"""
            listener "rpc" {{ service = rpc  address = "127.0.0.1"  port = {port} }}
        """)
        site.start()
        status = open(f"/proc/{site.process.pid}/status").read()
        assert re.search(rf"^Uid:\t{nobody.pw_uid}\t{nobody.pw_uid}\t{nobody.pw_uid}\t", status, re.M)
        assert re.search(r"^CapEff:\t0+$", status, re.M)
        assert re.search(rf"^Groups:\t?({nobody.pw_gid})? *$", status, re.M)
        with Client(site) as client:
            assert client.query_rows(count=1).status == 0


@needs_root
def test_a_missing_state_directory_is_made_for_that_user(book):
    with Site(None, users=(), start=False) as site:
        os.chmod(site.dir, 0o755)
        site.write_config(options=f'run_as = "nobody"\nstate_dir = "{site.dir}/new"\n'
                                  f'control_socket = "{site.dir}/run/control.sock"')
        site.start()
        assert os.stat(site.dir / "new").st_uid == pwd.getpwnam("nobody").pw_uid
        assert os.stat(site.dir / "new").st_mode & 0o777 == 0o700
