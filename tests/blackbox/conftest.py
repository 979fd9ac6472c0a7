import sys

import pytest

sys.path.insert(0, __file__.rsplit("/", 1)[0])

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
