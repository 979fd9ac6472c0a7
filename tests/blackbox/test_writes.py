"""Changes by clients: who may change what, who sees it, and what survives. Over both profiles and both transports."""

import os
import resource
import signal
import struct
import threading

import pytest

from nspi_wire import (ACCESS_DENIED, DISPLAY_NAME, EMAIL_ADDRESS, ENTRYID, GENERAL_FAILURE, INSTANCE_KEY,
                       INVALID_CODEPAGE, INVALID_OBJECT, INVALID_PARAMETER, MANAGER, MEMBER, MEMBER_OF, NOT_FOUND, REPORTS, SMTP_ADDRESS,
                       SUCCESS, Stat)
from mapihttp_client import HttpClient
from rpc_impacket import Client
from site_nspid import Site, wait_until

CERTIFICATES, SMIME = 0x8C6A1102, 0x3A701102
DELEGATES, DELEGATES_OF = 0x8015000D, 0x8110000D
MANAGED = 0x8024000D
PHONE, PHONE_A, OTHER_PHONES = 0x3A08001F, 0x3A08001E, 0x3A1B101F
DELETE = 1

OPTIONS = """
directory {
    administrators = "KEEPERS"
    self_writable = { "telephoneNumber", "otherTelephone" }
}
"""


def entry(name, kind="user", *lines):
    place = {"user": "People", "group": "Groups", "publicFolder": "Folders"}[kind]
    account = f"sAMAccountName: {name.lower()}\n" if kind == "user" else ""
    return (f"dn: CN={name},OU={place},DC=example,DC=com\nobjectClass: {kind}\ndisplayName: {name}\n{account}"
            f"mail: {name.lower()}@example.com\n" + "".join(f"{l}\n" for l in lines) + "\n")


def dn(name):
    return f"CN={name},OU=People,DC=example,DC=com"


