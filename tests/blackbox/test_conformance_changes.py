"""NspiModProps and NspiModLinkAtt: sections 2.2.1.15, 3.1.4.1.14 and 3.1.4.1.15. The caller is Anna, who manages two groups."""

import struct

import pytest

from conformance import (ANNA, BAD_STUB, CERTIFICATES, DELEGATES, DYNAMIC, EMPTY_TEAM, NOBODY, OTHERS, SMIME, STATUSES, TEAM, YURI,
                         ZOE, ZOE_CERTIFICATES, ephemeral_id, mid, row, server_guid)
from nspi_wire import (ACCESS_DENIED, DISPLAY_NAME, ENTRYID, ERRORS_RETURNED, GENERAL_FAILURE, INVALID_OBJECT,
                       INVALID_PARAMETER, MANAGER, MEMBER, NOT_FOUND, SUCCESS, Fault, Stat, Writer)


@pytest.fixture(params=[SMIME, CERTIFICATES], ids=["SMIME", "X509"])
def certificates(either, request):
    """One of the two properties with certificates, empty before and after."""
    tag, me = request.param, Stat(current_rec=mid(either, ANNA))
    assert either.mod_props(me, [tag], []).status == SUCCESS
    yield tag
    either.mod_props(me, [tag], [])


@pytest.fixture
def me(either):
    return Stat(current_rec=mid(either, ANNA))


def value(client, mail, tag):
    """None when there is none."""
    return dict(row(client, mail, [tag])).get(tag)


# NspiModProps

def test_certificates_are_set_replaced_and_removed(either, me, certificates):
    """MS-OXNSPI_R652 R1267 R1268 R1276 R1297 R1299 R1301 R1305"""
    tag = certificates
    for tags, values, left in (([], [b"one"], [b"one"]), ([], [b"two", b"three"], [b"two", b"three"]),
                               ([tag], [b"four"], [b"four"]), ([tag], None, None)):
        answer = either.mod_props(me, tags, [] if values is None else [(tag, values)])
        assert answer.status == SUCCESS
        assert sorted(value(either, ANNA, tag) or []) == sorted(left or [])


def test_mod_props_parameters_in_their_order(either, me):
    """A reserved word, STAT, tags and a row; back comes the status alone.  MS-OXNSPI_R1686 R1276"""
    w = Writer()
    w.data += either.handle
    w.u32(0)
    w.stat(me)
    w.parameter([SMIME], w.tags)
    w.row([])
    w.settle()
    assert either.connection.call(11, bytes(w.data)) == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(11, bytes(w.data)[:-1])
    assert fault.value.status == BAD_STUB


def test_reserved_of_mod_props(exchange, directory):
    """Exchange does not look at it, a domain controller refuses.  MS-OXNSPI_R1289"""
    me = Stat(current_rec=mid(exchange, ANNA))
    for reserved in (1, 0xFFFFFFFF):
        assert exchange.mod_props(me, [SMIME], [], reserved).status == SUCCESS
        assert directory.mod_props(me, [SMIME], [], reserved).status == GENERAL_FAILURE


def test_mod_props_without_tags(either, me):
    """MS-OXNSPI_R1291 MS-OXCDATA_R903 R904"""
    assert either.mod_props(me, None, [(SMIME, [b"x"])]).status == INVALID_PARAMETER == 0x80070057
    assert value(either, ANNA, SMIME) is None


def test_mod_props_of_nobody(either):
    """MS-OXNSPI_R1293"""
    for number in (NOBODY, 0, 1, 2, 0xF):
        assert either.mod_props(Stat(current_rec=number), [SMIME], []).status == INVALID_PARAMETER


def test_mod_props_of_what_is_never_changed(either):
    """MS-OXNSPI_R1295 MS-OXCDATA_R937 R938"""
    assert either.mod_props(Stat(current_rec=mid(either, DYNAMIC)), [SMIME], []).status == INVALID_OBJECT == 0x80040108


