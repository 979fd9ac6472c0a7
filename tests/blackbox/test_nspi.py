"""The client program: what it prints, in text and JSON, its exit status, and what it says when something is wrong."""

import json
import os
import pty
import signal
import subprocess

import pytest

import ldif
from site_nspid import PASSWORD, TOP, Site, wait_until

OK, USAGE, REFUSED, NOT_FOUND, NETWORK = range(5)


@pytest.fixture(scope="module")
def names():
    """A name that resolves and one that is ambiguous, in the sample book."""
    return json.loads(subprocess.run([TOP / "tools/make-sample-book", "--entries", "200", "--seed", "1",
                                      "--known-names"], capture_output=True, check=True).stdout)


@pytest.fixture(scope="module")
def entries(book):
    return [e for e in ldif.read(book) if "displayname" in e and not ldif.hidden(e)]


def listing(site, *args, **options):
    return json.loads(site.nspi(*args, "--json", **options).stdout)


def test_lists_have_numbers_depths_and_sizes(site, entries):
    lists = {row["name"]: row for row in listing(site, "lists")}
    assert lists["Global Address List"]["number"] == 0
    assert lists["Global Address List"]["entries"] == len(entries)
    assert lists["All Users"]["depth"] == 1
    assert 0 < lists["All Groups"]["entries"] < len(entries)


def test_text_and_json_say_the_same(site):
    text = site.nspi("browse", "--count", 5).stdout.splitlines()
    rows = listing(site, "browse", "--count", 5)
    assert text[0].split()[:2] == ["NAME", "ADDRESS"]
    assert len(text) == 6 and len(rows) == 5
    for line, row in zip(text[1:], rows):
        assert line.startswith(row["name"])
        assert (row["address"] or "") in line


def test_browse_all_lists_every_entry(site, entries):
    rows = listing(site, "browse", "--all")
    assert sorted(row["name"] for row in rows) == sorted(e["displayname"][0] for e in entries)


def test_browse_begins_at_a_position_or_at_a_name(site):
    rows = listing(site, "browse", "--all")
    assert listing(site, "browse", "--position", 10, "--count", 3) == rows[10:13]
    assert listing(site, "browse", "--from", rows[20]["name"], "--count", 2) == rows[20:22]


def test_a_list_is_known_by_name_and_number(site):
    number = next(row["number"] for row in listing(site, "lists") if row["name"] == "All Groups")
    assert listing(site, "browse", "--all", "--list", "all groups") == listing(site, "browse", "--all", "--list", number)


def test_an_unknown_list_is_not_found(site):
    done = site.nspi("browse", "--list", "No Such List", check=False)
    assert done.returncode == NOT_FOUND
    assert "No Such List" in done.stderr


def test_resolve_tells_resolved_ambiguous_and_not_found(site, names):
    done = site.nspi("resolve", names["unique"], names["ambiguous"], "Nobody Atall", "--json", check=False)
    assert done.returncode == NOT_FOUND
    unique, ambiguous, unknown = json.loads(done.stdout)
    assert unique["result"] == "resolved" and unique["name"]
    assert ambiguous["result"] == "ambiguous" and len(ambiguous["name"]) > 1
    assert unknown["result"] == "not found"


def test_resolve_of_one_known_name_is_success(site, names):
    assert "resolved" in site.nspi("resolve", names["unique"]).stdout


def test_show_prints_the_properties_of_one_entry(site, names, entries):
    shown = listing(site, "show", names["unique"])
    entry = next(e for e in entries if e["displayname"][0] == shown["PR_DISPLAY_NAME"])
    assert shown["PR_SMTP_ADDRESS"] == entry["mail"][0]
    by_dn = listing(site, "show", shown["PR_EMAIL_ADDRESS"])
    assert by_dn == shown


def test_show_of_an_ambiguous_name_names_candidates(site, names):
    done = site.nspi("show", names["ambiguous"], check=False)
    assert done.returncode == NOT_FOUND
    assert "ambiguous" in done.stderr


def test_members_are_those_of_the_ldif(site, entries):
    by_dn = {e["dn"][0].lower(): e for e in entries}
    group = next(e for e in entries if "member" in e and "group" in e["objectclass"])
    expected = [by_dn[m.lower()]["displayname"][0] for m in group["member"] if m.lower() in by_dn]
    rows = listing(site, "members", group["mail"][0])
    assert sorted(row["name"] for row in rows) == sorted(expected)


def test_members_follow_other_links(site, entries):
    by_dn = {e["dn"][0].lower(): e for e in entries}
    person = next(e for e in entries if e.get("manager", [""])[0].lower() in by_dn)
    rows = listing(site, "members", "--link", "manager", person["mail"][0])
    assert [row["name"] for row in rows] == by_dn[person["manager"][0].lower()]["displayname"]


@pytest.mark.parametrize("level", ["connect", "packet", "integrity", "privacy"])
@pytest.mark.parametrize("auth", ["ntlm", "spnego"])
def test_every_login_works(site, auth, level):
    assert len(listing(site, "browse", "--count", 100, "--auth", auth, "--level", level)) == 100


