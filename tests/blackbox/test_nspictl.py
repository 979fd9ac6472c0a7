"""nspictl as its user meets it: with and without a server, its tables, its JSON, its exit statuses."""

import json
import os
import stat
import subprocess
import threading

import pytest

from rpc_impacket import Client
from site_nspid import Failed, Site, wait_until

FAILED, USAGE, UNREACHABLE = 1, 2, 3

LDIF = """dn: cn=Zoë,o=x
objectClass: inetOrgPerson
cn: Zoë
sn: Z
displayName: Zoë
mail: zoe@x.example

"""


@pytest.fixture
def stopped():
    with Site(users=(), start=False) as s:
        yield s


@pytest.fixture
def running(book):
    with Site(book) as s:
        yield s


def run(site, *args, **options):
    return site.run("nspictl", "-c", site.config, *args, check=False, **options)


def test_help_fits_a_screen(stopped):
    done = stopped.run("nspictl", "--help")
    assert len(done.stdout.splitlines()) <= 40
    for line in done.stdout.splitlines()[2:28]:
        words = line[2:22].split()
        more = stopped.run("nspictl", *words, "--help").stdout
        assert more.startswith(f"usage: nspictl {' '.join(words)}")


@pytest.mark.parametrize("args", [[], ["nonsense"], ["user"], ["user", "add"], ["sessions", "--foo"], ["end"],
                                  ["limit", "set", "anna", "7"], ["end", "a", "b"], ["events", "--count", "x"],
                                  ["limit", "clear", "--group"]])
def test_a_wrong_command_line_says_what_is_wrong(stopped, args):
    done = run(stopped, *args)
    assert done.returncode == USAGE
    assert done.stderr.startswith("nspictl: ") and not done.stdout


def test_without_a_server_it_says_how_to_start_one(stopped):
    for command in (["status"], ["sessions"], ["end", "--all"], ["reload"], ["events"]):
        done = run(stopped, *command)
        assert done.returncode == UNREACHABLE
        assert str(stopped.dir / "control.sock") in done.stderr
        assert f"nspid -c {stopped.config}" in done.stderr


def test_the_store_is_managed_without_a_server(stopped):
    stopped.add_user("anna")
    stopped.nspictl("group", "add", "mobile")
    stopped.nspictl("group", "add-member", "mobile", "ANNA")
    stopped.nspictl("limit", "set", "--group", "mobile", "70", "--reason", "a test")
    (stopped.dir / "book.ldif").write_text(LDIF)
    assert "1 added" in stopped.nspictl("import", stopped.dir / "book.ldif")
    stopped.start()
    assert stopped.nspictl_json("user", "list")[0]["groups"] == ["mobile"]
    assert stopped.nspictl_json("limit", "show", "anna")["sessions"] == 70
    assert stopped.nspictl_json("status")["store"]["entries"] == 1


def test_a_second_program_does_not_open_the_store_of_a_server(running):
    os.rename(running.dir / "control.sock", running.dir / "hidden.sock")
    done = run(running, "user", "list")
    assert done.returncode == FAILED
    assert str(running.process.pid) in done.stderr


def test_a_password_comes_from_the_first_line_of_standard_input(stopped):
    assert run(stopped, "user", "add", "anna", "--stdin", input="").returncode == FAILED
    assert run(stopped, "user", "add", "anna", "--stdin", input="\n").returncode == FAILED
    assert run(stopped, "user", "add", "anna", "--stdin", input="x" * 2000 + "\n").returncode == FAILED
    assert stopped.nspictl_json("user", "list") == []
    assert run(stopped, "user", "add", "anna", "--stdin", input="one\r\ntwo\n").returncode == 0
    stopped.start()
    Client(stopped, user="anna", password="one")
    run(stopped, "user", "passwd", "anna", "--stdin", input="three\n")
    Client(stopped, user="anna", password="three")
    with pytest.raises(Exception):
        Client(stopped, user="anna", password="one")


def test_without_a_terminal_a_password_is_not_asked_for(stopped):
    command = [stopped.build / "src/cli/nspictl", "-c", stopped.config, "user", "add", "anna"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, start_new_session=True)
    assert done.returncode == FAILED
    assert "--stdin" in done.stderr


def test_the_sessions_show_who_holds_them(running):
    client = Client(running)
    client.query_rows()
    table = running.nspictl("sessions").splitlines()
    assert table[0].split() == ["SESSION", "USER", "CLIENT", "WORKSTATION", "TRANSPORT", "AGE", "IDLE", "CALLS"]
    assert len(table) == 2
    session, = running.nspictl_json("sessions")
    assert session["id"] in table[1]
    assert (session["user"], session["client"], session["transport"]) == ("anna", running.address, "rpc-tcp")
    assert session["calls"] >= 1
    assert running.nspictl_json("sessions", "--account", "berta") == []
    assert len(running.nspictl_json("sessions", "--account", "ANNA", "--client", running.address)) == 1
    account, = running.nspictl_json("accounts", "anna")
    assert (account["held"], account["highest"], account["limit"]) == (1, 1, 50)
    assert "all counts agree" in running.nspictl("check")


