"""LDIF into a server that runs, as an operator meets it: progress, second imports, faults, a kill in the middle."""

import signal
import subprocess
import threading

import pytest

import ldif
from nspi_wire import DISPLAY_NAME, EMAIL_ADDRESS, INSTANCE_KEY, SUCCESS, Stat
from rpc_impacket import Client
from site_nspid import Failed, Site, make_book, wait_until
from test_browse import browse

PERSON = "dn: cn={0},dc=x\nobjectClass: person\nsn: {0}\ndisplayName: {0}\n{1}\n"


@pytest.fixture
def empty():
    with Site() as site:
        yield site


def write(site, text):
    path = site.dir / "input.ldif"
    path.write_text(text)
    return path


def import_text(site, text, *options):
    return site.nspictl_json("import", *options, str(write(site, text)))


def names(site):
    with Client(site) as client:
        return [r[DISPLAY_NAME] for r in browse(client, 50)]


def mids(site):
    with Client(site) as client:
        return {r[EMAIL_ADDRESS]: r[INSTANCE_KEY] for r in browse(client, 50)}


def test_an_import_is_seen_by_a_client_that_was_there_before(empty):
    with Client(empty) as client:
        assert browse(client, 50) == []
        import_text(empty, PERSON.format("Anna", "") + PERSON.format("Berta", ""))
        assert [r[DISPLAY_NAME] for r in browse(client, 50)] == ["Anna", "Berta"]


def test_a_second_import_changes_nothing_and_keeps_every_mid(empty, book):
    entries = len(ldif.read(book))
    first = empty.nspictl_json("import", str(book))
    assert (first["added"], first["warnings"]) == (entries, 0)
    before = mids(empty)
    second = empty.nspictl_json("import", str(book))
    assert (second["unchanged"], second["added"], second["changed"], second["removed"]) == (entries, 0, 0, 0)
    assert mids(empty) == before


def test_mids_survive_a_restart(empty, book):
    empty.nspictl("import", str(book))
    before = mids(empty)
    empty.stop()
    empty.start()
    assert mids(empty) == before


def test_replace_removes_what_the_file_lacks(empty):
    import_text(empty, PERSON.format("Anna", "") + PERSON.format("Berta", ""))
    result = import_text(empty, PERSON.format("Berta", "") + PERSON.format("Carla", ""), "--replace")
    assert (result["added"], result["removed"], result["unchanged"]) == (1, 1, 1)
    assert names(empty) == ["Berta", "Carla"]


def test_change_records_change_the_book(empty):
    import_text(empty, PERSON.format("Anna", "") + PERSON.format("Berta", ""))
    import_text(empty, "dn: cn=Anna,dc=x\nchangetype: modify\nreplace: displayName\ndisplayName: Zoe\n-\n\n"
                       "dn: cn=Berta,dc=x\nchangetype: delete\n")
    assert names(empty) == ["Zoe"]


@pytest.mark.parametrize("fault,says", [
    ("dn: cn=Berta,dc=x\nno colon\n", "input.ldif:7: no colon"),
    ("dn: cn=Berta,dc=x\nsn:: ===\n", "input.ldif:7: the value after :: is not base64"),
    ("dn: cn=Berta,dc=x\njpegPhoto:< file:///etc/shadow\n", "input.ldif:7: values from a URL are not read"),
    ("dn: nonsense\nsn: x\n", "input.ldif:6: the DN is malformed"),
])
def test_a_faulty_record_is_named_and_changes_nothing(empty, fault, says):
    import_text(empty, PERSON.format("Old", ""))
    with pytest.raises(Failed) as failed:
        import_text(empty, PERSON.format("Anna", "") + fault)
    assert says in failed.value.done.stderr
    assert names(empty) == ["Old"]


def test_export_imported_elsewhere_is_the_same_book(empty, book, tmp_path):
    empty.nspictl("import", str(book))
    exported = tmp_path / "export.ldif"
    exported.write_text(empty.nspictl("export"))
    with Site(exported) as other:
        assert other.nspictl("export") == exported.read_text()
        assert mids(other) == mids(empty)


def test_the_old_book_is_there_after_a_kill_in_the_middle(empty, tmp_path):
    import_text(empty, PERSON.format("Old", ""))
    book = make_book(tmp_path / "book.ldif", 3000)
    half = book.read_bytes()[:book.stat().st_size // 2]
    importer = subprocess.Popen([empty.build / "src/cli/nspictl", "-c", empty.config, "import", "-"],
                                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    importer.stdin.write(half)
    importer.stdin.flush()
    assert names(empty) == ["Old"]
    empty.stop(signal.SIGKILL)
    importer.stdin.close()
    importer.wait(20)
    empty.start()
    assert names(empty) == ["Old"]


def test_clients_are_served_while_an_import_runs(empty, tmp_path):
    import_text(empty, PERSON.format("Old", ""))
    book = make_book(tmp_path / "book.ldif", 5000)
    done = threading.Event()

    def run():
        empty.nspictl("import", str(book))
        done.set()

    worker = threading.Thread(target=run)
    with Client(empty) as client:
        worker.start()
        counts = set()
        while not done.is_set():
            answer = client.query_rows(Stat(), count=1)
            assert answer.status == SUCCESS
            counts.add(answer.stat.total_recs)
        worker.join()
        counts.add(client.query_rows(Stat(), count=1).stat.total_recs)
    assert 1 in counts and len(counts) == 2, "the book changes at once, not bit by bit"


def test_a_client_that_goes_away_ends_its_import(empty, tmp_path):
    importer = subprocess.Popen([empty.build / "src/cli/nspictl", "-c", empty.config, "import", "-"],
                                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    importer.stdin.write(PERSON.format("Anna", "").encode())
    importer.stdin.flush()
    importer.kill()
    importer.wait(20)
    importer.stdin.close()
    wait_until(lambda: imports(empty), 10, "the next import is let in")
    assert names(empty) == ["Berta"]


def imports(site):
    try:
        return import_text(site, PERSON.format("Berta", ""))["added"] >= 0
    except Failed:
        return False


def test_secrets_are_not_in_the_store(empty):
    import_text(empty, PERSON.format("Anna", "userPassword: geheimnis\nunicodePwd:: Z2VoZWltbmlz\n"))
    assert "geheimnis" not in empty.nspictl("export")
    assert b"geheimnis" not in (empty.dir / "state/store.mdb").read_bytes()
