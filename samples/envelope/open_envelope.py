#!/usr/bin/env python3
"""Opens an envelope without trackier-ctl, as trackier-envelope(5) tells it.

    open_envelope.py [-p] [-i KEYFILE]... ENVELOPE > CONTENT

KEYFILE: 32 bytes, or 64 hexadecimal digits: a private key, a wrapping key, or an officer's key, of which
as many as the threshold says. -p asks for a passphrase. Needs Python 3.9 and the package cryptography.
Not for secrets on a shared machine: it neither locks nor wipes memory."""
import argparse, base64, getpass, hashlib, hmac, re, sys  # noqa: E401
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

def b64(text): return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)

def hkdf(key, salt, info, size=32): return HKDF(hashes.SHA256(), size, salt, info).derive(key)

def hpke_open(private, enc, info, sealed):  # RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM
    def extract(suite, salt, label, ikm):
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")
    def expand(suite, key, label, data, size):
        labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + data
        return HKDFExpand(hashes.SHA256(), size, labelled).derive(key)
    kem, suite = b"KEM\0\x20", b"HPKE\0\x20\0\x01\0\x02"
    shared = private.exchange(X25519PublicKey.from_public_bytes(enc))
    shared = expand(kem, extract(kem, b"", b"eae_prk", shared), b"shared_secret", enc + public(private), 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key, nonce = (expand(suite, secret, name, context, n) for name, n in ((b"key", 32), (b"base_nonce", 12)))
    return AESGCM(key).decrypt(nonce, sealed, None)

def public(private):
    return private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

def product(a, b):  # in GF(256)
    result = 0
    for bit in range(8):
        result ^= (a << bit) * (b >> bit & 1)
    for bit in range(14, 7, -1):
        result ^= (0x11b << bit - 8) * (result >> bit & 1)
    return result

def combine(points):  # Lagrange at 0; 1/d is d^254
    secret = bytearray(32)
    for x, y in points.items():
        factor = 1
        for other in points:
            if other != x:
                inverse = 1
                for _ in range(254):
                    inverse = product(inverse, x ^ other)
                factor = product(factor, product(other, inverse))
        secret = bytes(s ^ product(factor, byte) for s, byte in zip(secret, y))
    return secret

def data_keys(stanzas, fid, keys, passphrase):
    info, sets = lambda name: b"trackier-envelope/1 " + name + b"\0" + fid, {}
    for kind, *words in stanzas:
        for key in keys:
            private = X25519PrivateKey.from_private_bytes(key)
            mine = hashlib.sha256(public(private)).digest()[:8].hex() == words[0]
            if kind == "hpke" and mine:
                yield hpke_open(private, b64(words[1]), info(b"hpke"), b64(words[2]))
            if kind == "kek" and hkdf(key, None, b"trackier-envelope/1 kek id", 8).hex() == words[0]:
                yield AESGCM(hkdf(key, b64(words[1]), info(b"kek"))).decrypt(bytes(12), b64(words[2]), None)
            if kind == "officer" and mine:
                threshold, x = int(words[2]), int(words[3])
                bound = info(b"officer") + bytes.fromhex(words[1]) + bytes([threshold, x])
                points = sets.setdefault(words[1], {})
                points[x] = hpke_open(private, b64(words[4]), bound, b64(words[5]))
                if len(points) == threshold:
                    yield combine(points)
        if kind == "scrypt" and passphrase is not None:
            n = 1 << int(words[1])
            key = hashlib.scrypt(passphrase, salt=b64(words[0]), n=n, r=8, p=1, maxmem=n * 2048, dklen=32)
            yield AESGCM(hkdf(key, bytes(32), info(b"scrypt"))).decrypt(bytes(12), b64(words[2]), None)

def open_head(head, keys, passphrase):
    blocks = []
    for block in (head[:4096], head[4096:]):
        text = block[:4051].rstrip(b" ")
        good = block[4051:4052] == b"\n" and hashlib.sha256(block[:4052]).digest() == b64(block[4052:4095].decode())
        if good and (first := re.match(rb"trackier-(?:envelope|keyring)/1 ([1-9]\d*)\n", text)):
            blocks.append((int(first[1]), text))
    for _, text in sorted(blocks, reverse=True):
        _, about, *lines = text.decode("ascii").splitlines()
        fid = bytes.fromhex(about.split()[1])
        stanzas = [line.split()[1:] for line in lines if line.startswith("-> ")]
        for dek in data_keys(stanzas, fid, keys, passphrase):
            mac_key = hkdf(dek, fid, b"trackier-envelope/1 header")
            signed = text[:text.rindex(b"\n--- ") + 4]
            if hmac.compare_digest(hmac.digest(mac_key, signed, "sha256"), b64(lines[-1].split()[1])):
                length = about.split()[3:]
                return dek, fid, int(length[0]) if length else None
    raise ValueError("no key here opens it, or its head was changed" if blocks else "not an envelope")

def content(file, keys, passphrase):
    dek, fid, length = open_head(file.read(8192), keys, passphrase)
    salt, commitment = file.read(24), file.read(32)
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + b"trackier-envelope/1 body\0" + fid
    okm = HKDFExpand(hashes.SHA512(), 76, info).derive(dek)
    if not hmac.compare_digest(okm[44:], commitment):
        raise ValueError("the payload is of another envelope")
    cipher, nonce, total = AESGCM(okm[:32]), int.from_bytes(okm[32:44], "big"), 0
    for chunk in range(2 ** 32):
        plain = cipher.decrypt((nonce ^ chunk).to_bytes(12, "big"), file.read(16384 + 16), None)
        total += len(plain)
        yield plain
        if len(plain) < 16384:
            break
    if file.read(1) or length not in (None, total):
        raise ValueError("something is missing, or follows the end")

def key_of(path):
    raw = open(path, "rb").read()
    return raw if len(raw) == 32 else bytes.fromhex(raw.decode())

def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].strip())
    parser.add_argument("-i", action="append", default=[])
    parser.add_argument("-p", action="store_true")
    parser.add_argument("envelope")
    options = parser.parse_args()
    passphrase = getpass.getpass().encode() if options.p else None
    try:
        with open(options.envelope, "rb") as file:
            for plain in content(file, [key_of(path) for path in options.i], passphrase):
                sys.stdout.buffer.write(plain)
    except (ValueError, InvalidTag) as error:
        sys.exit(f"{options.envelope}: {error or 'authentication failed'}")

if __name__ == "__main__":
    main()
