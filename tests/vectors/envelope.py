#!/usr/bin/env python3
"""Prints envelope.json: whole envelopes as trackier-envelope(5) describes them, made from that page alone
with the package `cryptography` and Python's own library, so that a mistake of the C++ code cannot agree
with itself. Everything random is fixed here. Run: python3 envelope.py > envelope.json

With a directory as argument it writes the envelopes there as files, NAME.tke, instead.

The plaintext of a vector is `length` bytes, byte i being (167 i + 13) mod 256. What is left out of
the JSON follows from it: `payload` and `file` are SHA-256 of the payload and of the whole file.
"""
import base64
import hashlib
import hmac
import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CHUNK = 16384
KEM, SUITE = b"KEM\0\x20", b"HPKE\0\x20\0\x01\0\x02"


def b64(data):
    return base64.b64encode(data).decode().rstrip("=")


def fixed(label, size=32):
    """Bytes that look random and are the same every time."""
    return hashlib.shake_256(label.encode()).digest(size)


def hkdf(key, salt, info, size=32):
    return HKDF(SHA256(), size, salt, info).derive(key)


def raw(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(public):
    return hashlib.sha256(public).digest()[:8].hex()


def gcm(key, plain, nonce=bytes(12)):
    return AESGCM(key).encrypt(nonce, plain, None)


def extract(suite, salt, label, ikm):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def expand(suite, prk, label, info, size):
    labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(SHA256(), size, labelled).derive(prk)


def hpke_seal(public, ephemeral, info, plain):
    enc = raw(ephemeral)
    dh = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    shared = expand(KEM, extract(KEM, b"", b"eae_prk", dh), b"shared_secret", enc + public, 32)
    context = b"\0" + extract(SUITE, b"", b"psk_id_hash", b"") + extract(SUITE, b"", b"info_hash", info)
    secret = extract(SUITE, shared, b"secret", b"")
    key = expand(SUITE, secret, b"key", context, 32)
    return enc, gcm(key, plain, expand(SUITE, secret, b"base_nonce", context, 12))


# Shares: GF(256) by tables of powers of 3.
EXP, LOG = [0] * 255, [0] * 256
_power = 1
for _i in range(255):
    EXP[_i], LOG[_power] = _power, _i
    _power ^= _power << 1
    _power ^= 0x11B if _power > 255 else 0


def times(a, b):
    return EXP[(LOG[a] + LOG[b]) % 255] if a and b else 0


def share(secret, coefficients, x):
    out = bytearray(secret)
    power = 1
    for coefficient in coefficients:
        power = times(power, x)
        out = bytearray(o ^ times(c, power) for o, c in zip(out, coefficient))
    return bytes(out)


class Keys:
    """Key files by name: private keys, a wrapping key, officers' keys."""
    private = {name: X25519PrivateKey.from_private_bytes(fixed(name)) for name in
               ("ana", "bo", "next", "officer-1", "officer-2", "officer-3")}
    wrapping = fixed("wrapping")
    passphrase = "correct horse battery staple"


class Envelope:
    def __init__(self, name):
        self.name = name
        self.id = fixed(name + " id", 16)
        self.data_key = fixed(name + " data key")
        self.salt = fixed(name + " salt", 24)

    def info(self, kind):
        return f"trackier-envelope/1 {kind}\0".encode() + self.id

    def hpke(self, who):
        public = raw(Keys.private[who])
        ephemeral = X25519PrivateKey.from_private_bytes(fixed(f"{self.name} for {who}"))
        enc, sealed = hpke_seal(public, ephemeral, self.info("hpke"), self.data_key)
        return f"-> hpke {key_id(public)} {b64(enc)} {b64(sealed)}"

    def kek(self):
        salt = fixed(self.name + " kek salt")
        key = hkdf(Keys.wrapping, salt, self.info("kek"))
        name = hkdf(Keys.wrapping, None, b"trackier-envelope/1 kek id", 8).hex()
        return f"-> kek {name} {b64(salt)} {b64(gcm(key, self.data_key))}"

    def scrypt(self, log_n):
        salt = fixed(self.name + " scrypt salt", 16)
        stretched = Scrypt(salt, 32, 1 << log_n, 8, 1).derive(Keys.passphrase.encode())
        key = hkdf(stretched, bytes(32), self.info("scrypt"))
        return f"-> scrypt {b64(salt)} {log_n} {b64(gcm(key, self.data_key))}"

    def officers(self, threshold, names):
        chosen = fixed(self.name + " set", 8)
        coefficients = [fixed(f"{self.name} coefficient {i}") for i in range(1, threshold)]
        for x, who in enumerate(names, 1):
            public = raw(Keys.private[who])
            ephemeral = X25519PrivateKey.from_private_bytes(fixed(f"{self.name} for {who}"))
            bound = self.info("officer") + chosen + bytes([threshold, x])
            enc, sealed = hpke_seal(public, ephemeral, bound, share(self.data_key, coefficients, x))
            yield f"-> officer {key_id(public)} {chosen.hex()} {threshold} {x} {b64(enc)} {b64(sealed)}"

    def metadata(self, content):
        salt = fixed(self.name + " metadata salt")
        key = hkdf(self.data_key, salt, self.info("metadata"))
        return f"% {b64(salt)} {b64(gcm(key, json.dumps(content).encode()))}"

    def block(self, sequence, length, lines):
        about = f"@ {self.id.hex()} cobblestone-256" + ("" if length is None else f" {length}")
        text = "\n".join([f"trackier-envelope/1 {sequence}", about, *lines, "---"]).encode()
        mac = hmac.digest(hkdf(self.data_key, self.id, b"trackier-envelope/1 header"), text, "sha256")
        return text.decode() + " " + b64(mac)

    def payload(self, plain):
        context = b"trackier-envelope/1 body\0" + self.id
        info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + self.salt + context
        okm = HKDFExpand(SHA512(), 76, info).derive(self.data_key)
        base = int.from_bytes(okm[32:44], "big")
        out = self.salt + okm[44:]
        for i in range(len(plain) // CHUNK + 1):
            nonce = (base ^ i).to_bytes(12, "big")
            out += gcm(okm[:32], plain[i * CHUNK:(i + 1) * CHUNK], nonce)
        return out


def plaintext(length):
    return bytes((167 * i + 13) % 256 for i in range(length))


def whole_block(text):
    padded = (text + "\n").encode().ljust(4051, b" ") + b"\n"
    return padded + b64(hashlib.sha256(padded).digest()).encode() + b"\n"


def vectors():
    """Name, length, block A, block B, and what opens it."""
    for length in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK, 300_000):
        envelope = Envelope(f"hpke-{length}")
        block = envelope.block(1, length, [envelope.hpke("ana"), envelope.hpke("bo")])
        yield envelope, length, block, block, [["ana"], ["bo"]]
    envelope = Envelope("stream")
    block = envelope.block(1, None, [envelope.hpke("ana")])
    yield envelope, 40_000, block, block, [["ana"]]
    envelope = Envelope("metadata")
    about = envelope.metadata({"name": "clicks.log", "mtime_ns": 1741597207000000000, "mode": 0o640})
    block = envelope.block(1, 1000, [about, envelope.hpke("ana")])
    yield envelope, 1000, block, block, [["ana"]]
    envelope = Envelope("kek")
    block = envelope.block(1, 1000, [envelope.kek()])
    yield envelope, 1000, block, block, [["wrapping"]]
    envelope = Envelope("scrypt")
    block = envelope.block(1, 1000, [envelope.scrypt(10)])
    yield envelope, 1000, block, block, [["passphrase"]]
    envelope = Envelope("officers")
    names = ["officer-1", "officer-2", "officer-3"]
    block = envelope.block(1, 20_000, [envelope.hpke("ana"), *envelope.officers(2, names)])
    yield envelope, 20_000, block, block, [["ana"], names[:2], names[1:], [names[2], names[0]], names]
    envelope = Envelope("of-the-future")
    block = envelope.block(1, 1000, ["-> mlkem768x25519 0123 and/more+words", envelope.hpke("ana"), "-> other"])
    yield envelope, 1000, block, block, [["ana"]]
    envelope = Envelope("rewrap")
    old, new = envelope.block(4, 20_000, [envelope.hpke("ana")]), envelope.block(5, 20_000, [envelope.hpke("next")])
    yield envelope, 20_000, old, new, [["ana"], ["next"]]
    envelope = Envelope("rewrap-torn")
    old = envelope.block(1, 20_000, [envelope.hpke("ana")])
    torn = envelope.block(2, 20_000, [envelope.hpke("next")])[:300]
    yield envelope, 20_000, old, torn, [["ana"]]


def main():
    made = []
    for envelope, length, block_a, block_b, opens in vectors():
        torn = envelope.name == "rewrap-torn"
        payload = envelope.payload(plaintext(length))
        second = block_b.encode().ljust(4096, b"\0") if torn else whole_block(block_b)
        file = whole_block(block_a) + second + payload
        made.append({"name": envelope.name, "id": envelope.id.hex(), "data_key": envelope.data_key.hex(),
                     "salt": envelope.salt.hex(), "length": length, "block_a": block_a, "block_b": block_b,
                     "block_b_is_torn": torn, "payload": hashlib.sha256(payload).hexdigest(),
                     "file": hashlib.sha256(file).hexdigest(), "opens_with": opens})
        if len(sys.argv) > 1:
            (pathlib.Path(sys.argv[1]) / f"{envelope.name}.tke").write_bytes(file)
    keys = {name: fixed(name).hex() for name in (*Keys.private, "wrapping")}
    if len(sys.argv) == 1:
        print(json.dumps({"keys": keys, "passphrase": Keys.passphrase, "vectors": made}, indent=1))


if __name__ == "__main__":
    main()
