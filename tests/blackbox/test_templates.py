"""Display templates and the table of addresses that can be made: read back with a decoder that knows the layout alone, and
compared with what the description files say."""

import dataclasses
import itertools
import shutil
import struct
import subprocess

import pytest

import template_decoder as decoder
from mapihttp_client import HttpClient
from nspi_wire import DISPLAY_NAME_A, ENTRYID, INSTANCE_KEY, INVALID_CODEPAGE, INVALID_LOCALE, SUCCESS, Stat
from rpc_impacket import Client
from site_nspid import Site, wait_until
from template_decoder import LANGUAGES, SCRIPT_DATA, TEMPLATE_DATA, TYPES

TI_TEMPLATE, TI_SCRIPT, TI_EMT, TI_HELP_NAME, TI_HELP = 0x01, 0x04, 0x10, 0x20, 0x40
CREATION_TEMPLATES, UNICODE_STRINGS = 0x02, 0x04
ADDRTYPE_A, DISPLAY_TYPE, DEPTH, SELECTABLE = 0x3002001E, 0x39000003, 0x30050003, 0x3609000B
GUID_NSPI = bytes.fromhex("DCA740C8C042101AB4B908002B2FE182")
DT_ADDRESS_TEMPLATE = 0x102

CODEPAGES = [1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 874, 932, 936, 949, 950, 20261, 65001, 437, 850, 28591]


@pytest.fixture(scope="module", params=["rpc directory", "rpc exchange", "http directory", "http exchange"])
def any_client(site, request):
    """A session over each transport, in each profile: templates are the same."""
    opened = {
        "rpc directory": lambda: Client(site),
        "rpc exchange": lambda: Client(site, listener="exchange"),
        "http directory": lambda: HttpClient(site, listener="http-directory"),
        "http exchange": lambda: HttpClient(site, listener="http"),
    }[request.param]()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def descriptions():
    return {language: decoder.read_description(language) for language in LANGUAGES}


def template(client, **options):
    """The controls of one template."""
    answer = client.get_template_info(**options)
    assert answer.status == SUCCESS
    (tag, data), = answer.row
    assert tag == TEMPLATE_DATA
    return decoder.decode(data, options.get("codepage", 1252))


def creation_rows(client, flags=CREATION_TEMPLATES, **stat):
    answer = client.get_special_table(flags=flags, stat=Stat(**stat))
    assert answer.status == SUCCESS
    return [dict(row) for row in answer.rows]


def address_dn(client, locale=0x409):
    row, = creation_rows(client, template_locale=locale, codepage=65001)
    return row[ENTRYID][28:-1]


def without_texts(controls):
    return [dataclasses.replace(c, text="") for c in controls]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_in_every_code_page_is_what_its_description_says(rpc_client, descriptions, language):
    """MS-OXNSPI_R1444 MS-OXNSPI_R1471 MS-OXNSPI_R1453 MS-OXNSPI_R1455 MS-OXNSPI_R1449 MS-OXNSPI_R1485 MS-OXNSPI_R19391
    MS-OXNSPI_R453: texts are in the code page that was asked for; a language that it cannot hold gives way to the
    fallback."""
    for (name, kind), codepage in itertools.product(TYPES.items(), CODEPAGES):
        said = descriptions[language][name]
        got = template(rpc_client, kind=kind, codepage=codepage, locale=LANGUAGES[language])
        if all(decoder.can_hold(codepage, c.text) for c in said):
            assert got == said, (name, codepage)
        elif got != descriptions["en"][name]:  # a letter near to it: a for an umlaut
            assert without_texts(got) == without_texts(said), (name, codepage)
            assert not any("?" in c.text for c in got)


@pytest.mark.parametrize("language, codepage, shown", [
    ("ja", 932, "ja"), ("ja", 65001, "ja"), ("ja", 1252, "en"), ("ja", 20261, "en"), ("de", 1252, "de"), ("de", 20261, "de"),
    ("fr", 1252, "fr"), ("fr", 65001, "fr"), ("de", 932, None),
])
def test_which_language_a_code_page_can_show(any_client, descriptions, language, codepage, shown):
    """MS-OXNSPI_R1472: the choice is the server's own."""
    got = template(any_client, kind=0, codepage=codepage, locale=LANGUAGES[language])
    assert not any("?" in c.text for c in got)
    if shown:
        assert got == descriptions[shown]["user"]


