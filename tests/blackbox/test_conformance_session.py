"""Sessions: sections 2.2.10, 3, 3.1.3, 3.1.4, 3.1.4.1.1 and 3.1.4.1.2."""

import struct

import pytest

from conformance import BAD_STUB, STATUSES, UNBIND_FAILURE, UNKNOWN_CODEPAGE, mids_of_table
from nspi_wire import INVALID_CODEPAGE, LOGON_FAILED, NOT_SUPPORTED, SUCCESS, UNBIND_SUCCESS, Fault, Nspi, Reader, Stat, Writer
from rpc_impacket import Client, Connection

CONTEXT_MISMATCH = 0x1C00001A
PROFILES = {"exchange": "exchange", "directory": "rpc"}


@pytest.fixture(params=PROFILES.values(), ids=PROFILES)
def session(conforming, request):
    """A connection without a session."""
    connection = Connection(conforming, listener=request.param)
    yield Nspi(connection)
    connection.close()


def test_bind_begins_a_session(session):
    """MS-OXNSPI_R668 R674 R675 R676 R697 R700 R1592 R413 R641 R665 MS-OXCDATA_R897 R898"""
    answer = session.bind()
    assert answer.status == SUCCESS == 0
    assert len(answer.guid) == 16 and any(answer.guid)
    attributes, handle = struct.unpack("<I16s", answer.handle)
    assert attributes == 0 and any(handle)
    assert session.query_rows(count=1).status == SUCCESS


def test_bind_parameters_in_their_order(session):
    """Flags, STAT and a pointer to 16 bytes; back come these, the handle of 20 bytes, and the status.  MS-OXNSPI_R1669 R676"""
    w = Writer()
    w.u32(0)
    w.stat(Stat())
    w.parameter(bytes(16), w.guid)
    out = session.transport.call(0, bytes(w.data))
    assert len(out) == 4 + 16 + 20 + 4 and struct.unpack_from("<I", out)[0] and out[-4:] == bytes(4)
    with pytest.raises(Fault) as fault:
        session.transport.call(0, bytes(w.data)[:-1])
    assert fault.value.status == BAD_STUB


def test_no_guid_asked_for_no_guid_answered(session):
    """MS-OXNSPI_R674"""
    assert session.bind(guid=None).guid is None


def test_any_guid_sent_gets_the_same_answer(session):
    """MS-OXNSPI_R697 R627 R628"""
    assert session.bind(guid=b"\xFF" * 16).guid == session.bind(guid=bytes(16)).guid


def test_the_guid_stays(conforming):
    """During a session, whatever is called, and for the next.  MS-OXNSPI_R1993 R630 R631 R698"""
    with Client(conforming, listener="exchange") as client:
        first = client.bind()
        mids_of_table(client)
        other = client.another()
        assert other.guid == first.guid
        assert other.unbind().status == UNBIND_SUCCESS


@pytest.mark.parametrize("flags", [0, 1, 2, 0x10, 0x40, 0x80000000, 0xFFFFFFDF])
def test_unknown_flags_make_no_difference(session, flags):
    """MS-OXNSPI_R1668 R671"""
    assert session.bind(flags=flags).status == SUCCESS


def test_the_anonymous_flag(conforming):
    """Of no account to a domain controller; Exchange refuses it.  MS-OXNSPI_R690 MS-OXCDATA_R927"""
    assert Nspi(Connection(conforming)).bind(flags=0x20).status == SUCCESS
    assert Nspi(Connection(conforming, listener="exchange")).bind(flags=0x20).status == NOT_SUPPORTED


def test_a_code_page_that_is_not_served(session):
    """MS-OXNSPI_R696 R695 MS-OXCDATA_R973 R974"""
    answer = session.bind(Stat(codepage=UNKNOWN_CODEPAGE))
    assert (answer.status, answer.guid, answer.handle) == (INVALID_CODEPAGE, None, bytes(20))
    assert answer.status == 0x8004011E


def test_code_page_1200_gets_a_status_that_exists(session):
    """MS-OXNSPI_R680"""
    assert session.bind(Stat(codepage=1200)).status in STATUSES


