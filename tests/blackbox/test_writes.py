"""Changes by clients: certificates, members, delegates; who may, who sees it, and what survives."""

import struct

import pytest

import ldif
from nspi_wire import (ACCESS_DENIED, ANR, DISPLAY_NAME, EMAIL_ADDRESS, ENTRYID, ERRORS_RETURNED, INVALID_PARAMETER, MEMBER,
                       MEMBER_OF, SMTP_ADDRESS, SUCCESS, Stat, mid_of)
from rpc_impacket import Client
from site_nspid import Site

CERTIFICATES, SMIME = 0x8C6A1102, 0x3A701102

BOOK = """\
dn: CN=Anna Berg,OU=People,DC=example,DC=com
objectClass: user
displayName: Anna Berg
sAMAccountName: anna
mail: anna@example.com

dn: CN=Berta Cohn,OU=People,DC=example,DC=com
objectClass: user
displayName: Berta Cohn
sAMAccountName: berta
mail: berta@example.com

dn: CN=Sales,OU=Groups,DC=example,DC=com
objectClass: group
displayName: Sales
mail: sales@example.com
managedBy: CN=Anna Berg,OU=People,DC=example,DC=com
member: CN=Berta Cohn,OU=People,DC=example,DC=com
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "book.ldif"
    path.write_text(BOOK)
    with Site(path) as s:
        yield s


def mid(client, mail):
    return client.get_matches(Stat(), ("property", 4, SMTP_ADDRESS, (SMTP_ADDRESS, mail))).mids[0]


def test_own_certificate(own):
    with Client(own) as anna, Client(own, user="berta") as berta:
        me = mid(anna, "anna@example.com")
        assert anna.mod_props(Stat(current_rec=me), [], [(SMIME, [b"one", b"two"])]).status == SUCCESS
        assert dict(berta.get_props(me, [SMIME]).row)[SMIME] == [b"one", b"two"]
    assert "event=2100" in own.log()