def test_a_limit_names_the_line_that_it_comes_from(running):
    assert running.nspictl_json("limit", "show")["from"] == "built in"
    with open(running.config, "a") as f:
        f.write('\naccount "anna" {\nsessions = 7\nreason = "in the file"\n}\n')
    line = running.config.read_text().splitlines().index("sessions = 7") + 1
    running.nspictl("reload")
    limit = running.nspictl_json("limit", "show", "anna")
    assert (limit["sessions"], limit["from"], limit["reason"]) == (7, f"{running.config}:{line}", "in the file")


def test_a_reload_of_a_faulty_file_fails_with_file_and_line(running):
    with open(running.config, "a") as f:
        f.write("\nnonsense = 1\n")
    done = run(running, "reload")
    assert done.returncode == FAILED
    assert f"{running.config}:" in done.stderr


def test_a_failed_login_is_an_event(running):
    with pytest.raises(Exception):
        Client(running, password="wrong")
    events = [e for e in running.nspictl_json("events") if e["name"] == "login-failed"]
    assert [(e["account"], e["client"]) for e in events] == [("anna", running.address)]
    assert "event=2008" in running.log()


def test_a_faulty_import_names_file_and_line_and_changes_nothing(running):
    before = running.nspictl("export")
    path = running.dir / "bad.ldif"
    path.write_text(LDIF + "rubbish\n" + LDIF * 100000)
    done = run(running, "import", path)
    assert done.returncode == FAILED
    assert f"{path}:8" in done.stderr
    assert running.nspictl("export") == before


def test_an_import_whose_sender_is_killed_changes_nothing(running):
    before = running.nspictl("export")
    command = [running.build / "src/cli/nspictl", "-c", running.config, "import", "-", "--replace"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdin.write(b"".join(LDIF.replace("Zoë", f"Zoë {i}").encode() for i in range(2000)))
    child.stdin.flush()
    wait_until(lambda: running.nspictl_json("status")["import"], what="the import runs")
    child.kill()
    child.communicate()
    wait_until(lambda: not running.nspictl_json("status")["import"], what="the import has ended")
    assert running.nspictl("export") == before


def test_clients_and_operators_are_served_during_an_import(running):
    command = [running.build / "src/cli/nspictl", "-c", running.config, "import", "-"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    child.stdin.write(LDIF)
    child.stdin.flush()
    wait_until(lambda: running.nspictl_json("status")["import"], what="the import runs")
    client = Client(running)
    client.query_rows()
    assert len(running.sessions()) == 1
    late = threading.Thread(target=running.nspictl, args=("group", "add", "later"))  # waits for the import
    late.start()
    child.stdin.close()
    child.stdin = None
    out, err = child.communicate()
    assert "1 added" in out, err
    late.join()
    assert [g["name"] for g in running.nspictl_json("group", "list")] == ["later"]


def test_the_control_socket_is_for_its_owner(running):
    assert stat.S_IMODE(os.stat(running.dir / "control.sock").st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_another_user_is_turned_away(running):
    os.chmod(running.dir, 0o755)
    os.chmod(running.config, 0o644)
    os.chmod(running.dir / "control.sock", 0o666)
    done = subprocess.run([running.build / "src/cli/nspictl", "-c", running.config, "sessions"], user=65534, group=65534,
                          capture_output=True, text=True, cwd="/")
    assert done.returncode != 0
    assert "only root" in done.stderr


def test_export_to_a_file_is_what_was_imported(running):
    path = running.dir / "out.ldif"
    running.nspictl("export", path)
    assert path.read_text() == running.nspictl("export")
    assert "0 added, 0 changed" in running.nspictl("import", path)
    with pytest.raises(Failed):
        running.nspictl("export", running.dir / "no/such/dir")
    assert not list(running.dir.glob("*.part"))


def test_every_listing_is_json(running):
    for command in (["sessions"], ["accounts"], ["limit", "list"], ["user", "list"], ["group", "list"], ["events"],
                    ["lists"], ["orders"]):
        assert isinstance(running.nspictl_json(*command), list)
    for command in (["status"], ["counters"], ["limit", "show"], ["log-level"], ["check"]):
        assert isinstance(running.nspictl_json(*command), dict)
    assert json.loads(running.nspictl("end", "--all", "--json")) == {"ended": 0}