BOOK = (entry("Anna", "user", "telephoneNumber: 1")
        + entry("Berta", "user", f"manager: {dn('Anna')}")
        + entry("Carla") + entry("Dora", "user", "msExchHideFromAddressLists: TRUE")
        + entry("Sales", "group", f"managedBy: {dn('Anna')}", f"member: {dn('Berta')}")
        + entry("Board", "publicFolder"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """For tests that leave Anna, Berta and Sales as they found them."""
    with make_site(tmp_path_factory.mktemp("book")) as s:
        yield s


@pytest.fixture
def own(tmp_path):
    with make_site(tmp_path) as s:
        yield s


def make_site(directory):
    path = directory / "book.ldif"
    path.write_text(BOOK)
    site = Site(path, users=("anna", "berta", "keeper"), options=OPTIONS)
    site.nspictl("group", "add", "keepers")
    site.nspictl("group", "add-member", "keepers", "keeper")
    return site


@pytest.fixture(params=["rpc", "exchange", "http"])
def listener(request):
    return request.param


def connect(site, listener, user="anna"):
    return (HttpClient if listener == "http" else Client)(site, listener=listener, user=user)


def mid_of(client, name):
    answer = client.dn_to_mid([dn_of(client, name).encode()])
    return answer.mids[0]


def dn_of(client, name):
    """The legacyExchangeDN of a listed entry."""
    rows = client.get_matches(Stat(), ("property", 4, SMTP_ADDRESS, (SMTP_ADDRESS, f"{name.lower()}@example.com")),
                              tags=[EMAIL_ADDRESS]).rows
    return dict(rows[0])[EMAIL_ADDRESS]


def value(client, mid, tag):
    return dict(client.get_props(mid, [tag], Stat(codepage=1252)).row).get(tag)


def links(client, mid, tag):
    answer = client.get_matches(Stat(sort_type=0x3E8, container_id=tag, current_rec=mid), tags=[DISPLAY_NAME])
    assert answer.status == SUCCESS
    return [dict(row)[DISPLAY_NAME] for row in answer.rows]


def permanent(client, mid):
    return value(client, mid, ENTRYID)


def ephemeral(client, mid):
    return dict(client.get_props(mid, [ENTRYID], flags=2).row)[ENTRYID]


def set_value(client, mid, tag, new, codepage=1252):
    return client.mod_props(Stat(current_rec=mid, codepage=codepage), [], [(tag, new)]).status


def test_own_certificates_are_changed_and_others_see_it_in_the_next_call(shared, listener):
    """MS-OXNSPI_R1267 MS-OXNSPI_R1268 MS-OXNSPI_R1297 MS-OXNSPI_R1299 MS-OXNSPI_R1301 MS-OXNSPI_R1305
    MS-OXNSPI_R1686"""
    with connect(shared, listener) as anna, Client(shared, user="berta") as berta:
        me = mid_of(anna, "Anna")
        for tag in (CERTIFICATES, SMIME):
            assert set_value(anna, me, tag, [b"\x30one", b"\x30two\0"]) == SUCCESS
            assert value(berta, me, tag) == [b"\x30one", b"\x30two\0"]
            assert value(anna, me, tag) == [b"\x30one", b"\x30two\0"]
            assert anna.mod_props(Stat(current_rec=me), [tag], []).status == SUCCESS
            assert value(berta, me, tag) is None


def test_anothers_certificate_is_denied_and_unchanged(shared, listener):
    with connect(shared, listener) as anna, Client(shared, user="berta") as berta:
        her = mid_of(anna, "Berta")
        assert set_value(berta, her, SMIME, [b"\x30hers"]) == SUCCESS
        assert set_value(anna, her, SMIME, [b"\x30mine"]) == ACCESS_DENIED
        assert anna.mod_props(Stat(current_rec=her), [SMIME], []).status == ACCESS_DENIED
        assert value(anna, her, SMIME) == [b"\x30hers"]
        assert set_value(berta, her, SMIME, []) == SUCCESS


def test_nothing_is_modified_when_one_of_several_properties_is_denied(shared, listener):
    """MS-OXNSPI_R1284 MS-OXNSPI_R1303"""
    with connect(shared, listener) as anna:
        me = mid_of(anna, "Anna")
        row = [(SMIME, [b"\x30"]), (DISPLAY_NAME, "Queen Anna")]
        assert anna.mod_props(Stat(current_rec=me), [], row).status == ACCESS_DENIED
        assert anna.mod_props(Stat(current_rec=me), [DISPLAY_NAME], row[:1]).status == ACCESS_DENIED
        assert value(anna, me, SMIME) is None
        assert value(anna, me, DISPLAY_NAME) == "Anna"


def test_configured_text_is_self_writable_in_every_string_form(shared, listener):
    with connect(shared, listener) as anna, Client(shared, user="berta") as berta:
        me, her = mid_of(anna, "Anna"), mid_of(anna, "Berta")
        assert set_value(anna, me, PHONE, "+49 30 王") == SUCCESS
        assert value(berta, me, PHONE) == "+49 30 王"
        assert set_value(anna, me, PHONE_A, "Büro 7".encode("cp1250"), codepage=1250) == SUCCESS
        assert value(berta, me, PHONE) == "Büro 7"
        assert set_value(anna, me, OTHER_PHONES, ["2", "3"]) == SUCCESS
        assert value(berta, me, OTHER_PHONES) == ["2", "3"]
        assert anna.mod_props(Stat(current_rec=me), [PHONE, OTHER_PHONES], [(PHONE, "1")]).status == SUCCESS
        assert (value(berta, me, PHONE), value(berta, me, OTHER_PHONES)) == ("1", None)
        assert set_value(anna, her, PHONE, "1") == ACCESS_DENIED


def test_mod_props_errors_in_their_order(shared, listener):
    """MS-OXNSPI_R1280 MS-OXNSPI_R1289 MS-OXNSPI_R1291 MS-OXNSPI_R1293 MS-OXNSPI_R1295"""
    with connect(shared, listener) as anna:
        me, board = mid_of(anna, "Anna"), mid_of(anna, "Board")
        stat = Stat(current_rec=me)
        reserved = anna.mod_props(stat, [], [], reserved=1).status
        assert reserved == (GENERAL_FAILURE if listener == "rpc" else SUCCESS)
        assert anna.mod_props(stat.but(codepage=1200), [SMIME], []).status == INVALID_CODEPAGE
        assert anna.mod_props(stat, None, [(SMIME, [b"\x30"])]).status == INVALID_PARAMETER
        for nobody in (0, 2, 0xF, 0x7FFFFFFF):
            assert anna.mod_props(Stat(current_rec=nobody), [SMIME], []).status == INVALID_PARAMETER
        assert anna.mod_props(Stat(current_rec=board), [SMIME], []).status == INVALID_OBJECT
        assert value(anna, me, SMIME) is None


@pytest.mark.parametrize("values", [[b"\x30" * 32769], [b"\x30"] * 65])
def test_certificates_have_bounds(shared, values):
    with Client(shared) as anna:
        me = mid_of(anna, "Anna")
        assert set_value(anna, me, SMIME, values) == ACCESS_DENIED
        assert value(anna, me, SMIME) is None
        assert set_value(anna, me, SMIME, [v[:32768] for v in values[:64]]) == SUCCESS
        assert set_value(anna, me, SMIME, []) == SUCCESS


def test_a_manager_changes_members_by_both_forms_of_ids(shared, listener):
    """MS-OXNSPI_R1306 MS-OXNSPI_R1893 MS-OXNSPI_R1332 MS-OXNSPI_R1335 MS-OXNSPI_R1340 MS-OXNSPI_R1687"""
    with connect(shared, listener) as anna, Client(shared, user="berta") as berta:
        sales, carla = mid_of(anna, "Sales"), mid_of(anna, "Carla")
        me, her = mid_of(anna, "Anna"), mid_of(anna, "Berta")
        ids = [permanent(anna, carla), ephemeral(anna, me), permanent(anna, her)]
        assert anna.mod_link_att(MEMBER, sales, ids).status == SUCCESS
        assert links(berta, sales, MEMBER) == ["Anna", "Berta", "Carla"]
        assert links(berta, carla, MEMBER_OF) == ["Sales"]
        assert links(berta, me, MANAGED) == ["Sales"]
        gone = [ephemeral(anna, carla), permanent(anna, me)]
        assert anna.mod_link_att(MEMBER, sales, gone, DELETE | 0xFFFFFFFE).status == SUCCESS
        assert links(berta, sales, MEMBER) == ["Berta"]
        assert links(berta, carla, MEMBER_OF) == []


def test_who_is_not_the_manager_changes_no_members(shared, listener):
    """MS-OXNSPI_R1338 MS-OXNSPI_R1321"""
    with connect(shared, listener, "berta") as berta:
        sales, carla = mid_of(berta, "Sales"), mid_of(berta, "Carla")
        for flags in (0, DELETE):
            assert berta.mod_link_att(MEMBER, sales, [permanent(berta, carla)], flags).status == ACCESS_DENIED
        assert links(berta, sales, MEMBER) == ["Berta"]


def test_what_is_so_already_is_ignored_and_what_is_nothing_cannot_be_added(shared, listener):
    """MS-OXNSPI_R1333 MS-OXNSPI_R1336"""
    with connect(shared, listener) as anna:
        sales, carla, her = mid_of(anna, "Sales"), mid_of(anna, "Carla"), mid_of(anna, "Berta")
        nobody = ephemeral(anna, carla)[:28] + struct.pack("<I", 0x7FFFFFFF)
        stranger = permanent(anna, carla)[:28] + b"/o=Nobody/cn=Nobody\0"
        assert anna.mod_link_att(MEMBER, sales, [permanent(anna, her), ephemeral(anna, her)]).status == SUCCESS
        # A request body that says where ids end by what they are cannot hold one that is none.
        wrong_ids = [nobody, stranger] + ([] if listener == "http" else [b"", b"xyz"])
        assert anna.mod_link_att(MEMBER, sales, [permanent(anna, carla), *wrong_ids], DELETE).status == SUCCESS
        for wrong in wrong_ids:
            assert anna.mod_link_att(MEMBER, sales, [permanent(anna, carla), wrong]).status == ACCESS_DENIED
        assert anna.mod_link_att(MEMBER, sales, []).status == SUCCESS
        assert links(anna, sales, MEMBER) == ["Berta"]


def test_delegates_of_ones_own_entry(shared, listener):
    """MS-OXNSPI_R2002"""
    with connect(shared, listener) as anna, Client(shared, user="berta") as berta:
        me, her = mid_of(anna, "Anna"), mid_of(anna, "Berta")
        assert anna.mod_link_att(DELEGATES, me, [ephemeral(anna, her)]).status == SUCCESS
        assert links(berta, me, DELEGATES) == ["Berta"]
        assert links(berta, her, DELEGATES_OF) == ["Anna"]
        assert berta.mod_link_att(DELEGATES, me, [ephemeral(anna, her)], DELETE).status == ACCESS_DENIED
        assert anna.mod_link_att(DELEGATES, me, [permanent(anna, her)], DELETE).status == SUCCESS
        assert links(berta, her, DELEGATES_OF) == []


def test_mod_link_att_errors_in_their_order(shared, listener):
    """MS-OXNSPI_R1326 MS-OXNSPI_R1328 MS-OXNSPI_R1646 MS-OXNSPI_R1647 MS-OXNSPI_R1310 MS-OXNSPI_R1927"""
    wrong_kind = SUCCESS if listener == "rpc" else ACCESS_DENIED
    with connect(shared, listener) as anna:
        me, sales = mid_of(anna, "Anna"), mid_of(anna, "Sales")
        ids = [permanent(anna, me)]
        assert anna.mod_link_att(0x1234000D, 0x7FFFFFFF, ids).status == NOT_FOUND
        assert anna.mod_link_att(MEMBER, 0x7FFFFFFF, ids).status == INVALID_PARAMETER
        assert anna.mod_link_att(MEMBER, me, ids).status == wrong_kind
        assert anna.mod_link_att(DELEGATES, sales, ids).status == wrong_kind
        assert anna.mod_link_att(MANAGER, me, ids).status == ACCESS_DENIED
        assert anna.mod_link_att(REPORTS, me, ids).status == ACCESS_DENIED
        assert links(anna, me, DELEGATES) == []


def test_members_of_the_administrators_group_change_others_entries(shared):
    with Client(shared, user="keeper") as keeper:
        her, sales, carla = mid_of(keeper, "Berta"), mid_of(keeper, "Sales"), mid_of(keeper, "Carla")
        assert set_value(keeper, her, SMIME, [b"\x30k"]) == SUCCESS
        assert set_value(keeper, her, SMIME, []) == SUCCESS
        assert set_value(keeper, her, DISPLAY_NAME, "Bertha") == ACCESS_DENIED
        assert keeper.mod_link_att(MEMBER, sales, [permanent(keeper, carla)]).status == SUCCESS
        assert keeper.mod_link_att(MEMBER, sales, [permanent(keeper, carla)], DELETE).status == SUCCESS
        shared.nspictl("group", "remove-member", "keepers", "keeper")
        try:
            assert set_value(keeper, her, SMIME, [b"\x30k"]) == ACCESS_DENIED
        finally:
            shared.nspictl("group", "add-member", "keepers", "keeper")


def test_a_hidden_entry_is_no_ones_but_its_owners(shared):
    shared.add_user("dora")
    with Client(shared, user="dora") as dora, Client(shared) as anna:
        listed = [dict(r)[DISPLAY_NAME] for r in anna.query_rows(tags=[DISPLAY_NAME]).rows]
        assert "Dora" not in listed
        low = min(mid_of(anna, n) for n in ("Anna", "Berta", "Carla"))
        me = next(m for m in range(low, low + 20) if value(dora, m, DISPLAY_NAME) == "Dora")
        assert set_value(dora, me, SMIME, [b"\x30d"]) == SUCCESS
        assert set_value(anna, me, SMIME, [b"\x30a"]) == ACCESS_DENIED


def test_mids_and_positions_held_by_clients_stay_good(shared):
    with Client(shared) as anna, Client(shared, user="berta") as berta:
        rows = berta.query_rows(tags=[INSTANCE_KEY, DISPLAY_NAME]).rows
        mids = [struct.unpack("<I", dict(r)[INSTANCE_KEY])[0] for r in rows]
        held = berta.query_rows(Stat(), count=2, tags=[DISPLAY_NAME]).stat
        sales, carla = mid_of(anna, "Sales"), mid_of(anna, "Carla")
        assert anna.mod_link_att(MEMBER, sales, [permanent(anna, carla)]).status == SUCCESS
        assert set_value(anna, mid_of(anna, "Anna"), SMIME, [b"\x30"]) == SUCCESS
        again = berta.query_rows(table=mids, count=len(mids), tags=[DISPLAY_NAME]).rows
        assert [dict(r)[DISPLAY_NAME] for r in again] == [dict(r)[DISPLAY_NAME] for r in rows]
        after = berta.update_stat(held).stat
        assert (after.current_rec, after.num_pos, after.total_recs) == (held.current_rec, held.num_pos, held.total_recs)
        assert anna.mod_link_att(MEMBER, sales, [permanent(anna, carla)], DELETE).status == SUCCESS
        assert set_value(anna, mid_of(anna, "Anna"), SMIME, []) == SUCCESS


def test_a_change_is_logged_with_who_and_what_but_no_value(own):
    with Client(own) as anna:
        sales, me = mid_of(anna, "Sales"), mid_of(anna, "Anna")
        assert set_value(anna, me, PHONE, "4711-0815") == SUCCESS
        assert anna.mod_link_att(MEMBER, sales, [permanent(anna, me)]).status == SUCCESS
        assert set_value(anna, mid_of(anna, "Berta"), PHONE, "666") == ACCESS_DENIED
    lines = [l for l in own.log().splitlines() if "event=2100" in l]
    assert len(lines) == 2
    assert "account=anna" in lines[0] and "properties=telephoneNumber" in lines[0] and "reason=self" in lines[0]
    assert "properties=member" in lines[1] and "reason=manager" in lines[1]
    assert "4711" not in own.log()
    events = [e for e in own.nspictl_json("events") if e["id"] == 2100]
    assert len(events) == 2 and events[0]["account"] == "anna"


def test_kill_9_right_after_the_answer_loses_nothing(own, listener):
    for n in range(3):
        anna = connect(own, listener)
        me, sales, carla = mid_of(anna, "Anna"), mid_of(anna, "Sales"), mid_of(anna, "Carla")
        flags = DELETE if n % 2 else 0
        assert anna.mod_link_att(MEMBER, sales, [permanent(anna, carla)], flags).status == SUCCESS
        assert set_value(anna, me, SMIME, [b"\x30%d" % n]) == SUCCESS
        own.stop(signal.SIGKILL)
        own.start()
        with connect(own, listener) as anna:
            assert (mid_of(anna, "Anna"), mid_of(anna, "Sales")) == (me, sales)
            assert value(anna, me, SMIME) == [b"\x30%d" % n]
            assert links(anna, sales, MEMBER) == (["Berta"] if n % 2 else ["Berta", "Carla"])


def test_writers_that_race_lose_nothing(own):
    """Anna's and a keeper's connections add and remove different members of one group, over and over."""
    with Client(own) as c:
        sales = mid_of(c, "Sales")
        ids = {name: permanent(c, mid_of(c, name)) for name in ("Anna", "Carla")}
    failures = []

    def work(user, name):
        with Client(own, user=user) as client:
            for n in range(41):
                status = client.mod_link_att(MEMBER, sales, [ids[name]], DELETE if n % 2 else 0).status
                if status != SUCCESS or (name in links(client, sales, MEMBER)) != (n % 2 == 0):
                    failures.append((user, n, status))

    threads = [threading.Thread(target=work, args=a) for a in (("anna", "Anna"), ("keeper", "Carla"))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert failures == []
    with Client(own) as c:
        assert links(c, sales, MEMBER) == ["Anna", "Berta", "Carla"]


def test_a_client_that_goes_while_it_waits_harms_nobody(own):
    for _ in range(30):
        with Client(own) as anna:
            me = mid_of(anna, "Anna")
            stub = bytearray(anna.handle) + struct.pack("<I", 0) + Stat(current_rec=me).pack()
            stub += struct.pack("<I4I", 0x20000, 1, 0, 0, 0)  # no tags
            stub += struct.pack("<III", 0, 0, 0)  # no row
            anna.connection.dce.call(11, bytes(stub))
    with Client(own) as anna:
        assert set_value(anna, mid_of(anna, "Anna"), SMIME, [b"\x30"]) == SUCCESS


def test_reads_are_served_while_an_import_keeps_writers_waiting(own, tmp_path):
    """The import is fed through a pipe that the test holds open."""
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    ended = []
    importer = threading.Thread(target=lambda: ended.append(own.nspictl("import", str(fifo))))
    importer.start()
    with open(fifo, "w") as pipe, Client(own) as anna, Client(own, user="berta") as berta:
        pipe.write(entry("Emil"))
        pipe.flush()
        wait_until(lambda: own.nspictl_json("status")["import"], what="the import has begun")
        me = mid_of(anna, "Anna")
        outcome = []
        writer = threading.Thread(target=lambda: outcome.append(set_value(anna, me, SMIME, [b"\x30w"])))
        writer.start()
        for _ in range(20):
            assert value(berta, me, DISPLAY_NAME) == "Anna"
        pipe.close()
        importer.join()
        writer.join()
        assert outcome == [SUCCESS]
        assert value(berta, me, SMIME) == [b"\x30w"]
        assert mid_of(berta, "Emil")


def test_a_full_disk_refuses_changes_and_serves_on(own):
    """Files of the server may not grow any more: what a full disk looks like to it."""
    with Client(own) as anna:
        me = mid_of(anna, "Anna")
        assert set_value(anna, me, SMIME, [b"\x30before"]) == SUCCESS
        resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        assert set_value(anna, me, SMIME, [b"\x30" * 32000] * 8) == ACCESS_DENIED
        assert value(anna, me, SMIME) == [b"\x30before"]
        assert anna.query_rows(count=3).status == SUCCESS
        resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert set_value(anna, me, SMIME, [b"\x30after"]) == SUCCESS
        assert value(anna, me, SMIME) == [b"\x30after"]
    failed = [e for e in own.nspictl_json("events") if e["id"] == 2101]
    assert len(failed) == 1 and "no space left" in failed[0]["text"]


def test_a_configuration_that_gives_away_too_much_is_refused(tmp_path):
    path = tmp_path / "book.ldif"
    path.write_text(BOOK)
    with Site(path, start=False, options='directory {\n self_writable = { "mail" }\n}') as site:
        done = site.run("../main/nspid", "-c", site.config, "--check", check=False)
        assert done.returncode != 0 and 'self_writable = "mail"' in done.stderr
