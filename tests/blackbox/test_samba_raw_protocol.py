"""Samba's raw-protocol tests, a conformance suite of the connection-oriented protocol, against nspid."""

import os
import pathlib
import re
import subprocess

import pytest

from site_nspid import PASSWORD, Site, loopback_address

RUNNER = pathlib.Path(__file__).with_name("samba_raw_runner.py")

KERBEROS = "needs a Kerberos realm"
SMB = "needs SMB pipes"
SAMBA_FAILS = "Samba 4.17's own server fails it"

LEFT_OUT = {
    "test_assoc_group_fail3": SMB,
    "test_assoc_group_ok2": SMB,
    "test_krb5_hdr_sign_delayed1_fail1": KERBEROS,
    "test_krb5_hdr_sign_delayed1_ok1": KERBEROS,
    "test_krb5_hdr_sign_delayed2_fail1": KERBEROS,
    "test_krb5_hdr_sign_delayed2_ok1": KERBEROS,
    "test_krb5_hdr_sign_delayed3_fail1": KERBEROS,
    "test_krb5_hdr_signing_integrity": KERBEROS,
    "test_krb5_hdr_signing_packet": KERBEROS,
    "test_krb5_signing_integrity": KERBEROS,
    "test_krb5_signing_packet": KERBEROS,
    "test_lsa_multi_auth_connect1a": SMB,
    "test_lsa_multi_auth_connect1u": SMB,
    "test_lsa_multi_auth_connect2a": SMB,
    "test_lsa_multi_auth_connect2u": SMB,
    "test_lsa_multi_auth_connect3a": SMB,
    "test_lsa_multi_auth_connect3u": SMB,
    "test_lsa_multi_auth_connect4a": SMB,
    "test_lsa_multi_auth_connect4u": SMB,
    "test_lsa_multi_auth_sign_connect1a": SMB,
    "test_lsa_multi_auth_sign_connect1u": SMB,
    "test_spnego_multiple_auth_hdr_signing": SAMBA_FAILS,
}


def all_names():
    done = subprocess.run([RUNNER, "--host", "127.0.0.1", "--user", "nobody", "--list"], capture_output=True,
                          text=True, check=True)
    return done.stdout.split()


NAMES = all_names()


@pytest.fixture(scope="module")
def outcome(book):
    """What the suite said of each test, from one run of all of them."""
    address = loopback_address()
    with Site(book, address=address, epm_port=135, options="auth {\nanonymous = mgmt\n}") as site:
        wanted = [n for n in NAMES if n not in LEFT_OUT]
        done = subprocess.run([RUNNER, "--host", address, "--user", "anna", *wanted], capture_output=True, text=True,
                              timeout=900, env=dict(os.environ, NSPI_PASSWORD=PASSWORD))
        said = {}
        for part in re.split(r"^(?=(?:ok|failed|skipped) )", done.stdout, flags=re.M):
            words = part.split(None, 2)
            if len(words) >= 2:
                said[words[1].rstrip(":")] = (words[0], part)
        said["stderr"] = ("", done.stderr)
        yield said


def test_every_test_left_out_exists():
    assert not set(LEFT_OUT) - set(NAMES)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in LEFT_OUT])
def test_raw_protocol(outcome, name):
    word, text = outcome.get(name, ("missing", outcome["stderr"][1]))
    assert word == "ok", text
