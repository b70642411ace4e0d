#!/usr/bin/env python3
"""Prints hpke.json: messages sealed by RFC 9180 in base mode with DHKEM(X25519, HKDF-SHA256),
HKDF-SHA256 and AES-256-GCM.

Written from the RFC alone, with Python's hmac and the package `cryptography`, so that a mistake of
the C++ code cannot agree with itself; and held against the two vectors below, so that a mistake of
this program is found, too. Run: python3 hpke.py > hpke.json
"""
import hashlib
import hmac
import json

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def expand(pseudorandom, info, size):
    """RFC 5869, section 2.3."""
    blocks, last = b"", b""
    while len(blocks) < size:
        last = mac(pseudorandom, last + info + bytes([len(blocks) // 32 + 1]))
        blocks += last
    return blocks[:size]


def labeled_extract(suite, salt, label, key):
    return mac(salt or bytes(32), b"HPKE-v1" + suite + label + key)


def labeled_expand(suite, pseudorandom, label, info, size):
    return expand(pseudorandom, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size)


def public(private):
    key = X25519PrivateKey.from_private_bytes(private).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def encapsulate(ephemeral, recipient):
    """Section 4.1: the shared secret and enc."""
    suite = b"KEM" + (0x0020).to_bytes(2, "big")
    ours = X25519PrivateKey.from_private_bytes(ephemeral)
    dh = ours.exchange(X25519PublicKey.from_public_bytes(recipient))
    context = public(ephemeral) + recipient
    extracted = labeled_extract(suite, b"", b"eae_prk", dh)
    return labeled_expand(suite, extracted, b"shared_secret", context, 32), public(ephemeral)


def key_schedule(shared_secret, info, aead, key_size):
    """Section 5.1 with mode_base: key and base_nonce."""
    suite = b"HPKE" + b"".join(each.to_bytes(2, "big") for each in (0x0020, 0x0001, aead))
    context = (bytes([0]) + labeled_extract(suite, b"", b"psk_id_hash", b"")
               + labeled_extract(suite, b"", b"info_hash", info))
    secret = labeled_extract(suite, shared_secret, b"secret", b"")
    return (labeled_expand(suite, secret, b"key", context, key_size),
            labeled_expand(suite, secret, b"base_nonce", context, 12))


def seal(ephemeral, recipient, info, plain, associated=b""):
    shared_secret, enc = encapsulate(ephemeral, recipient)
    key, nonce = key_schedule(shared_secret, info, 0x0002, 32)
    return enc, AESGCM(key).encrypt(nonce, plain, associated)


def check():
    """What others published."""
    info = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
    plain = b"Beauty is truth, truth beauty"
    # RFC 9180, appendix A.1.1: the same KEM and KDF, with AES-128-GCM.
    shared_secret, enc = encapsulate(
        bytes.fromhex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"),
        bytes.fromhex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"))
    assert enc.hex() == "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
    assert shared_secret.hex() == "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc"
    key, nonce = key_schedule(shared_secret, info, 0x0001, 16)
    assert key.hex() == "4531685d41d65f03dc48f6b8302c05b0"
    assert nonce.hex() == "56d890e5accaaf011cff4b7d"
    # The vectors published with the RFC as a file: base mode, this suite, first message.
    enc, sealed = seal(
        bytes.fromhex("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11"),
        bytes.fromhex("430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c"),
        info, plain, b"Count-0")
    assert enc.hex() == "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256"
    assert sealed.hex() == ("e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512b"
                            "e9931980a41de125a925cdad859d5b7a")


def some_bytes(label, size):
    """The same ones every time."""
    return hashlib.shake_128(label.encode()).digest(size)


MESSAGES = [
    # size of info, size of the message
    (0, 0), (0, 1), (1, 32), (20, 32), (41, 32), (55, 16), (64, 64), (100, 100), (300, 700),
]


def main():
    check()
    vectors = []
    for info_size, plain_size in MESSAGES:
        name = f"{info_size} {plain_size}"
        recipient = some_bytes("recipient " + name, 32)
        ephemeral = some_bytes("ephemeral " + name, 32)
        info = some_bytes("info " + name, info_size)
        plain = some_bytes("plain " + name, plain_size)
        enc, sealed = seal(ephemeral, public(recipient), info, plain)
        vectors.append({
            "recipient_private": recipient.hex(), "recipient": public(recipient).hex(),
            "ephemeral_private": ephemeral.hex(), "info": info.hex(), "plain": plain.hex(),
            "encapsulated": enc.hex(), "sealed": sealed.hex(),
        })
    print(json.dumps({"source": "made by hpke.py from RFC 9180", "vectors": vectors}, indent=1))


main()
