"""What is hidden from an account is as if it did not exist, whichever way it asks.

Two servers with the same book. On one, `eve` is in a view and attributes are withheld from her; from the other's book the
same things were deleted. A walk asks both the same questions: every operation, with every form in which an entry can be
named. All answers have to be equal. `walter`, from whom nothing is hidden, walks too, to show that the questions would
have told.
"""

import contextlib
import itertools
import json

import pytest

from mapihttp_client import HttpClient
from nspi_wire import (ANR, CURRENT, DISPLAY_NAME, DISPLAY_NAME_A, EMAIL_ADDRESS, END, ENTRYID, INSTANCE_KEY,
                       MANAGER, MEMBER, MEMBER_OF, PROXY_ADDRESSES, REPORTS, SMTP_ADDRESS, SUCCESS, SURNAME, Fault, Stat,
                       mid_of)
from rpc_impacket import Client
from site_nspid import Site, wait_until

MOBILE, OWNER, OWNED, DELEGATES = 0x3A1C001F, 0x800C000D, 0x8024000D, 0x8015000D
COMPANY, HIDE_MEMBERS = 0x3A16001F, 0x80B8000B
LINKS = [MEMBER, MEMBER_OF, MANAGER, REPORTS, OWNER, OWNED, DELEGATES]
TAGS = [DISPLAY_NAME, DISPLAY_NAME_A, SMTP_ADDRESS, MOBILE, SURNAME, ENTRYID, INSTANCE_KEY, EMAIL_ADDRESS, PROXY_ADDRESSES,
        COMPANY, HIDE_MEMBERS, MANAGER & ~0xFFFF | 0x001F, MEMBER & ~0xFFFF | 0x101F, 0x3A1C0000, *LINKS]
WITHHELD = {MOBILE, SURNAME, OWNER, OWNED}

HIERARCHY = """
directory {
hierarchy_root = "cn=circle,o=x"
}
"""
CONFIG = HIERARCHY + """
view "Guests" {
groups = { "guests" }
gal = "(!(company=Outside))"
}
withhold "numbers" {
attributes = { "mobile", "sn" }
unless_groups = { "staff" }
}
withhold "owners" {
attributes = { "managedBy" }
from_groups = { "guests" }
}
"""

# name: what it is, and what of it eve may not see
PEOPLE = {
    "eve": "givenName: Eve\nsn: Edge\nmobile: 1\nmanager: cn=outer boss,o=x\n",
    "sam inner": "givenName: Sam\nsn: Inner\nmobile: 2\nmanager: cn=eve,o=x\npublicDelegates: cn=sam outer,o=x\n"
                 "proxyAddresses: smtp:sam@in.example\n",
    "sam outer": "givenName: Sam\nsn: Outer\nmobile: 3\nmanager: cn=eve,o=x\ncompany: Outside\n"
                 "proxyAddresses: smtp:outer@out.example\nproxyAddresses: X500:/o=Old/cn=outer\n",
    "outer boss": "givenName: Otto\nsn: Boss\ncompany: Outside\npublicDelegates: cn=eve,o=x\n",
    "secret": "givenName: Sibyl\nsn: Secret\nmobile: 4\nmanager: cn=eve,o=x\nmsExchHideFromAddressLists: TRUE\n",
}
GROUPS = {
    "circle": "member: cn=eve,o=x\nmember: cn=sam outer,o=x\nmember: cn=secret,o=x\nmember: cn=lodge,o=x\n"
              "member: cn=outer circle,o=x\nmanagedBy: cn=eve,o=x\nmsOrg-IsOrganizational: TRUE\n",
    "lodge": "member: cn=eve,o=x\nmember: cn=sam inner,o=x\nhideDLMembership: TRUE\nmsOrg-IsOrganizational: TRUE\n",
    "outer circle": "member: cn=eve,o=x\nmember: cn=sam inner,o=x\ncompany: Outside\nmanagedBy: cn=eve,o=x\n"
                    "msOrg-IsOrganizational: TRUE\n",
}
OUTSIDE = ["sam outer", "outer boss", "outer circle"]
HIDDEN = "secret"
NAMES = [*PEOPLE, *GROUPS]