def test_the_endpoint_mapper_is_asked_where_no_port_is_given(site):
    done = site.nspi("browse", "--count", 1, "--endpoint-mapper", site.port("epm"), server=site.address)
    assert len(done.stdout.splitlines()) == 2


def test_ipv6_literals_are_servers(site):
    done = site.nspi("browse", "--count", 1, server=f"[::1]:{site.port('rpc6')}")
    assert len(done.stdout.splitlines()) == 2


def test_a_wrong_password_is_refused(site):
    done = site.nspi("lists", password="wrong", check=False)
    assert done.returncode == REFUSED
    assert "wrong name or password" in done.stderr


def test_without_login_the_session_is_refused(site):
    done = site.nspi("lists", "--auth", "none", check=False)
    assert done.returncode == REFUSED
    assert "MAPI_E_LOGON_FAILED (0x80040111)" in done.stderr


def test_no_server_is_a_clear_error(site):
    done = site.nspi("lists", server="127.0.0.1:1", check=False)
    assert done.returncode == NETWORK
    assert done.stderr == "nspi: cannot connect to 127.0.0.1:1: Connection refused; is nspid running?\n"


@pytest.mark.parametrize("args,word", [
    ((), "what should be done"),
    (("fly",), "no command 'fly'"),
    (("browse", "--max", "3"), "no option --max"),
    (("browse", "--count", "many"), "--count is a number"),
    (("probe",), "--max"),
    (("show",), "wants a name"),
    (("lists", "--level", "low"), "--level has no value 'low'"),
])
def test_wrong_usage_is_told(site, args, word):
    done = site.nspi(*args, check=False)
    assert done.returncode == USAGE
    assert word in done.stderr


def test_help_fits_a_screen(site):
    text = site.run("nspi", "--help").stdout
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 100


def test_the_password_comes_from_a_file_before_the_environment(site, tmp_path):
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    assert site.nspi("lists", "--password-file", path, password="wrong").returncode == OK
    done = site.nspi("lists", "--password-file", tmp_path / "none", check=False)
    assert done.returncode == USAGE and str(tmp_path / "none") in done.stderr


def test_the_password_is_asked_for_without_echo(site):
    environment = {k: v for k, v in os.environ.items() if k != "NSPI_PASSWORD"}
    child, terminal = pty.fork()
    if child == 0:
        program = str(site.build / "src/cli/nspi")
        os.execve(program, [program, "-s", f"{site.address}:{site.port()}", "-u", "anna", "lists"], environment)
    shown = b""
    while b"Password of anna: " not in shown:
        shown += os.read(terminal, 1000)
    os.write(terminal, PASSWORD.encode() + b"\n")
    try:
        while True:
            shown += os.read(terminal, 1000)
    except OSError:  # what Linux says when the other side of a terminal is closed
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == OK
    assert b"Global Address List" in shown
    assert PASSWORD.encode() not in shown


@pytest.mark.parametrize("per_connection", [1, 7, 100])
def test_probe_finds_the_limit_and_leaves_nothing(site, per_connection):
    result = listing(site, "probe", "--max", 60, "--per-connection", per_connection)
    assert result["granted"] == 50
    assert result["status_text"] == "MAPI_E_LOGON_FAILED (0x80040111)"
    wait_until(lambda: not site.sessions(), what="all sessions ended")


def test_probe_says_when_none_was_refused(site):
    done = site.nspi("probe", "--max", 3)
    assert done.stdout == "3 granted\nnone refused: that was the --max\n"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_probe_holds_until_a_signal_and_unbinds(site, how):
    child = site.nspi_popen("probe", "--max", 4, "--hold", "--per-connection", 4)
    assert [child.stdout.readline() for _ in range(3)][2] == "holding 4 until a signal\n"
    assert len(site.sessions()) == 4
    child.send_signal(how)
    assert child.wait(10) == OK
    child.stdout.close()
    wait_until(lambda: not site.sessions(), what="all sessions ended")


def test_probe_with_nothing_granted_is_refused(site):
    with Site(users=("anna",)) as empty:
        empty.nspictl("limit", "set", "anna", "0", "--reason", "a test")
        done = empty.nspi("probe", "--max", 1, check=False)
        assert done.returncode == REFUSED
        assert done.stdout == "0 granted\nrefused: MAPI_E_LOGON_FAILED (0x80040111)\n"


@pytest.mark.parametrize("operation", ["bind", "updatestat", "queryrows", "seek", "matches", "getprops", "resolve"])
def test_bench_measures_every_operation(site, operation):
    result = listing(site, "bench", "--op", operation, "--connections", 4, "--seconds", 1)
    assert result["calls"] > 100 and result["refused"] == 0
    assert 0 < result["p50_us"] <= result["p99_us"] <= result["max_us"]


def test_bench_beyond_the_limit_is_refused(site):
    done = site.nspi("bench", "--connections", 51, "--seconds", 1, check=False)
    assert done.returncode == REFUSED
    assert "session 51 is refused" in done.stderr


def test_bench_of_an_unknown_operation_names_the_known_ones(site):
    done = site.nspi("bench", "--op", "fly", check=False)
    assert done.returncode == USAGE
    assert "queryrows" in done.stderr
