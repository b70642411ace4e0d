#!/usr/bin/env python3
"""Prints keyring.json: what trackier-keyring(5) describes, made from that page and trackier-envelope(5)
alone, with the package `cryptography` and Python's own library, so that a mistake of the C++ code
cannot agree with itself. Everything random is fixed here. Run: python3 keyring.py > keyring.json
"""
import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def b64(data):
    return base64.b64encode(data).decode().rstrip("=")


def fixed(label, size=32):
    """Bytes that look random and are the same every time."""
    return hashlib.shake_256(label.encode()).digest(size)


def hkdf(key, salt, info, size=32):
    return HKDF(SHA256(), size, salt or None, info).derive(key)


def raw(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def seal(key, plain):
    return AESGCM(key).encrypt(bytes(12), plain, None)


def sealed_secret(secret, name, root, half, salt):
    key = hkdf(root + half, salt, b"trackier-keyring/1 secret\0" + name.encode())
    return {"salt": b64(salt), "sealed": b64(seal(key, secret))}


def key_id(public):
    return hashlib.sha256(public).digest()[:8]


# Shares: GF(256) by tables of powers of 3.
EXP, LOG = [0] * 255, [0] * 256
_power = 1
for _i in range(255):
    EXP[_i], LOG[_power] = _power, _i
    _power ^= _power << 1
    _power ^= 0x11B if _power > 255 else 0


def times(a, b):
    return EXP[(LOG[a] + LOG[b]) % 255] if a and b else 0


def interpolate(points, x):
    result = bytearray(32)
    for xi, yi in points:
        factor = 1
        for xj, _ in points:
            if xj != xi:
                factor = times(factor, times(x ^ xj, EXP[-LOG[xi ^ xj] % 255]))
        for n in range(32):
            result[n] ^= times(factor, yi[n])
    return bytes(result)


def shares(key, threshold, count, set_id):
    points = [(x, fixed(f"share {x}")) for x in range(1, threshold - 1)]
    random = fixed("digest", 28)
    points.append((254, hmac.new(random, key, hashlib.sha256).digest()[:4] + random))
    points.append((255, key))
    lines = []
    for x in range(1, count + 1):
        body = f"tks1 {set_id.hex()} {threshold} {count} {x} {b64(interpolate(points, x))}"
        lines.append(f"{body} {b64(hashlib.sha256(body.encode()).digest()[:6])}")
    return lines


def recipient_line(name, public, not_after, signer):
    body = f"tkr1 {key_id(public).hex()} {name} {b64(public)} {not_after or '-'}"
    return f"{body} {b64(signer.sign(b'trackier-recipient/1' + bytes(1) + body.encode()))}"


def certificate(tenant, signer):
    """One of trackier-keyring(5), CERTIFICATE, with a single key and place."""
    members = {
        "format": "trackier-certificate/1",
        "tenant": tenant,
        "time": "2026-11-25T12:00:00Z",
        "reason": "contract ended",
        "people": ["Ana Example"],
        "keys": [{"name": f"{tenant}/encrypt/1", "id": "0011223344556677",
                  "created": "2026-01-01T00:00:00Z", "once_without_half": False}],
        "places": [{"place": "/half", "acknowledged": True, "note": "overwritten and removed"}],
        "generation_before": 4,
        "generation_after": 5,
        "files": 0,
        "files_root": b64(hashlib.sha256(b"").digest()),
        "not_covered": ["copies of plaintext"],
        "signer": "house/audit-sign/1",
        "signer_key": b64(raw(signer)),
    }
    body = json.dumps(members, indent=2)[:-2]
    signature = b64(signer.sign(b"trackier-certificate/1" + bytes(1) + body.encode()))
    return f'{body},\n  "signature": "{signature}"\n}}\n'


def block(file_id, root, stanzas):
    """trackier-envelope(5), BLOCK, with the first line of a keyring."""
    text = f"trackier-keyring/1 1\n@ {file_id.hex()} cobblestone-256\n".encode()
    text += b"".join(f"-> {stanza}\n".encode() for stanza in stanzas) + b"---"
    mac = hmac.new(hkdf(root, file_id, b"trackier-envelope/1 header"), text, hashlib.sha256).digest()
    text = (text + f" {b64(mac)}\n".encode()).ljust(4051) + b"\n"
    return text + b64(hashlib.sha256(text).digest()).encode() + b"\n"


def payload(file_id, root, salt, plain):
    """C2SP chunked-encryption, Cobblestone-256."""
    context = b"trackier-envelope/1 body\0" + file_id
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    keys = HKDFExpand(SHA512(), 76, info).derive(root)
    base = int.from_bytes(keys[32:44], "big")
    out = salt + keys[44:76]
    for index in range(len(plain) // 16384 + 1):
        chunk = plain[index * 16384:(index + 1) * 16384]
        out += AESGCM(keys[:32]).encrypt((base ^ index).to_bytes(12, "big"), chunk, None)
    return out


def kek_stanza(file_id, root, key, salt):
    key_id = hkdf(key, b"", b"trackier-envelope/1 kek id", 8).hex()
    sealed = seal(hkdf(key, salt, b"trackier-envelope/1 kek\0" + file_id), root)
    return f"kek {key_id} {b64(salt)} {b64(sealed)}", key_id


def scrypt_stanza(file_id, root, passphrase, salt, log_n):
    derived = Scrypt(salt=salt, length=32, n=2**log_n, r=8, p=1).derive(passphrase)
    sealed = seal(hkdf(derived, bytes(32), b"trackier-envelope/1 scrypt\0" + file_id), root)
    return f"scrypt {b64(salt)} {log_n} {b64(sealed)}", b64(salt)


def keyring(root, unlock, passphrase, opener):
    """A whole file, with one key in it that is unlocked by a key and by a passphrase."""
    file_id, made = fixed("file id", 16), "2026-11-25T09:30:00Z"
    kek, kek_id = kek_stanza(file_id, root, unlock, fixed("kek salt"))
    scrypt, scrypt_id = scrypt_stanza(file_id, root, passphrase, fixed("scrypt salt", 16), 10)
    private = fixed("opener")
    document = {
        "format": "trackier-keyring/1", "generation": 3, "created": made, "saved": made,
        "latest_time": made, "quarantine_days": 7,
        "unlocks": [{"kind": "key", "id": kek_id, "label": "key file", "added": made},
                    {"kind": "passphrase", "id": scrypt_id, "label": "paper", "added": made}],
        "tenants": [],
        "keys": [{"name": "acme/encrypt/1", "id": key_id(raw(opener)).hex(), "state": "active",
                  "created": made, "not_after": None, "public": b64(raw(opener)),
                  "secret": sealed_secret(private, "acme/encrypt/1", root, b"", fixed("in file")),
                  "history": [{"state": "active", "time": made, "reason": "made by hand"}]}],
    }
    head = block(file_id, root, [kek, scrypt])
    return head + head + payload(file_id, root, fixed("salt", 24), json.dumps(document).encode())


def main():
    root, half = fixed("root key"), fixed("half")
    signer = Ed25519PrivateKey.from_private_bytes(fixed("signer"))
    opener = X25519PrivateKey.from_private_bytes(fixed("opener"))
    unlock = fixed("unlock key")
    vectors = {
        "source": "made by keyring.py from trackier-keyring(5)",
        "root_key": root.hex(),
        "half": half.hex(),
        "half_id": hkdf(half, b"", b"trackier-keyring/1 half", 8).hex(),
        "secrets": [
            {"name": name, "secret": fixed(name).hex(), "with_half": bool(with_half),
             **sealed_secret(fixed(name), name, root, with_half, fixed(name + " salt"))}
            for name, with_half in (("house/encrypt/1", b""), ("acme/audit-sign/999999", half))
        ],
        "signer": b64(raw(signer)),
        "lines": [recipient_line("acme/encrypt/3", raw(opener), "2027-01-01T00:00:00Z", signer),
                  recipient_line("house/backup/1", raw(opener), None, signer)],
        "certificate": certificate("acme", signer),
        "unlock_key": unlock.hex(),
        "passphrase": "open sesame",
        "opener": fixed("opener").hex(),
        "keyring": b64(keyring(root, unlock, b"open sesame", opener)),
        "shares": [{"threshold": k, "lines": shares(unlock, k, n, fixed(f"set {k}", 8))}
                   for k, n in ((2, 3), (3, 5), (7, 16))],
    }
    print(json.dumps(vectors, indent=1))


if __name__ == "__main__":
    main()