def test_templates_by_name_are_those_of_the_type(rpc_client, descriptions):
    for (language, lcid), (name, kind) in itertools.product(LANGUAGES.items(), TYPES.items()):
        dn = (f"/O=Organization/ou=Address Book/cn=Configuration/cn=Addressing/cn=Display-Templates/cn={lcid:x}"
              f"/cn={kind:X}").encode()
        assert template(rpc_client, dn=dn, codepage=65001) == descriptions[language][name]


def test_type_and_locale_do_not_matter_beside_a_name(any_client):
    """MS-OXNSPI_R1980 MS-OXNSPI_R1981 MS-OXNSPI_R1982 MS-OXNSPI_R1983"""
    dn = address_dn(any_client)
    rows = [any_client.get_template_info(flags=TI_SCRIPT, dn=dn, kind=kind, locale=locale).row
            for kind, locale in ((0, 0x409), (1, 0x409), (0x102, 0), (99999, 0x411), (6, 0xFFFFFFFF))]
    assert rows[0][0][0] == SCRIPT_DATA and all(row == rows[0] for row in rows)


def test_the_flags_choose_the_properties(any_client):
    """MS-OXNSPI_R120 MS-OXNSPI_R121 MS-OXNSPI_R1483 MS-OXNSPI_R1484 MS-OXNSPI_R1486 MS-OXNSPI_R1478 MS-OXNSPI_R1490
    MS-OXNSPI_R1456 MS-OXNSPI_R1457 MS-OXNSPI_R1492 MS-OXOABKT_R302 MS-OXOABKT_R303"""
    def tags(flags):
        answer = any_client.get_template_info(flags=flags, codepage=20261)
        assert answer.status == SUCCESS
        return [tag for tag, _ in answer.row]
    assert tags(TI_TEMPLATE) == [TEMPLATE_DATA]
    assert tags(TI_SCRIPT) == [SCRIPT_DATA]
    assert tags(TI_TEMPLATE | TI_SCRIPT) == [TEMPLATE_DATA, SCRIPT_DATA]
    assert tags(0) == []


def test_other_flags_change_nothing(any_client):
    """MS-OXNSPI_R1447 MS-OXNSPI_R1692: nor do those for the e-mail type and the help file, which clients ask for beside the
    template."""
    def row(flags):
        return any_client.get_template_info(flags=flags).row
    everything = row(TI_TEMPLATE | TI_SCRIPT | TI_EMT | TI_HELP_NAME | TI_HELP)
    assert row(0xFFFFFFFF) == everything == row(TI_TEMPLATE | TI_SCRIPT)
    assert row(TI_TEMPLATE | TI_HELP_NAME | TI_HELP) == row(TI_TEMPLATE)
    assert row(0x02) == row(0) == []


def test_details_have_an_empty_script(any_client):
    """MS-OXNSPI_R1484"""
    for kind in TYPES.values():
        assert any_client.get_template_info(flags=TI_SCRIPT, kind=kind).row == [(SCRIPT_DATA, b"")]


@pytest.mark.parametrize("codepage", [1200, 0, 99999, 0xFFFFFFFF])
def test_unknown_code_pages_are_refused_before_anything_else(any_client, codepage):
    """MS-OXNSPI_R1467 MS-OXNSPI_R1469 MS-OXNSPI_R1462"""
    for options in ({}, {"locale": 0}, {"dn": b"/o=nothing"}, {"flags": 0x20}, {"kind": 4}):
        answer = any_client.get_template_info(codepage=codepage, **options)
        assert (answer.status, answer.row) == (INVALID_CODEPAGE, None)


@pytest.mark.parametrize("options", [
    {"locale": 0}, {"locale": 0x400}, {"locale": 0x3FF}, {"locale": 0xFFF00409}, {"kind": 4}, {"kind": 5}, {"kind": 7},
    {"kind": 0x100}, {"kind": 0x101}, {"kind": 0x102}, {"kind": 1200}, {"kind": 0xFFFFFFFF}, {"dn": b"/o=nothing"},
    {"dn": b""}, {"flags": 0x20, "locale": 0},
], ids=str)
def test_what_has_no_template_is_an_invalid_locale(any_client, options):
    """MS-OXNSPI_R1476 MS-OXNSPI_R1462"""
    answer = any_client.get_template_info(codepage=20261, **options)
    assert (answer.status, answer.row) == (INVALID_LOCALE, None)