def test_who_has_not_logged_in_gets_no_session(conforming):
    """MS-OXNSPI_R687 R692 R18 R1671 R1807 MS-OXCDATA_R953 R954"""
    for listener in PROFILES.values():
        answer = Nspi(Connection(conforming, level="none", listener=listener)).bind()
        assert (answer.status, answer.guid, answer.handle) == (LOGON_FAILED, None, bytes(20))
        assert answer.status == 0x80040111


def test_a_client_has_only_so_many_sessions(conforming):
    """MS-OXNSPI_R687 R1670"""
    connection = Connection(conforming, user="berta")
    sessions = [Nspi(connection) for _ in range(51)]
    assert [s.bind().status for s in sessions] == [SUCCESS] * 50 + [LOGON_FAILED]
    connection.close()


def test_unbind_ends_a_session(session):
    """MS-OXNSPI_R419 R420 R642 R701 R706 R712 R716 R1672"""
    session.bind()
    answer = session.unbind()
    assert (answer.status, answer.handle) == (UNBIND_SUCCESS, bytes(20))
    assert answer.status == 1
    with pytest.raises(Fault) as fault:
        session.query_columns()
    assert fault.value.status == CONTEXT_MISMATCH
    assert session.bind().status == SUCCESS


def test_unbind_parameters_in_their_order(session):
    """The handle and a reserved word; back come handle and status.  MS-OXNSPI_R1672 R706"""
    session.bind()
    with pytest.raises(Fault) as fault:
        session.transport.call(1, session.handle)
    assert fault.value.status == BAD_STUB
    out = session.transport.call(1, session.handle + bytes(4))
    assert out == bytes(20) + struct.pack("<I", UNBIND_SUCCESS)


@pytest.mark.parametrize("reserved", [0, 1, 0xFFFFFFFF])
def test_unbind_ignores_reserved(session, reserved):
    """MS-OXNSPI_R1673 R705"""
    session.bind()
    assert session.unbind(reserved).status == UNBIND_SUCCESS


def test_unbind_of_no_session_fails(session):
    """MS-OXNSPI_R714 R716"""
    answer = session.unbind()
    assert (answer.status, answer.handle) == (UNBIND_FAILURE, bytes(20))


def test_unbind_does_nothing_else(conforming):
    """Other sessions of the connection live on.  MS-OXNSPI_R702"""
    with Client(conforming, listener="exchange") as client:
        other = client.another()
        other.unbind()
        assert client.query_rows(count=1).status == SUCCESS


def test_handles_of_elsewhere_are_refused(session, conforming):
    """Invented ones, those of another interface's shape, and those of another connection.

    MS-OXNSPI_R131 R638 R639 R413
    """
    session.bind()
    with Client(conforming, listener="exchange", user="berta") as other:
        for handle in (bytes(4) + b"\x5A" * 16, b"\1\0\0\0" + session.handle[4:], other.handle):
            with pytest.raises(Fault) as fault:
                session.transport.call(16, handle + bytes(8))
            assert fault.value.status == CONTEXT_MISMATCH


def test_stubs_are_checked_strictly(session):
    """MS-OXNSPI_R636"""
    session.bind()
    good = bytearray(session.handle + struct.pack("<I", 0) + Stat().pack() + struct.pack("<IIII", 0, 0, 1, 0x20000) +
                     struct.pack("<IIIII", 2, 1, 0, 1, 0x3001001F))
    assert Reader(session.transport.call(3, bytes(good))).stat().total_recs
    for at, value in ((76, 9), (80, 7), (84, 1), (88, 5)):  # max_count, cValues, offset, actual_count
        bad = bytearray(good)
        struct.pack_into("<I", bad, at, value)
        with pytest.raises(Fault) as fault:
            session.transport.call(3, bytes(bad))
        assert fault.value.status == BAD_STUB


def test_opnums_in_the_gaps_are_no_operations(session):
    """MS-OXNSPI_R661 R666 R667"""
    session.bind()
    with pytest.raises(Fault):
        session.transport.call(15, session.handle + bytes(64))
    assert session.query_columns().status == SUCCESS