def dn_of(name):
    return f"cn={name},o=x"


def book():
    def entry(name, kind, text):
        mail = name.replace(" ", ".") + "@x.example"
        return f"dn: {dn_of(name)}\nobjectClass: {kind}\ndisplayName: {name.title()}\nmail: {mail}\n{text}\n"

    return "".join([entry(name, "user", text) for name, text in PEOPLE.items()] +
                   [entry(name, "group", text) for name, text in GROUPS.items()])


def deletions():
    """What makes of the book one in which there is nothing that eve may not see."""
    gone = [f"dn: {dn_of(name)}\nchangetype: delete\n\n" for name in [*OUTSIDE, HIDDEN]]
    lost = [(name, ["mobile", "sn"]) for name in ("eve", "sam inner")] + [("circle", ["managedBy"]), ("lodge", ["member"])]
    lost = [f"dn: {dn_of(name)}\nchangetype: modify\n" + "".join(f"delete: {a}\n-\n" for a in attributes) + "\n"
            for name, attributes in lost]
    return "".join(gone + lost)


class World:
    """A site and what is to be asked of it."""

    def __init__(self, site):
        self.site = site
        self.guid = Client(site, user="walter").another().guid


def make_world(tmp, config, changes=""):
    (tmp / "book.ldif").write_text(book())
    (tmp / "changes.ldif").write_text(changes)
    site = Site(tmp / "book.ldif", users=("eve", "walter"), options=config, start=False)
    for group, account in (("guests", "eve"), ("staff", "walter")):
        site.nspictl("group", "add", group)
        site.nspictl("group", "add-member", group, account)
    if changes:
        site.nspictl("import", tmp / "changes.ldif")
    site.start()
    return World(site)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """The server on which things are hidden from eve."""
    world = make_world(tmp_path_factory.mktemp("guarded"), CONFIG)
    yield world
    world.site.close()


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The server on which they are not there."""
    world = make_world(tmp_path_factory.mktemp("bare"), HIERARCHY, deletions())
    yield world
    world.site.close()


@pytest.fixture(scope="module")
def names(guarded):
    """Of each entry its MId, DN and entry ids, as who sees everything knows them."""
    with Client(guarded.site, user="walter") as c:
        told = {}
        for name in NAMES:
            mid = int(json.loads(guarded.site.nspictl("why", "walter", dn_of(name), "--json"))["mid"], 16)
            permanent, ephemeral = (c.get_props(mid, [EMAIL_ADDRESS, ENTRYID, 0x8C6D0102], flags=f).row for f in (0, 2))
            told[name] = {"mid": mid, "dn": permanent[0][1], "permanent": permanent[1][1], "ephemeral": ephemeral[1][1],
                          "guid": "/guid=" + permanent[2][1].hex().upper()}
    return told


TRANSPORTS = {
    "tcp-directory": lambda site, user: Client(site, user=user),
    "tcp-exchange": lambda site, user: Client(site, user=user, listener="exchange"),
    "http-directory": lambda site, user: HttpClient(site, user=user, listener="http-directory"),
    "http-exchange": lambda site, user: HttpClient(site, user=user),
}

WORDS = ["Eve", "Sam", "=Sam Inner", "=Sam Outer", "Outer", "Edge", "Inner", "Boss", "Sam Inner", "Outer, Sam", "Eve Edge",
         "Sibyl", "Secret", "secret@x.example", "sam.outer@x.example", "sam@in.example", "outer@out.example", "circle",
         "Outer Circle", "lodge", "s", "o", "/o=Old/cn=outer"]


class Walk:
    """The questions. Calls answer with what was asked, and what came."""

    def __init__(self, client, names):
        self.client, self.names, self.answers = client, names, {}
        self.over_http = isinstance(client, HttpClient)

    def ask(self, label, method, *args, **kwargs):
        try:
            answer = vars(getattr(self.client, method)(*args, **kwargs))
        except Fault as fault:
            answer = {"fault": fault.status}
        self.answers[(method, *map(str, label))] = answer
        return answer

    def walk(self, methods=None):
        for step in methods or (self.lists, self.tables, self.explicit, self.entries, self.dns, self.matches, self.links,
                                self.resolutions, self.changes):
            step()
        return self.answers

    # An entry that is only hidden from lists may be named by MId and DN: it is no part of what is equal.
    def named(self):
        return {name: told for name, told in self.names.items() if name != HIDDEN}

    def mids(self):
        return [told["mid"] for told in self.named().values()]

    def containers(self):
        rows = self.ask(("hierarchy",), "get_special_table")["rows"]
        return [dict(row)[0xFFFD0003] for row in rows]

    def lists(self):
        for container in self.containers():
            self.ask((container, "dialog"), "query_rows", Stat(container_id=container), 100, TAGS)
        self.ask(("templates",), "get_special_table", flags=6)

    def tables(self):
        for container, name in itertools.product(self.containers(), self.names):
            stat, mid = Stat(container_id=container), self.names[name]["mid"]
            for delta in (-1, 0, 1, 100):
                self.ask((container, name, delta), "update_stat", stat.but(current_rec=mid, delta=delta), 0)
                self.ask((container, name, delta), "query_rows", stat.but(current_rec=mid, delta=delta), 3, TAGS)
            self.ask((container, name), "seek_entries", stat, (DISPLAY_NAME, name.title()), TAGS)
            for other in self.names.values():
                self.ask((container, name, other["mid"]), "compare_mids", mid, other["mid"], stat)
        for place, total in itertools.product(range(0, 10, 3), (7, 10)):
            self.ask((place, total), "update_stat", Stat(current_rec=CURRENT, num_pos=place, total_recs=total), 0)
        self.ask(("end",), "update_stat", Stat(current_rec=END, delta=-2), 0)

    def explicit(self):
        mids = self.mids()
        self.ask(("all",), "query_rows", Stat(), 100, TAGS, table=mids)
        self.ask(("all",), "resort_restriction", Stat(current_rec=mids[2]), mids)
        for word in WORDS[:6]:
            self.ask(("explicit", word), "seek_entries", Stat(), (DISPLAY_NAME, word), TAGS, table=mids)

    def entries(self):
        for name, told in self.named().items():
            for flags in (0, 1, 2):
                self.ask((name, flags), "get_props", told["mid"], TAGS, flags=flags)
                self.ask((name, flags, "all"), "get_props", told["mid"], None, flags=flags)
                self.ask((name, flags), "get_prop_list", told["mid"], flags=flags)
            self.ask((name,), "query_rows", Stat(), 1, [ENTRYID, MOBILE], table=[told["mid"]])

    def dns(self):
        told = [t[form] for t in self.named().values() for form in ("dn", "guid")]
        self.ask(("all",), "dn_to_mid", [dn.encode() for dn in told])

    def matches(self):
        for word in WORDS:
            for tag in (ANR, DISPLAY_NAME, SURNAME, SMTP_ADDRESS, MOBILE):
                self.ask((word, tag, "is"), "get_matches", Stat(), ("property", 4, tag, (tag, word)), tags=TAGS)
                if tag != ANR:
                    self.ask((word, tag, "has"), "get_matches", Stat(), ("content", 0x10001, tag, (tag, word)), tags=TAGS)
        for tag in TAGS:
            self.ask((tag, "there"), "get_matches", Stat(), ("exist", tag), tags=TAGS)
            self.ask((tag, "not there"), "get_matches", Stat(), ("not", ("exist", tag)), tags=TAGS)
        self.ask(("beyond",), "get_matches", Stat(), ("property", 2, MOBILE, (MOBILE, "0")), tags=TAGS)
        self.ask(("few",), "get_matches", Stat(), ("exist", DISPLAY_NAME), requested=4)

    def links(self):
        for (name, told), link in itertools.product(self.named().items(), LINKS):
            stat = Stat(current_rec=told["mid"], container_id=link, sort_type=0x3E8)
            self.ask((name, link), "get_matches", stat, tags=TAGS)

    def resolutions(self):
        for container in self.containers():
            stat = Stat(container_id=container)
            self.ask((container,), "resolve_names_w", WORDS, stat, TAGS)
            if not self.over_http:
                self.ask((container,), "resolve_names", [w.encode() for w in WORDS], stat, TAGS)

    def changes(self):
        """Of what eve may change: her delegates, by ids of entries that are not there for her."""
        for name, form in itertools.product(OUTSIDE, ("permanent", "ephemeral")):
            self.ask((name, form), "mod_link_att", DELEGATES, self.names["eve"]["mid"], [self.names[name][form]])
            self.ask((name, form, "of"), "mod_link_att", DELEGATES, self.names[name]["mid"], [self.names["eve"][form]])
            stat = Stat(current_rec=self.names[name]["mid"])
            self.ask((name, form), "mod_props", stat, [0x3A701102], [])


def without(value, guid):
    """Entry ids bear the server's GUID."""
    if isinstance(value, bytes):
        return value.replace(guid, bytes(16))
    if isinstance(value, dict):
        return {k: without(v, guid) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [without(v, guid) for v in value]
    return value


def walk(world, transport, user, names):
    own = {name: dict(told, ephemeral=told["ephemeral"].replace(names["guid"], world.guid))
           for name, told in names.items() if name != "guid"}
    with contextlib.closing(TRANSPORTS[transport](world.site, user)) as client:
        return without(Walk(client, own).walk(), world.guid)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_is_hidden_is_not_there_for_any_operation(guarded, bare, names, transport):
    names = dict(names, guid=guarded.guid)
    hidden = walk(guarded, transport, "eve", names)
    absent = walk(bare, transport, "eve", names)
    shown = walk(guarded, transport, "walter", names)

    assert hidden.keys() == absent.keys()
    for question in hidden:
        assert hidden[question] == absent[question], question
    told = {question[0] for question in hidden if shown.get(question) != absent[question]}
    assert told >= {method for method, *_ in hidden} - {"get_special_table", "mod_props", "mod_link_att"}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_withheld_attributes_are_no_columns(guarded, bare, transport):
    columns = []
    for world, user in ((guarded, "eve"), (bare, "eve"), (guarded, "walter")):
        with contextlib.closing(TRANSPORTS[transport](world.site, user)) as client:
            columns.append(set(client.query_columns().tags))
    assert columns[1] - columns[0] == WITHHELD
    assert columns[2] == columns[1]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_entry_hidden_from_lists_is_had_by_mid_and_dn_alone(guarded, names, transport):
    secret = names[HIDDEN]
    for user in ("eve", "walter"):
        with contextlib.closing(TRANSPORTS[transport](guarded.site, user)) as client:
            assert client.dn_to_mid([secret["dn"].encode(), secret["guid"].encode()]).mids == [secret["mid"]] * 2
            assert client.get_props(secret["mid"], [DISPLAY_NAME]).row == [(DISPLAY_NAME, "Secret")]
            assert client.query_rows(Stat(), 1, [DISPLAY_NAME], table=[secret["mid"]]).rows[0][0][1] == "Secret"
            assert client.update_stat(Stat(current_rec=secret["mid"])).status != SUCCESS
            assert client.resolve_names_w(["Sibyl", "secret@x.example"], Stat(), [DISPLAY_NAME]).mids == [0, 0]
            for name in names:
                for link in LINKS:
                    stat = Stat(current_rec=names[name]["mid"], container_id=link, sort_type=0x3E8)
                    answer = client.get_matches(stat)
                    assert answer.status != SUCCESS or secret["mid"] not in answer.mids, (name, link)


def test_departments_are_lists_of_what_is_seen(guarded):
    def departments(user):
        with Client(guarded.site, user=user) as client:
            rows = [dict(row) for row in client.get_special_table().rows]
            lists = [(row[DISPLAY_NAME], row[0x30050003], row[0xFFFD0003]) for row in rows if row[0xFFFD0003] >= 0x1000]
            return {name: (depth, [dict(row)[DISPLAY_NAME] for row in client.query_rows(Stat(container_id=c), 9,
                                                                                        [DISPLAY_NAME]).rows])
                    for name, depth, c in lists}

    assert departments("eve") == {"Circle": (1, ["Eve"]), "Lodge": (2, [])}
    assert departments("walter") == {"Circle": (1, ["Eve", "Sam Outer"]), "Lodge": (2, []),
                                     "Outer Circle": (2, ["Eve", "Sam Inner"])}


def test_members_are_hidden_from_everybody_both_ways(guarded, names):
    with Client(guarded.site, user="walter") as client:
        for name, link in (("lodge", MEMBER), ("eve", MEMBER_OF), ("sam inner", MEMBER_OF)):
            answer = client.get_matches(Stat(current_rec=names[name]["mid"], container_id=link, sort_type=0x3E8))
            assert names["lodge"]["mid"] not in answer.mids
            assert name != "lodge" or not answer.mids


def test_why_says_what_clients_get(guarded, names):
    def why(account, name):
        return json.loads(guarded.site.nspictl("why", account, dn_of(name), "--json"))

    with Client(guarded.site, user="eve") as client:
        listed = {mid_of(row) for row in client.query_rows(Stat(), 100, [INSTANCE_KEY]).rows}
        for name, told in names.items():
            seen = why("eve", name)["seen"]
            assert (told["mid"] in listed) == (seen == "listed")
            assert (client.get_props(told["mid"], [DISPLAY_NAME]).status == SUCCESS) == (seen != "no")
            assert why("walter", name)["seen"] == ("by DN and MId only" if name == HIDDEN else "listed")
    assert "Guests" in why("eve", "sam outer")["rule"]
    assert "msExchHideFromAddressLists" in why("eve", HIDDEN)["rule"]
    assert {w["attribute"]: w["withhold"] for w in why("eve", "eve")["withheld"]} == \
        {"mobile": "numbers", "sn": "numbers", "managedObjects": "owners"}
    assert why("walter", "eve")["withheld"] == []
    assert why("walter", "lodge")["members_hidden"]


def test_a_reload_changes_what_a_session_sees(tmp_path):
    world = make_world(tmp_path, CONFIG)
    with world.site as site, Client(site, user="eve") as client:
        def visible():
            return {dict(row)[DISPLAY_NAME] for row in client.query_rows(Stat(), 100, [DISPLAY_NAME]).rows}

        assert visible() == {"Eve", "Sam Inner", "Circle", "Lodge"}
        text = site.config.read_text()
        site.config.write_text(text.replace("(!(company=Outside))", "(company=Outside)"))
        site.nspictl("reload")
        assert visible() == {"Sam Outer", "Outer Boss", "Outer Circle"}
        site.config.write_text(text.replace("(!(company=Outside))", "(company=Outside"))
        assert "nspid.conf:" in site.run("nspictl", "-c", site.config, "reload", check=False).stderr
        assert visible() == {"Sam Outer", "Outer Boss", "Outer Circle"}
        site.config.write_text(text.replace('groups = { "guests" }', 'groups = { "others" }'))
        site.nspictl("reload")
        wait_until(lambda: len(visible()) == 7, what="eve is in no view any more")
