"""nspictl selftest: what is wrong is said in plain words, and by the exit status."""

import datetime
import json
import subprocess

import pytest

from site_nspid import PASSWORD, Site

HIDDEN = "dn: cn=a,o=x\nobjectClass: user\ncn: a\nmsExchHideFromAddressLists: TRUE\n"
ONE = "dn: cn=a,o=x\nobjectClass: user\ncn: a\ndisplayName: Anna\ndepartment: Sales\n"


def selftest(site, *args, password=PASSWORD, status=None):
    """Findings as {what: [(finding, text)]}."""
    done = site.run("nspictl", "-c", site.config, "selftest", "--json", *args, check=False, input=f"{password}\n")
    assert status is None or done.returncode == status, done.stdout + done.stderr
    findings = {}
    for row in json.loads(done.stdout):
        findings.setdefault(row["what"], []).append((row["finding"], row["text"]))
    return findings


def texts(findings, finding):
    return [text for rows in findings.values() for found, text in rows if found == finding]


@pytest.fixture
def ldif(tmp_path):
    def write(text):
        (tmp_path / "book.ldif").write_text(text)
        return tmp_path / "book.ldif"

    return write


def test_a_server_that_is_well_passes_with_and_without_an_account(site):
    made = site.dir / "state/self-signed.pem"
    for args in ((), ("--account", "anna", "--stdin")):
        findings = selftest(site, *args, "--ca", made, status=0)
        assert not texts(findings, "wrong") and not texts(findings, "odd")
        assert {f'listener "{name}"' for name in site.listeners} <= findings.keys()
    assert "a name was found" in findings['listener "rpc"'][0][1]
    assert "certificate is good" in findings['listener "https"'][0][1]


def test_it_says_what_it_found_in_lines(site):
    done = site.run("nspictl", "-c", site.config, "selftest")
    assert any(line.startswith("ok     book: ") for line in done.stdout.splitlines())
    assert any(line.startswith("odd    listener \"https\": ") and "--ca FILE" in line for line in done.stdout.splitlines())


def test_a_wrong_password_is_told_for_each_listener(site):
    findings = selftest(site, "--account", "berta", "--stdin", password="not it", status=1)
    assert all("berta cannot log in" in text for text in texts(findings, "wrong"))
    assert len(texts(findings, "wrong")) == len(site.listeners) - 1


def test_an_unknown_account_and_no_server_are_errors(site):
    done = site.run("nspictl", "-c", site.config, "selftest", "--account", "nobody", check=False)
    assert done.returncode == 1 and "there is no account nobody" in done.stderr
    with Site(users=(), start=False) as stopped:
        assert stopped.run("nspictl", "-c", stopped.config, "selftest", check=False).returncode == 3


def test_an_empty_book_and_no_accounts(ldif):
    with Site(users=()) as site:
        wrong = texts(selftest(site, status=1), "wrong")
        assert "nspictl import" in wrong[0] and "nspictl user add" in wrong[1]


def test_a_book_of_hidden_entries_and_a_disabled_account(ldif):
    with Site(ldif(HIDDEN), users=("anna",)) as site:
        site.nspictl("user", "disable", "anna")
        wrong = texts(selftest(site, "--account", "anna", "--stdin", status=1), "wrong")
        assert "msExchHideFromAddressLists" in wrong[0]
        assert any("all 1 are disabled" in text for text in wrong)
        assert any("nspictl user enable anna" in text for text in wrong)


def test_a_view_in_which_there_is_nothing(ldif):
    with Site(ldif(ONE), options='view "None" {\ngal = "(department=Nowhere)"\n}') as site:
        assert 'view "None" has no entries' in texts(selftest(site, "--account", "anna", "--stdin", status=1), "wrong")[0]


def test_sessions_that_are_all_taken(ldif):
    with Site(ldif(ONE), options='account "anna" {\nsessions = 0\n}') as site:
        wrong = texts(selftest(site, "--account", "anna", "--stdin", status=1), "wrong")
        assert any("gets no session: MAPI_E_LOGON_FAILED" in text for text in wrong)


def test_a_listener_that_is_gone(ldif):
    """The file names a port where nobody listens, after nspid was started with another."""
    with Site(ldif(ONE)) as site:
        text = site.config.read_text()
        site.config.write_text(text.replace('listener "rpc6"', 'listener "rpc7"'))
        assert selftest(site, status=0)['listener "rpc6"'][0][0] == "odd"
        site.config.write_text(text.replace('address = "::1"', 'address = "127.99.99.99"'))
        assert "127.99.99.99" in texts(selftest(site, status=1), "wrong")[0]


def make_certificate(directory, name, days):
    """Signed by itself, for a name, good from `days[0]` to `days[1]` days from now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = ((now + datetime.timedelta(days=d)).strftime("%Y%m%d%H%M%SZ") for d in days)
    key, request, config = directory / "tls.key", directory / "tls.csr", directory / "ca.cnf"
    (directory / "index.txt").write_text("")
    config.write_text(f"[ca]\ndefault_ca = a\n[a]\ndatabase = {directory}/index.txt\nnew_certs_dir = {directory}\n"
                      f"default_md = sha256\npolicy = p\nrand_serial = yes\nx509_extensions = x\nunique_subject = no\n"
                      f"[p]\ncommonName = supplied\n[x]\nsubjectAltName = DNS:{name}\n")
    for command in (["req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request],
                    ["ca", "-batch", "-selfsign", "-config", config, "-keyfile", key, "-in", request, "-startdate", start,
                     "-enddate", end, "-out", directory / "tls.pem", "-notext"]):
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    return directory / "tls.pem", key


@pytest.mark.parametrize("name, days, says", [("nspid.example", (-9, -2), "certificate has expired"),
                                              ("other.example", (-1, 9), "hostname mismatch"),
                                              ("nspid.example", (-1, 9), None)])
def test_certificates_that_clients_do_not_take(ldif, tmp_path, name, days, says):
    certificate, key = make_certificate(tmp_path, name, days)
    with Site(ldif(ONE), start=False) as site:
        site.write_config('auth {\ndns_name = "nspid.example"\n}', f"""
            listener "https" {{ service = https  address = "127.0.0.1"  port = 0
                certificate = "{certificate}"  key = "{key}" }}
        """)
        site.start()
        findings = selftest(site, "--account", "anna", "--stdin", "--ca", certificate, status=1 if says else 0)
        first, second = findings['listener "https"']
        assert (says or "certificate is good for nspid.example") in first[1]
        assert second[0] == "ok" and "logged in" in second[1]
