"""A book that slapcat wrote from a running slapd, imported as it is."""

import shutil
import subprocess

import pytest

import ldif
from nspi_wire import DISPLAY_NAME
from rpc_impacket import Client
from site_nspid import Site, make_book, wait_until
from test_browse import browse

SLAPD = "/usr/sbin/slapd"
BASE = "dc=example,dc=com"
ADMIN = f"cn=admin,{BASE}"

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile {dir}/pid
database mdb
suffix {base}
rootdn {admin}
rootpw secret
directory {dir}/db
maxsize 268435456
overlay memberof
"""

# What a directory has that no generator thinks of.
MORE = f"""
dn: uid=jörg,ou=people,{BASE}
objectClass: inetOrgPerson
uid: jörg
cn: Jörg Groß
cn;lang-en: Joerg Gross
sn: Groß
mail: joerg@example.com
userPassword: s3same-0pen
description:: IGxlYWRpbmcgc3BhY2U=

dn: cn=Doe\\, John \\+1,ou=people,{BASE}
objectClass: inetOrgPerson
cn: Doe, John +1
sn: Doe
telephoneNumber: +1 202 555 0100
secretary: uid=jörg,ou=people,{BASE}

dn: cn=Readers,ou=groups,{BASE}
objectClass: groupOfNames
cn: Readers
member: uid=jörg,ou=people,{BASE}
member: cn=Doe\\, John \\+1,ou=people,{BASE}
member: cn=nobody,{BASE}

dn: cn=Writers,ou=groups,{BASE}
objectClass: groupOfUniqueNames
cn: Writers
uniqueMember: uid=jörg,ou=people,{BASE}
"""

# Of a slapd's own attributes these are not kept; all others are.
LEFT_OUT = {"structuralobjectclass", "creatorsname", "modifiersname", "entrycsn", "memberof", "userpassword", "contextcsn"}

pytestmark = pytest.mark.skipif(not shutil.which(SLAPD), reason="slapd is not installed")


def tool(*args, input=None):
    return subprocess.run(args, input=input, capture_output=True, text=True, check=True).stdout


def answers(url):
    return subprocess.run(["ldapwhoami", "-H", url, "-x"], capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def slapcat(tmp_path_factory):
    """What slapcat says of a slapd that is running, filled by LDAP and by slapadd."""
    where = tmp_path_factory.mktemp("slapd")
    (where / "db").mkdir()
    config = where / "slapd.conf"
    config.write_text(CONFIG.format(dir=where, base=BASE, admin=ADMIN))
    tool("slapadd", "-q", "-f", config, "-l", make_book(where / "in.ldif", 150, "--style", "openldap", "--photos"))
    url = f"ldapi://{str(where / 'socket').replace('/', '%2F')}"
    server = subprocess.Popen([SLAPD, "-f", config, "-h", url, "-d", "0"], stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(url), 20, "slapd answers")
        tool("ldapadd", "-H", url, "-x", "-D", ADMIN, "-w", "secret", input=MORE)
        text = tool("slapcat", "-f", config)
    finally:
        server.terminate()
        server.wait(20)
    path = where / "out.ldif"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def entries(slapcat):
    return ldif.read(slapcat)


@pytest.fixture(scope="module")
def site():
    with Site() as s:
        yield s


@pytest.fixture(scope="module")
def result(site, slapcat):
    return site.nspictl_json("import", str(slapcat))


@pytest.fixture(scope="module")
def exported(site, result, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "export.ldif"
    path.write_text(site.nspictl("export"))
    return ldif.read(path)


@pytest.fixture(scope="module")
def rows(site, result):
    with Client(site) as client:
        return browse(client, 50)


def test_every_entry_is_taken(result, entries):
    assert (result["records"], result["added"], result["skipped"]) == (len(entries), len(entries), 0)


def test_the_one_warning_is_of_the_password(result):
    assert result["warnings"] == 1


def test_a_second_import_changes_nothing(site, result, slapcat):
    again = site.nspictl_json("import", str(slapcat))
    assert again["unchanged"] == result["added"]


def test_every_attribute_is_kept_but_for_those_named(entries, exported):
    kept = {e["dn"][0]: e for e in exported}
    for entry in entries:
        copy = kept[entry["dn"][0]]
        for name, values in entry.items():
            if name in LEFT_OUT:
                assert name not in copy
            else:
                assert copy[name] == values, (entry["dn"], name)
        assert set(copy) - set(entry) == {"legacyexchangedn"}
    assert len(kept) == len(entries)


def test_people_groups_and_rooms_are_shown_and_units_are_not(entries, rows):
    shown = {"inetorgperson", "groupofnames", "groupofuniquenames", "room"}
    wanted = sorted((e.get("displayname") or e["cn"])[0] for e in entries
                    if shown & {c.lower() for c in e["objectclass"]})
    assert sorted(r[DISPLAY_NAME] for r in rows) == wanted


def test_names_beyond_ascii_and_with_escapes_are_linked(site, result, rows):
    answer = site.nspi("members", "Readers")
    assert "Jörg Groß" in answer.stdout and "Doe, John +1" in answer.stdout
    assert "Jörg Groß" in site.nspi("members", "Writers").stdout


def test_no_password_is_anywhere(site, result):
    assert "s3same-0pen" not in site.nspictl("export")
    assert b"s3same-0pen" not in (site.dir / "state/store.mdb").read_bytes()
