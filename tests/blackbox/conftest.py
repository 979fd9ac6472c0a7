import sys

import pytest

sys.path.insert(0, __file__.rsplit("/", 1)[0])

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
