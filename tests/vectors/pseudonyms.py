#!/usr/bin/env python3
"""Prints pseudonyms.json: pseudonyms made by the section PSEUDONYMS of trackier-ctl-anonymize(1).

Written from the man page alone, with Python's own hmac and hashlib, so that a mistake of the C++
code cannot agree with itself. Run: python3 pseudonyms.py > pseudonyms.json
"""
import hashlib
import hmac
import ipaddress
import json
import uuid


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def hkdf(key, info, size):
    """RFC 5869 without salt: a salt of zeros as long as the hash."""
    extracted = mac(bytes(32), key)
    blocks, last = b"", b""
    while len(blocks) < size:
        last = mac(extracted, last + info + bytes([len(blocks) // 32 + 1]))
        blocks += last
    return blocks[:size]


def run_key(master, tenant):
    return hkdf(master, b"trackier-ctl anonymize v1" + b"\0" + tenant.encode(), 32)


def crc24(data):
    """RFC 9580, section 6.1, bit by bit."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return (crc & 0xFFFFFF).to_bytes(3, "big")


def digest(key, kind, canonical):
    return mac(key, kind.encode() + b"\0" + canonical)


def uuid_form(key, kind, canonical):
    first = bytearray(digest(key, kind, canonical)[:16])
    first[6] = first[6] & 0x0F | 0x80
    first[8] = first[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(first[:13]) + crc24(bytes(first[:13]))))


def hex_form(key, kind, canonical, bits):
    whole = digest(key, kind, canonical)
    if bits == 128:
        return (whole[:13] + crc24(whole[:13])).hex()
    return whole[: bits // 8].hex()


def alike_form(key, kind, value):
    stream, block = [], 0
    text = value.encode()

    def word():
        nonlocal block
        if not stream:
            data = mac(key, f"alike {block} {kind}".encode() + b"\0" + text)
            stream.extend(data[i] << 8 | data[i + 1] for i in range(0, 32, 2))
            block += 1
        return stream.pop(0)

    out = ""
    for c in value:
        if "A" <= c <= "Z":
            out += chr(ord("A") + word() * 26 // 65536)
        elif "0" <= c <= "9":
            out += chr(ord("0") + word() * 10 // 65536)
        elif "a" <= c <= "z" or ord(c) > 127:
            out += chr(ord("a") + word() * 26 // 65536)
        else:
            out += c
    return out


def ascii_lower(text):
    return "".join(c.lower() if c.isascii() else c for c in text)


def canonical(kind, value):
    if kind == "uuid":
        return uuid.UUID(value).bytes
    if kind == "ipv4":
        last = value.rsplit(":", 1)[-1]
        if "." not in last:
            return ipaddress.IPv6Address(value).packed[12:]
        return bytes(int(part) for part in last.split("."))
    if kind == "ipv6":
        return ipaddress.IPv6Address(value).packed
    if kind in ("email", "mac"):
        return ascii_lower(value).encode()
    if kind in ("phone", "card", "ssn"):
        return "".join(c for c in value if c.isdigit()).encode()
    if kind == "iban":
        return "".join(c for c in value if c.isalnum()).encode()
    return value.encode()


VALUES = [
    # kind, value, the field or text around it: @ stands for the value
    ("uuid", "123e4567-e89b-12d3-a456-426614174000", "v @ x"),
    ("uuid", "123E4567-E89B-12D3-A456-426614174000", "v @ x"),
    ("uuid", "ffffffff-ffff-4fff-bfff-ffffffffffff", "vid=@"),
    ("ipv4", "192.0.2.17", "at @ now"),
    ("ipv4", "192.000.002.017", "at @ now"),
    ("ipv4", "::ffff:192.0.2.17", "at @ now"),
    ("ipv4", "64:ff9b::192.0.2.17", "at @ now"),
    ("ipv6", "2001:db8:1:2::3", "at @ now"),
    ("ipv6", "2001:0DB8:0001:0002:0000:0000:0000:0003", "at @ now"),
    ("mac", "08:00:27:4E:66:A1", "at @ now"),
    ("email", "Bob@Example.com", "at @ now"),
    ("email", "bob@example.com", "at @ now"),
    ("phone", "+1-415-555-0199", "at @ now"),
    ("phone", "+14155550199", "at @ now"),
    ("card", "4111 1111 1111 1111", "at @ now"),
    ("card", "4111111111111111", "at @ now"),
    ("iban", "GB29 NWBK 6016 1331 9268 19", "at @ now"),
    ("iban", "GB29NWBK60161331926819", "at @ now"),
    ("ssn", "521-44-9382", "at @ now"),
    ("password", "hunter2", "password=@"),
    ("api-key", "k-123", "api_key=@"),
    ("token", "t-123", "token=@"),
    ("cookie", "c-123", "sid=@"),
    ("id", "visitor-17", "visitor_id=@"),
    ("name", "Clyde", "user=@"),
    ("name", "J\u00f6rg-O'Neil", 'user="@"'),
    ("name", "Annemarie Hippolyta Featherstonehaugh", 'user="@"'),
    ("birthday", "1970-01-31", "dob=@"),
    ("address", "1 Example Street", 'street="@"'),
]
FIELD_VALUES = [
    # kind, value of a field that a rule of the profile names
    ("field", "Clyde"),
    ("field", "203.0.113.7:443"),
    ("uuid", "123E4567-E89B-12D3-A456-426614174000"),
    ("ipv4", "203.0.113.7"),
    ("ipv4", "::ffff:203.0.113.7"),
    ("ipv4", "::FFFF:cb00:7107"),
    ("ipv4", "64:ff9b::203.0.113.7"),
    ("ipv6", "2001:db8::7"),
    ("ipv6", "2001:DB8:0:0:0:0:0:7"),
    ("ipv6", "2001:0db8::0007"),
]
KEYS = [
    ("30313233343536373839616263646566" * 2, ""),
    ("30313233343536373839616263646566" * 2, "shop"),
    ("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "shop"),
]


def forms(key, kind, value, spelled):
    """What becomes of a value of `kind`; one that looks alike is of the kind that was `spelled`."""
    bits = canonical(kind, value)
    made = {}
    if kind == "uuid":
        made["uuid"] = uuid_form(key, kind, bits)
    else:
        for size in (64, 128, 256):
            made[f"hash_{size}"] = hex_form(key, kind, bits, size)
    made["pseudonym"] = alike_form(key, spelled, value)
    return made


def main():
    vectors = []
    for master, tenant in KEYS:
        key = run_key(bytes.fromhex(master), tenant)
        for kind, value, around in VALUES:
            spelled = "ipv6" if kind == "ipv4" and ":" in value else kind
            vectors.append({"key": master, "tenant": tenant, "kind": kind, "value": value, "around": around}
                           | forms(key, kind, value, spelled))
        for kind, value in FIELD_VALUES:
            vectors.append({"key": master, "tenant": tenant, "kind": kind, "value": value, "field": "of"}
                           | forms(key, kind, value, "field"))
    source = "made by pseudonyms.py from trackier-ctl-anonymize(1), PSEUDONYMS"
    print(json.dumps({"source": source, "vectors": vectors}, indent=1))


if __name__ == "__main__":
    main()