@pytest.mark.parametrize("locale, language", [
    (0x407, "de"), (0xC07, "de"), (0x807, "de"), (0x10407, "de"), (0x40C, "fr"), (0xC0C, "fr"), (0x411, "ja"),
    (0x8411, "ja"), (0x809, "en"), (0x419, "en"), (0x404, "en"), (0x7F, "en"),
])
def test_locales_find_the_nearest_language(rpc_client, descriptions, locale, language):
    """MS-OXNSPI_R1471 MS-OXNSPI_R1472: the same language of another country, then the fallback."""
    assert template(rpc_client, kind=1, codepage=65001, locale=locale) == descriptions[language]["group"]
    row, = creation_rows(rpc_client, codepage=65001, template_locale=locale)
    assert row[DISPLAY_NAME_A].decode() == decoder.title_of(language)


def test_creation_rows_have_what_clients_read(any_client):
    """MS-OXNSPI_R109 MS-OXNSPI_R752 MS-OXNSPI_R60 MS-OXNSPI_R61 MS-OXNSPI_R1996 MS-OXNSPI_R521"""
    row, = creation_rows(any_client)
    entry_id = row[ENTRYID]
    assert list(row) == [ADDRTYPE_A, DISPLAY_NAME_A, DISPLAY_TYPE, ENTRYID, DEPTH, SELECTABLE, INSTANCE_KEY]
    assert (row[ADDRTYPE_A], row[DISPLAY_NAME_A]) == (b"SMTP", b"Internet address")
    assert (row[DISPLAY_TYPE], row[DEPTH], row[SELECTABLE]) == (0, 0, 1)
    assert len(row[INSTANCE_KEY]) == 4
    assert entry_id[:4] == bytes(4) and entry_id[4:20] == GUID_NSPI
    assert struct.unpack("<II", entry_id[20:28]) == (1, DT_ADDRESS_TEMPLATE)
    assert entry_id[28:].startswith(b"/o=Organization/ou=") and entry_id.endswith(b"/cn=SMTP\0")


def test_the_creation_table_takes_no_notice_of_unicode_and_versions(any_client):
    """MS-OXNSPI_R110 MS-OXNSPI_R741 MS-OXNSPI_R1740"""
    plain = creation_rows(any_client)
    assert creation_rows(any_client, CREATION_TEMPLATES | UNICODE_STRINGS) == plain
    assert creation_rows(any_client, 0xFFFFFFFF) == plain
    answer = any_client.get_special_table(flags=CREATION_TEMPLATES, version=12345)
    assert [dict(row) for row in answer.rows] == plain


def test_creation_rows_are_in_the_language_of_the_template_locale(any_client):
    for language, lcid in LANGUAGES.items():
        row, = creation_rows(any_client, codepage=65001, template_locale=lcid)
        assert row[DISPLAY_NAME_A].decode() == decoder.title_of(language)
        assert f"/cn={lcid:x}/".encode() in row[ENTRYID]
    row, = creation_rows(any_client, codepage=1252, template_locale=0x411)
    assert row[DISPLAY_NAME_A] == b"Internet address"
    row, = creation_rows(any_client, codepage=1200, template_locale=0x40C)
    assert row[DISPLAY_NAME_A] == b"Adresse Internet"


@pytest.mark.parametrize("locale", [0, 0x400, 0x3FF, 0xFFFFFFFF])
def test_a_locale_that_is_none_has_an_empty_creation_table(any_client, locale):
    """MS-OXNSPI_R757 MS-OXNSPI_R758: never an error."""
    answer = any_client.get_special_table(flags=CREATION_TEMPLATES, stat=Stat(template_locale=locale))
    assert (answer.status, answer.rows) == (SUCCESS, [])


