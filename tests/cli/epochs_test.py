#!/usr/bin/env python3
"""Makes the keys and pseudonyms of tests/vectors/epochs.json from the words of trackier-ctl-anonymize(1), PERIODS, alone.

--write makes the file anew; what it holds must then be what the program makes, which another test checks.
"""
import hmac
import json
import pathlib
import sys

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "epochs.json"
sys.path.insert(0, str(VECTORS.parent))
import pseudonyms  # noqa: E402
SECRET = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978"


def hkdf(key, info):
    """RFC 5869 with SHA-256, no salt, 32 bytes."""
    return hmac.digest(hmac.digest(bytes(32), key, "sha256"), info + b"\1", "sha256")


def period_key(secret, period):
    return hkdf(secret, b"trackier-ctl epoch key v1\0" + period.encode())


def ratcheted(secret, steps):
    for _ in range(steps):
        secret = hkdf(secret, b"trackier-ctl epoch next v1")
    return secret


def pseudonym(key, tenant, kind, value):
    """128 bits, hexadecimal, of PSEUDONYMS."""
    return pseudonyms.hex_form(pseudonyms.run_key(key, tenant), kind, value.encode(), 128)


def made():
    secret = bytes.fromhex(SECRET)
    chains = [("month", "2026-01", [("2026-01", 0), ("2026-02", 1), ("2026-12", 11), ("2031-01", 60)]),
              ("week", "2020-W52", [("2020-W52", 0), ("2020-W53", 1), ("2021-W01", 2)]),
              ("day", "2024-02-28", [("2024-02-28", 0), ("2024-02-29", 1), ("2024-03-01", 2), ("2025-02-28", 366)])]
    keys, made_of_them = [], []
    for unit, oldest, periods in chains:
        file = f"trackier-epoch-key-1 {unit} {oldest} {SECRET}\n"
        for period, steps in periods:
            key = period_key(ratcheted(secret, steps), period)
            keys.append({"file": file, "period": period, "key": key.hex()})
            for tenant in ("", "shop"):
                made_of_them.append({"key": key.hex(), "period": period, "tenant": tenant, "kind": "email", "value": "ann@example.com",
                                   "pseudonym": pseudonym(key, tenant, "email", "ann@example.com")})
    endless = [{"master": SECRET, "period": period, "key": period_key(secret, period).hex()}
               for period in ("2026-01", "2020-W53", "2024-02-29")]
    return {"keys": keys, "endless": endless, "pseudonyms": made_of_them}


def main():
    text = json.dumps(made(), indent=1) + "\n"
    if sys.argv[1:] == ["--write"]:
        VECTORS.write_text(text)
    elif VECTORS.read_text() != text:
        sys.exit(f"{VECTORS} holds something else than the manual says")
    else:
        print("the vectors are those of the manual")


main()