def test_mod_props_that_fails_changes_nothing(either, me, certificates):
    """Not the part of it that would have been right either.  MS-OXNSPI_R1284 R1303 MS-OXCDATA_R907 R908"""
    assert either.mod_props(me, [], [(certificates, [b"one"])]).status == SUCCESS
    wrong = (DISPLAY_NAME, "Somebody Else")
    for tags, values in (([], [(certificates, [b"two"]), wrong]), ([certificates, DISPLAY_NAME], [])):
        assert either.mod_props(me, tags, values).status == ACCESS_DENIED == 0x80070005
        assert value(either, ANNA, certificates) == [b"one"]
        assert value(either, ANNA, DISPLAY_NAME) == "Anna Conform"


def test_mod_props_of_somebody_else_is_denied(either):
    """MS-OXNSPI_R1284 R1286 R1303"""
    for tags, values in (([CERTIFICATES], []), ([], [(CERTIFICATES, [b"x"])])):
        assert either.mod_props(Stat(current_rec=mid(either, ZOE)), tags, values).status == ACCESS_DENIED
        assert sorted(value(either, ZOE, CERTIFICATES)) == ZOE_CERTIFICATES


def test_mod_props_in_code_page_1200_gets_a_status_that_exists(either, me):
    """MS-OXNSPI_R1280"""
    assert either.mod_props(me.but(codepage=1200), [SMIME], []).status in STATUSES


# NspiModLinkAtt

def links(client, mail, tag):
    return set(client.get_matches(Stat(sort_type=0x3E8, container_id=tag, current_rec=mid(client, mail))).mids)


@pytest.fixture
def ids(either):
    """Entry ids of people by address: the permanent and the ephemeral form."""
    guid = server_guid(either)

    def forms(mail):
        return [dict(row(either, mail, [ENTRYID]))[ENTRYID], ephemeral_id(guid, 0, mid(either, mail))]
    return forms


@pytest.mark.parametrize("mail,tag", [(EMPTY_TEAM, MEMBER), (ANNA, DELEGATES)], ids=["members", "delegates"])
def test_links_are_added_and_removed(either, ids, mail, tag):
    """In both forms of entry ids, mixed too; those there already, or gone already, do not matter.

    MS-OXNSPI_R128 R129 R655 R656 R1306 R1307 R1317 R1332 R1333 R1335 R1336 R1340 R1893 R2002
    """
    number, zoe, yuri = mid(either, mail), mid(either, ZOE), mid(either, YURI)
    for add, remove in ((ids(ZOE)[0], ids(ZOE)[1]), (ids(ZOE)[1], ids(ZOE)[0])):
        assert either.mod_link_att(tag, number, [add]).status == SUCCESS
        assert links(either, mail, tag) == {zoe}
        assert either.mod_link_att(tag, number, [ids(YURI)[0], add]).status == SUCCESS
        assert links(either, mail, tag) == {zoe, yuri}
        assert either.mod_link_att(tag, number, [remove], flags=1).status == SUCCESS
        assert either.mod_link_att(tag, number, [remove, ids(YURI)[1]], flags=1).status == SUCCESS
        assert links(either, mail, tag) == set()


def test_mod_link_att_parameters_in_their_order(either):
    """Flags, tag, MId and entry ids; back comes the status alone.  MS-OXNSPI_R1687 R1317"""
    stub = either.handle + struct.pack("<IIIII", 1, MEMBER, mid(either, EMPTY_TEAM), 1, 0x20000)
    stub += struct.pack("<III", 1, 4, 0x20004) + struct.pack("<I4s", 4, b"none")
    assert either.connection.call(14, stub) == bytes(4)
    with pytest.raises(Fault) as fault:
        either.connection.call(14, stub[:-1])
    assert fault.value.status == BAD_STUB


