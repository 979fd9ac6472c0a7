"""Samba's own clients against the endpoint mapper and the mgmt interface."""

import subprocess

import pytest

from site_nspid import PASSWORD, Site, loopback_address


@pytest.fixture(scope="module")
def site(book):
    with Site(book, address=loopback_address(), epm_port=135) as s:
        yield s


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_rpcclient_epmlookup_lists_the_address_book(site):
    done = run("rpcclient", "-U%", "-c", "epmlookup", f"ncacn_ip_tcp:{site.address}[135]")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"ncacn_ip_tcp:{site.address}[{site.port()}" in done.stdout
    assert "f5cc5a18-4264-101a-8c59-08002b2f8426/0x00000038" in done.stdout


def test_smbtorture_rpc_mgmt_passes(site):
    done = run("smbtorture", f"ncacn_ip_tcp:{site.address}[135]", f"-Uanna%{PASSWORD}", "rpc.mgmt")
    assert "success: mgmt" in done.stdout + done.stderr, done.stdout + done.stderr
    assert "server is listening" in done.stdout + done.stderr
    assert "server refused to stop listening - WERR_ACCESS_DENIED" in done.stdout + done.stderr


def test_smbtorture_maps_the_endpoint(site):
    done = run("smbtorture", f"ncacn_ip_tcp:{site.address}", f"-Uanna%{PASSWORD}", "rpc.epmapper.epmapper.Map_simple")
    assert "success:" in done.stdout + done.stderr, done.stdout + done.stderr
