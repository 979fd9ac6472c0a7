import sys

import pytest

sys.path.insert(0, __file__.rsplit("/", 1)[0])

import conformance  # noqa: E402
from mapihttp_client import HttpClient  # noqa: E402
from rpc_impacket import Client  # noqa: E402
from site_nspid import Site, make_book  # noqa: E402


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    """The sample book, 200 entries, as LDIF."""
    return make_book(tmp_path_factory.mktemp("book") / "book.ldif")


@pytest.fixture(scope="module")
def site(book):
    """A running server with the sample book, for tests that leave it as they found it."""
    with Site(book) as s:
        yield s


@pytest.fixture(scope="module")
def rpc_client(site):
    """A session over RPC."""
    with Client(site) as c:
        yield c


@pytest.fixture(scope="module")
def http_client(site):
    """A session over MAPI/HTTP, with the profile that is RPC's."""
    with HttpClient(site, listener="http-directory") as c:
        yield c


@pytest.fixture(scope="module", params=["rpc", "http"])
def client(request):
    """A session over either transport: the same assertions hold."""
    return request.getfixturevalue(f"{request.param}_client")


@pytest.fixture(scope="session")
def conforming(book, tmp_path_factory):
    """A running server with the sample book and the entries of conformance.py, for tests that leave it as they found it."""
    path = tmp_path_factory.mktemp("conforming") / "book.ldif"
    path.write_text(book.read_text() + conformance.ENTRIES)
    with Site(path) as s:
        yield s


@pytest.fixture(scope="session")
def exchange(conforming):
    """A session as with an Exchange server, where MS-OXNSPI holds to the letter."""
    with Client(conforming, listener="exchange") as c:
        yield c


@pytest.fixture(scope="session")
def directory(conforming):
    """A session as with a domain controller."""
    with Client(conforming) as c:
        yield c


@pytest.fixture(params=["exchange", "directory"])
def either(request):
    """A session with either: what both have in common."""
    return request.getfixturevalue(request.param)