def test_address_templates_are_nowhere_else(any_client):
    """MS-OXNSPI_R1997 MS-OXNSPI_R61 MS-OXNSPI_R59: the display type is in entry ids of the creation table alone."""
    rows = any_client.get_special_table().rows + any_client.query_rows(count=300, tags=[ENTRYID]).rows
    types = {struct.unpack("<I", dict(row)[ENTRYID][24:28])[0] for row in rows}
    assert types and not types & {DT_ADDRESS_TEMPLATE, 0x101}


def test_an_address_is_made_with_the_template_of_its_row(any_client, descriptions):
    """MS-OXNSPI_R1983 MS-OXNSPI_R1484: row, DN, dialog, script, address."""
    for language, lcid in LANGUAGES.items():
        dn = address_dn(any_client, lcid)
        answer = any_client.get_template_info(flags=TI_TEMPLATE | TI_SCRIPT, dn=dn, codepage=65001)
        data = dict(answer.row)
        controls = decoder.decode(data[TEMPLATE_DATA], 65001)
        assert controls == descriptions[language]["address SMTP"]
        asked, = [c.tag for c in controls if c.flags & decoder.REQUIRED]
        assert decoder.run_script(data[SCRIPT_DATA], {asked: b"zoe@example.com"}) == b"zoe@example.com"
        with pytest.raises(decoder.Refused):
            decoder.run_script(data[SCRIPT_DATA], {})


def test_everything_in_the_dialogs_is_served(rpc_client):
    """A client reads the fields with NspiGetProps and the lists with NspiGetMatches."""
    mid = rpc_client.get_matches(Stat(), ("exist", 0x3A11001F)).mids[0]
    for kind in TYPES.values():
        controls = template(rpc_client, kind=kind)
        values = [c.tag for c in controls if c.tag and c.kind not in (decoder.LIST, decoder.BUTTON)]
        row = rpc_client.get_props(mid, tags=values).row
        assert [tag >> 16 for tag, _ in row] == [tag >> 16 for tag in values]
        assert all(value == 0x8004010F for tag, value in row if tag & 0xFFFF == 0x000A)
        for control in (c for c in controls if c.kind == decoder.LIST):
            links = rpc_client.get_matches(Stat(container_id=control.tag, current_rec=mid, sort_type=0x3E8))
            assert links.status == SUCCESS, hex(control.tag)


def test_the_search_dialog_searches(rpc_client):
    """Its fields become a restriction in 8-bit strings."""
    mid = rpc_client.get_matches(Stat(), ("exist", 0x3A11001F)).mids[0]
    tags = [c.tag for c in template(rpc_client, kind=TYPES["search"]) if c.kind == decoder.EDIT]
    filled = [(tag, value) for tag, value in rpc_client.get_props(mid, tags=tags).row if tag & 0xFFFF == 0x001E]
    assert len(filled) >= 3
    restriction = ("and", [("content", 0x00010002, tag, (tag, value)) for tag, value in filled])
    assert mid in rpc_client.get_matches(Stat(), restriction).mids


@pytest.mark.parametrize("language", LANGUAGES)
def test_shipped_dialogs_are_alike_and_well_made(descriptions, language):
    here, english = descriptions[language], descriptions["en"]
    assert list(here) == list(english)
    phonetic = {0x8C92001E, 0x3A0A001E}
    for name, controls in here.items():
        assert {c.tag for c in controls} - phonetic == {c.tag for c in english[name]} - phonetic
        assert all(c.y + c.height <= 150 for c in controls)
        shortcuts = set()
        for c in controls:
            if c.kind == decoder.PAGE:
                shortcuts = set()
                assert "&" not in c.text
            elif c.text != "*":
                key = c.text.partition("&")[2][:1].lower()
                assert key and key not in shortcuts, (name, c.text)
                shortcuts.add(key)


# nspi template

@pytest.mark.parametrize("language", LANGUAGES)
def test_nspi_prints_templates_as_they_are_described(site, language):
    said = (decoder.FOLDER / f"{language}.template").read_text(encoding="utf-8")
    for name in TYPES:
        printed = site.nspi("template", "--locale", hex(LANGUAGES[language]), name).stdout
        assert printed.strip("\n") + "\n" in said + "\n", name


