#!/usr/bin/python3
"""Writes what other implementations send when they log in: login_<who>_<message>.{in,out}.hex.

The account is EXAMPLE\\alice with the password "Secret 1", at level privacy. The challenge is fixed; keys and client
challenges are random, so that a second run differs. The sealed message is 24 bytes of header and a body of 32."""

import os
import struct

from Cryptodome.Cipher import ARC4
from impacket import ntlm
from samba import credentials, gensec, param

HERE = os.path.dirname(os.path.abspath(__file__))
USER, DOMAIN, PASSWORD = "alice", "EXAMPLE", "Secret 1"
MESSAGE = b"header.." * 3 + b"the body" * 4
SERVER_FLAGS = 0xE28A8235


def write(name, data, origin):
    with open(f"{HERE}/{name}.hex", "w") as file:
        file.write(f"# {origin}\n")
        for i in range(0, len(data), 32):
            file.write(data[i:i + 32].hex() + "\n")


def av(kind, value):
    return struct.pack("<HH", kind, len(value)) + value


def challenge(flags):
    name = DOMAIN.encode("utf-16le")
    info = (av(2, name) + av(1, "BOOK".encode("utf-16le")) + av(4, "example.org".encode("utf-16le")) +
            av(3, "book.example.org".encode("utf-16le")) + av(7, bytes.fromhex("0090d336b734c301")) + av(0, b""))
    offset = 56
    return (b"NTLMSSP\0" + struct.pack("<IHHII", 2, len(name), len(name), offset, flags & SERVER_FLAGS | 0x810000) +
            bytes.fromhex("0123456789abcdef") + bytes(8) +
            struct.pack("<HHI", len(info), len(info), offset + len(name)) + bytes.fromhex("060100000000000f") +
            name + info)


def element(tag, content):
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def spnego_challenge(token):
    oid = bytes.fromhex("2b06010401823702020a")
    fields = (element(0xA0, element(0x0A, b"\x01")) + element(0xA1, element(0x06, oid)) +
              element(0xA2, element(0x04, token)))
    return element(0xA1, element(0x30, fields))


def flags_of(token):
    return struct.unpack_from("<I", token, token.find(b"NTLMSSP\0") + 12)[0]


def samba_client(mechanism):
    lp = param.LoadParm()
    lp.load_default()
    c = credentials.Credentials()
    c.guess(lp)
    c.set_username(USER)
    c.set_password(PASSWORD)
    c.set_domain(DOMAIN)
    c.set_workstation("DESK7")
    c.set_kerberos_state(credentials.DONT_USE_KERBEROS)
    g = gensec.Security.start_client({"lp_ctx": lp, "target_hostname": "book.example.org"})
    g.set_credentials(c)
    g.want_feature(gensec.FEATURE_SIGN)
    g.want_feature(gensec.FEATURE_SEAL)
    g.start_mech_by_name(mechanism)
    return g


def session_key(authenticate):
    """What the client made up, found as a server would."""
    message = ntlm.NTLMAuthChallengeResponse()
    message.fromString(authenticate[authenticate.find(b"NTLMSSP\0"):])
    key = ntlm.NTOWFv2(USER, PASSWORD, DOMAIN)
    base_key = ntlm.hmac_md5(key, message["ntlm"][:16])
    return ARC4.new(base_key).decrypt(message["session_key"])


def spnego_completed(authenticate, flags):
    """The server's last word: accept-completed and its mechListMIC."""
    mechanisms = bytes.fromhex("300c060a2b06010401823702020a")
    key = session_key(authenticate)
    rc4 = ARC4.new(ntlm.SEALKEY(flags, key, b"Server")).encrypt
    mic = ntlm.SIGN(flags, ntlm.SIGNKEY(flags, key, b"Server"), mechanisms, 0, rc4).getData()
    fields = element(0xA0, element(0x0A, b"\0")) + element(0xA3, element(0x04, mic))
    return element(0xA1, element(0x30, fields))


def samba(mechanism, name):
    origin = f"made by make_logins.py with samba {os.popen('samba-tool --version').read().strip()}, {mechanism}"
    g = samba_client(mechanism)
    _, negotiate = g.update(b"")
    flags = flags_of(negotiate)
    answer = challenge(flags)
    finished, authenticate = g.update(spnego_challenge(answer) if mechanism == "spnego" else answer)
    if not finished:
        finished, _ = g.update(spnego_completed(authenticate, flags))
    wrapped = g.wrap(MESSAGE)
    write(f"login_{name}_negotiate.in", negotiate, origin)
    write(f"login_{name}_challenge.out", answer, "made by make_logins.py, without SPNEGO")
    write(f"login_{name}_authenticate.in", authenticate, origin)
    write(f"login_{name}_sealed.in", wrapped[16:] + wrapped[:16], origin + "; all of it sealed, the signature last")


def impacket():
    origin = "made by make_logins.py with impacket 0.10"
    negotiate = ntlm.getNTLMSSPType1("", "", signingRequired=True, use_ntlmv2=True)
    answer = challenge(negotiate["flags"])
    authenticate, key = ntlm.getNTLMSSPType3(negotiate, answer, USER, PASSWORD, DOMAIN, use_ntlmv2=True)
    flags = authenticate["flags"]
    seal_key = ntlm.SEALKEY(flags, key)
    rc4 = ARC4.new(seal_key).encrypt
    sealed, signature = ntlm.SEAL(flags, ntlm.SIGNKEY(flags, key), seal_key, MESSAGE, MESSAGE[24:], 0, rc4)
    write("login_impacket_negotiate.in", negotiate.getData(), origin)
    write("login_impacket_challenge.out", answer, "made by make_logins.py")
    write("login_impacket_authenticate.in", authenticate.getData(), origin)
    write("login_impacket_sealed.in", MESSAGE[:24] + sealed + signature.getData(), origin + "; only the body is sealed")


if __name__ == "__main__":
    samba("ntlmssp", "samba")
    samba("spnego", "samba_spnego")
    impacket()