@pytest.mark.parametrize("flags", [2, 4, 0x80000000, 0xFFFFFFFE])
def test_unknown_flags_of_mod_link_att_make_no_difference(either, ids, flags):
    """MS-OXNSPI_R1927 R1310"""
    team = mid(either, EMPTY_TEAM)
    assert either.mod_link_att(MEMBER, team, [ids(ZOE)[0]], flags=flags).status == SUCCESS
    assert links(either, EMPTY_TEAM, MEMBER) == {mid(either, ZOE)}
    assert either.mod_link_att(MEMBER, team, [ids(ZOE)[0]], flags=flags | 1).status == SUCCESS
    assert links(either, EMPTY_TEAM, MEMBER) == set()


def test_an_unknown_link(either, ids):
    """MS-OXNSPI_R1326 R1321 MS-OXCDATA_R949 R950"""
    assert either.mod_link_att(0x6666000D, mid(either, EMPTY_TEAM), [ids(ZOE)[0]]).status == NOT_FOUND == 0x8004010F


def test_links_of_nobody(either, ids):
    """MS-OXNSPI_R1328"""
    for number in (NOBODY, 0, 1, 0xF):
        assert either.mod_link_att(MEMBER, number, [ids(ZOE)[0]]).status == INVALID_PARAMETER


def test_links_of_a_kind_that_does_not_have_them(exchange):
    """Exchange says so, a domain controller says nothing; neither changes anything.  MS-OXNSPI_R1646 R1647"""
    zoe = dict(row(exchange, ZOE, [ENTRYID]))[ENTRYID]
    for mail, tag in ((ANNA, MEMBER), (EMPTY_TEAM, DELEGATES), (DYNAMIC, MEMBER)):
        before = links(exchange, mail, tag)
        assert exchange.mod_link_att(tag, mid(exchange, mail), [zoe]).status == ACCESS_DENIED
        assert links(exchange, mail, tag) == before


def test_links_of_a_kind_that_does_not_have_them_on_a_domain_controller(directory):
    """MS-NSPI 3.1.4.15, where it and MS-OXNSPI differ."""
    zoe = dict(row(directory, ZOE, [ENTRYID]))[ENTRYID]
    assert directory.mod_link_att(MEMBER, mid(directory, ANNA), [zoe]).status == SUCCESS
    assert links(directory, ANNA, MEMBER) == set()


def test_links_that_cannot_be_changed(either, ids):
    """Another's group, an entry id of nobody beside a right one, and a link that is not for clients.

    MS-OXNSPI_R1321 R1323 R1338 R2003010 MS-OXCDATA_R907
    """
    for mail, tag, values in ((OTHERS, MEMBER, [ids(ZOE)[0]]), (EMPTY_TEAM, MEMBER, [ids(ZOE)[0], b"nonsense"]),
                              (ANNA, MANAGER, [ids(ZOE)[0]])):
        before = links(either, mail, tag)
        assert either.mod_link_att(tag, mid(either, mail), values).status == ACCESS_DENIED
        assert links(either, mail, tag) == before
    assert either.mod_link_att(MEMBER, mid(either, OTHERS), [ids(YURI)[0]], flags=1).status == ACCESS_DENIED
    assert links(either, OTHERS, MEMBER) == {mid(either, YURI)}


def test_who_is_a_member_shows_at_once(either, ids):
    """MS-OXNSPI_R1893"""
    team = mid(either, TEAM)
    before = links(either, TEAM, MEMBER)
    assert either.mod_link_att(MEMBER, team, [ids(YURI)[0]]).status == SUCCESS
    assert links(either, YURI, 0x8008000D) == {team, mid(either, OTHERS)}
    assert either.mod_link_att(MEMBER, team, [ids(YURI)[0]], flags=1).status == SUCCESS
    assert links(either, TEAM, MEMBER) == before
    assert either.get_props(team, [MEMBER]).status != ERRORS_RETURNED
