"""A book that ldbsearch wrote from a provisioned Samba AD domain, imported as it is."""

import shutil
import subprocess

import pytest

import ldif
from nspi_wire import DISPLAY_NAME, DISPLAY_TYPE, MANAGER, MEMBER, REPORTS, SMTP_ADDRESS, Stat, mid_of
from rpc_impacket import Client
from site_nspid import Site
from test_browse import browse

DOMAIN = "DC=ad,DC=example,DC=com"

# Left out: what the domain controller keeps for itself, and what is made from other entries.
LEFT_OUT = {"accountexpires", "badpasswordtime", "badpwdcount", "directreports", "distinguishedname",
            "dscorepropagationdata", "instancetype", "lastlogoff", "lastlogon", "lastlogontimestamp", "lockouttime", "logoncount", "maxpwdage",
            "memberof", "minpwdage", "minpwdlength", "objectsid", "pwdhistorylength", "pwdlastset", "pwdproperties",
            "usnchanged", "usncreated"}

pytestmark = pytest.mark.skipif(not shutil.which("samba-tool") or not shutil.which("ldbsearch"),
                                reason="samba-tool or ldbsearch is not installed")


def tool(*args, input=None):
    return subprocess.run(args, input=input, capture_output=True, text=True, check=True).stdout


def provision(where):
    tool("samba-tool", "domain", "provision", f"--targetdir={where}", "--realm=AD.EXAMPLE.COM", "--domain=ADEX",
         "--server-role=dc", "--adminpass=Passw0rd-one", "--dns-backend=NONE", "--host-name=dc1",
         "--host-ip=127.0.0.1")
    return where / "private/sam.ldb"


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    """What ldbsearch says of a domain in which people work."""
    where = tmp_path_factory.mktemp("samba")
    database = provision(where / "ad")
    at = ("-H", str(database))
    tool("samba-tool", "user", "create", "anna", "Passw0rd-two", *at, "--given-name=Anna", "--surname=Müller",
         "--mail-address=anna@ad.example.com", "--telephone-number=+49 30 23125 1", "--department=Sales")
    tool("samba-tool", "user", "create", "jörg", "Passw0rd-two", *at, "--given-name=Jörg", "--surname=Groß")
    tool("samba-tool", "contact", "create", "Carla Contact", *at, "--given-name=Carla", "--surname=Contact",
         "--mail-address=carla@example.org")
    tool("samba-tool", "group", "add", "Staff", *at, "--mail-address=staff@ad.example.com")
    tool("samba-tool", "group", "addmembers", "Staff", "anna,jörg", *at)
    tool("ldbmodify", *at, input=f"dn: CN=Anna Müller,CN=Users,{DOMAIN}\nchangetype: modify\n"
                                 f"add: manager\nmanager: CN=Jörg Groß,CN=Users,{DOMAIN}\n-\n"
                                 "add: thumbnailPhoto\nthumbnailPhoto:: /9j/2Q==\n-\n"
                                 "add: proxyAddresses\nproxyAddresses: SMTP:anna@ad.example.com\n"
                                 "proxyAddresses: smtp:a.mueller@ad.example.com\n-\n")
    path = where / "search.ldif"
    path.write_text(tool("ldbsearch", *at))
    return path


@pytest.fixture(scope="module")
def entries(search):
    return ldif.read(search)


@pytest.fixture(scope="module")
def site():
    with Site() as s:
        yield s


@pytest.fixture(scope="module")
def result(site, search):
    return site.nspictl_json("import", str(search))


@pytest.fixture(scope="module")
def exported(site, result, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "export.ldif"
    path.write_text(site.nspictl("export"))
    return {e["dn"][0]: e for e in ldif.read(path)}


@pytest.fixture(scope="module")
def rows(site, result):
    with Client(site) as client:
        return browse(client, 50)


def test_every_entry_is_taken_and_the_referral_is_not_one(result, entries):
    assert len(entries) > 150
    assert (result["records"], result["added"], result["warnings"]) == (len(entries), len(entries), 0)


def test_a_second_import_changes_nothing(site, result, search):
    assert site.nspictl_json("import", str(search))["unchanged"] == result["added"]


def test_every_attribute_is_kept_but_for_those_named(entries, exported):
    for entry in entries:
        copy = exported[entry["dn"][0]]
        for name, values in entry.items():
            if name in LEFT_OUT:
                assert name not in copy
            elif name != "objectguid":
                assert copy[name] == values, (entry["dn"], name)
        assert set(copy) - set(entry) == {"legacyexchangedn"}
    assert len(exported) == len(entries)


def test_people_contacts_and_groups_that_somebody_made_are_shown(rows):
    shown = {(r[DISPLAY_NAME], r.get(SMTP_ADDRESS), r[DISPLAY_TYPE]) for r in rows}
    assert shown == {("Anna Müller", "anna@ad.example.com", 0), ("Jörg Groß", None, 0),
                     ("Carla Contact", "carla@example.org", 6), ("Staff", "staff@ad.example.com", 1)}


@pytest.mark.parametrize("kind,count", [("computer", 1), ("organizationalunit", 1), ("foreignsecurityprincipal", 4)])
def test_what_is_no_recipient_is_kept_but_not_shown(exported, rows, kind, count):
    found = [e for e in exported.values() if kind in {c.lower() for c in e["objectclass"]}]
    assert len(found) >= count
    assert not {e["cn"][0] for e in found if "cn" in e} & {r[DISPLAY_NAME] for r in rows}


def linked(client, rows, name, link):
    mid = next(mid_of(r) for r in rows if r[DISPLAY_NAME] == name)
    answer = client.get_matches(Stat(sort_type=0x3E8, container_id=link, current_rec=mid), tags=[DISPLAY_NAME])
    return [dict(r)[DISPLAY_NAME] for r in answer.rows]


def test_members_and_managers_are_linked(site, rows):
    with Client(site) as client:
        assert linked(client, rows, "Staff", MEMBER) == ["Anna Müller", "Jörg Groß"]
        assert linked(client, rows, "Anna Müller", MANAGER) == ["Jörg Groß"]
        assert linked(client, rows, "Jörg Groß", REPORTS) == ["Anna Müller"]
