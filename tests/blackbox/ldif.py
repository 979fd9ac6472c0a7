"""A small LDIF reader for the tests, independent of the server's."""

import base64


def read(path):
    """Entries as dicts: lower-case attribute name -> list of values (str, or bytes where they are not UTF-8)."""
    lines = []
    with open(path, encoding="utf-8") as f:
        for line in f.read().split("\n"):
            if line.startswith(" ") and lines:
                lines[-1] += line[1:]
            else:
                lines.append(line)
    entries, entry = [], {}
    for line in lines + [""]:
        if line.startswith("#") or line.startswith("version:"):
            continue
        if not line:
            if "dn" in entry:
                entries.append(entry)
            entry = {}
            continue
        name, _, value = line.partition(":")
        if value.startswith(":"):
            value = base64.b64decode(value[1:].strip())
            try:
                value = value.decode()
            except UnicodeDecodeError:
                pass
        else:
            value = value.strip()
        entry.setdefault(name.split(";")[0].lower(), []).append(value)
    return entries


def hidden(entry):
    return entry.get("msexchhidefromaddresslists", [""])[0].upper() == "TRUE"