def test_nspi_lists_templates_and_shows_scripts(site):
    listing = site.nspi("template", "--locale", "0x407").stdout
    dn = "/o=Organization/ou=Address Book/cn=Configuration/cn=Addressing/cn=Address-Templates/cn=407/cn=SMTP"
    for word in (*TYPES, "SMTP", "Internetadresse", dn):
        assert word in listing
    shown = site.nspi("template", dn).stdout
    assert "edit input1 at 90,21 size 200x12 max 256 editable required" in shown
    assert "# @0 jump-if-missing input1 @24" in shown
    assert site.nspi("template", "4", check=False).returncode == 3
    assert site.nspi("template", "nobody", check=False).returncode == 1
    assert site.nspi("template", "--codepage", "1200", "user", check=False).returncode == 2


# The folder

@pytest.fixture
def own_site(book, tmp_path):
    """A server with a folder of its own."""
    folder = tmp_path / "templates"
    shutil.copytree(decoder.FOLDER, folder)
    with Site(book, options=f'templates = "{folder}"') as site:
        site.folder = folder
        yield site


SMALL = """language 0x410
template agent
  page "Generale"
    label "&Nome (\\"intero\\"):" at 6,8 size 70x8   # a comment
    edit 0x3001001F at 77,6 size 100x12 max 256 filter "[~0-9]"
    frame "x" at 0,0 size 1x1
    check hideDLMembership "y" at 0,1 size 1x1 editable immediate
"""


def test_a_reload_reads_the_folder_again(own_site):
    with Client(own_site) as client:
        (own_site.folder / "it.template").write_text(SMALL)
        own_site.reload()
        wait_until(lambda: len(template(client, kind=3, locale=0x410)) == 5)
        page, label, edit, *_ = template(client, kind=3, locale=0x810)
        assert (page.text, label.text, edit.text) == ("Generale", '&Nome ("intero"):', "[~0-9]")
        # What the language lacks is the fallback's.
        assert template(client, kind=0, locale=0x410) == template(client, kind=0, locale=0x409)
        printed = own_site.nspi("template", "--locale", "0x410", "agent").stdout
        assert printed.splitlines()[2] == '    label "&Nome (\\"intero\\"):" at 6,8 size 70x8'


def test_a_faulty_file_keeps_the_templates_as_they_were(own_site):
    with Client(own_site) as client:
        before = template(client)
        path = own_site.folder / "en.template"
        path.write_text(path.read_text().replace("edit givenName", "edit givenNmae"))
        own_site.reload()
        wait_until(lambda: "reload failed" in own_site.log())
        assert f"templates: {path}:9: givenNmae: entries have no such property" in own_site.log()
        assert template(client) == before
    done = subprocess.run([own_site.build / "src/main/nspid", "-c", own_site.config, "--check"], capture_output=True,
                          text=True)
    assert done.returncode == 1 and f"{path}:9:" in done.stderr


def test_without_a_fallback_other_languages_have_no_templates(own_site):
    """MS-OXNSPI_R1476 MS-OXNSPI_R757"""
    path = own_site.folder / "en.template"
    path.write_text(path.read_text().replace("fallback", "# no fallback"))
    own_site.reload()
    with Client(own_site) as client:
        wait_until(lambda: client.get_template_info(locale=0x419).status == INVALID_LOCALE)
        assert creation_rows(client, template_locale=0x419) == []
        assert template(client, locale=0xC07)
        # Nor can a text that does not fit give way to another one.
        assert any("?" in c.text for c in template(client, locale=0x411, codepage=1252))


def test_printed_templates_can_be_described_again(own_site):
    """What nspi shows of one server is a description for another one."""
    printed = [own_site.nspi("template", "--locale", "0x40c", name).stdout for name in TYPES]
    with Client(own_site) as client:
        before = [template(client, kind=kind, locale=0x40C) for kind in TYPES.values()]
        (own_site.folder / "fr.template").unlink()
        (own_site.folder / "other.template").write_text("language 0x415\n" + "".join(printed), encoding="utf-8")
        own_site.reload()
        wait_until(lambda: "reloaded" in own_site.log())
        assert [template(client, kind=kind, locale=0x415) for kind in TYPES.values()] == before


def test_a_folder_that_is_named_has_to_be_there(book, tmp_path):
    with pytest.raises(AssertionError, match="missing: No such file or directory"):
        Site(book, options=f'templates = "{tmp_path}/missing"')
