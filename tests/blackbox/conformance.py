"""What the conformance tests share: entries with every kind of value, and short ways to find them."""

import base64
import struct

from nspi_wire import (ACCESS_DENIED, DISPLAY_NAME, ERRORS_RETURNED, GENERAL_FAILURE, INSTANCE_KEY, INVALID_BOOKMARK,
                       INVALID_CODEPAGE, INVALID_LOCALE, INVALID_OBJECT, INVALID_PARAMETER, LOGON_FAILED, NOT_FOUND,
                       NOT_SUPPORTED, OUT_OF_RESOURCES, SMTP_ADDRESS, SUCCESS, TABLE_TOO_BIG, TOO_COMPLEX, UNBIND_SUCCESS,
                       Stat, mid_of)

NOT_ENOUGH_MEMORY, UNBIND_FAILURE = 0x8007000E, 2
STATUSES = {SUCCESS, UNBIND_SUCCESS, UNBIND_FAILURE, ERRORS_RETURNED, GENERAL_FAILURE, NOT_SUPPORTED, INVALID_OBJECT,
            OUT_OF_RESOURCES, NOT_FOUND, LOGON_FAILED, TOO_COMPLEX, INVALID_CODEPAGE, INVALID_LOCALE, TABLE_TOO_BIG,
            INVALID_BOOKMARK, ACCESS_DENIED, NOT_ENOUGH_MEMORY, INVALID_PARAMETER}
BAD_STUB = 0x6F7

GUID_NSPI = bytes.fromhex("DCA740C8C042101AB4B908002B2FE182")

MAILUSER, DISTLIST, FORUM, AGENT, REMOTE_MAILUSER, CONTAINER = 0, 1, 2, 3, 6, 0x100
NOBODY = 0x7FFFFFFF       # a MId that no object has
UNICODE, UNKNOWN_CODEPAGE = 1200, 99999

PRINTABLE_NAME, CREATED, CERTIFICATES, SMIME, DELEGATES = 0x39FF001E, 0x30070040, 0x8C6A1102, 0x3A701102, 0x8015000D
COMPANY, DEPARTMENT = 0x3A16001F, 0x3A18001F

_BASE = "OU=Conformance,DC=corp,DC=example,DC=com"
ANNA, ZOE, YURI, REMOTE = "anna@conform.example", "zoe@conform.example", "yuri@conform.example", "remote@conform.example"
TEAM, EMPTY_TEAM, DYNAMIC, OTHERS = (f"{n}@conform.example" for n in ("team", "empty", "dynamic", "others"))
ZOE_CERTIFICATES = [b"\x30\x03\x02\x01\x05", b"\x30\x03\x02\x01\x06"]


def _entry(classes, cn, name, mail, *lines):
    encoded = base64.b64encode(name.encode()).decode()
    return "\n".join([f"dn: CN={cn},{_BASE}", *(f"objectClass: {c}" for c in classes.split()), f"cn: {cn}",
                      f"displayName:: {encoded}", f"mail: {mail}", f"proxyAddresses: SMTP:{mail}", *lines, "", ""])


def _utf8(name, value):
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"


ENTRIES = "\n" + "".join([
    _entry("user", "anna", "Anna Conform", ANNA, "sAMAccountName: anna"),
    _entry("user", "zoe", "Zo\u00eb M\u00fcller", ZOE, "sAMAccountName: zmuller", _utf8("sn", "M\u00fcller"),
           _utf8("givenName", "Zo\u00eb"), _utf8("company", "Pr\u00fcf\u00e9"), "displayNamePrintable: Zoe Mueller",
           _utf8("department", "Pr\u00fcfung"), "physicalDeliveryOfficeName: 7.77", "telephoneNumber: +1 555 0100",
           f"manager: CN=anna,{_BASE}", f"publicDelegates: CN=anna,{_BASE}", "whenCreated: 20240101080000.0Z",
           "msExchResourceCapacity: 12", "proxyAddresses: smtp:zm@conform.example",
           *(f"userCertificate;binary:: {base64.b64encode(c).decode()}" for c in ZOE_CERTIFICATES)),
    _entry("user", "yuri", "\u042e\u0440\u0438\u0439 Conform", YURI, "sAMAccountName: yuri"),
    _entry("contact", "remote", "Remote Conform", REMOTE, f"targetAddress: SMTP:{REMOTE}"),
    _entry("group", "team", "Conform Team", TEAM, "sAMAccountName: team", f"managedBy: CN=anna,{_BASE}",
           f"member: CN=zoe,{_BASE}", f"member: CN=anna,{_BASE}", f"member: CN=remote,{_BASE}"),
    _entry("group", "empty", "Conform Empty", EMPTY_TEAM, "sAMAccountName: empty", f"managedBy: CN=anna,{_BASE}"),
    _entry("group", "others", "Conform Others", OTHERS, "sAMAccountName: others", f"managedBy: CN=yuri,{_BASE}",
           f"member: CN=yuri,{_BASE}"),
    _entry("msExchDynamicDistributionList", "dynamic", "Conform Dynamic", DYNAMIC),
])


def mid(client, mail):
    """Of the one entry with this address."""
    answer = client.get_matches(Stat(), ("property", 4, SMTP_ADDRESS, (SMTP_ADDRESS, mail)))
    assert answer.status == SUCCESS and len(answer.mids) == 1, mail
    return answer.mids[0]


def row(client, mail, tags, codepage=1252, flags=0):
    """Some properties of the entry with this address, in order."""
    answer = client.get_props(mid(client, mail), tags, Stat(codepage=codepage), flags)
    assert answer.status in (SUCCESS, ERRORS_RETURNED)
    return answer.row


def table(client, tags=(INSTANCE_KEY, DISPLAY_NAME), **stat):
    """All rows of a container, as dicts."""
    answer = client.query_rows(Stat(**stat), count=100000, tags=list(tags))
    assert answer.status == SUCCESS and answer.stat.num_pos == answer.stat.total_recs
    return [dict(r) for r in answer.rows]


def mids_of_table(client, **stat):
    return [mid_of(list(r.items())) for r in table(client, **stat)]


def server_guid(client):
    """As NspiBind tells it."""
    other = client.another()
    other.unbind()
    return other.guid


def containers(client):
    """ContainerID of each address list, by name."""
    rows = client.get_special_table(flags=4).rows
    return {dict(r)[DISPLAY_NAME]: dict(r)[0xFFFD0003] for r in rows}


def ephemeral_id(guid, display_type, number):
    return struct.pack("<I16sIII", 0x87, guid, 1, display_type, number)


def permanent_id(display_type, dn):
    return struct.pack("<I16sII", 0, GUID_NSPI, 1, display_type) + dn.encode() + b"\0"
