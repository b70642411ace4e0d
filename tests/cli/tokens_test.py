#!/usr/bin/env python3
"""Makes the tokens of tests/vectors/tokens.json from the words of trackier-ctl-detokenize(1), TOKENS, alone.

--write makes the file anew; what it holds must then be what the program makes, which another test checks.
"""
import hashlib
import hmac
import json
import pathlib
import sys

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ImportError:
    print("SKIPPED: python3-cryptography is not installed")
    sys.exit(0)

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "tokens.json"
DIGITS = "0123456789"
LOWER = "abcdefghijklmnopqrstuvwxyz"
ALPHABETS = {"digits": DIGITS, "hex": DIGITS + "abcdef", "lower": DIGITS + LOWER, "upper": DIGITS + LOWER.upper(),
             "alnum": DIGITS + LOWER.upper() + LOWER}


def hkdf(master, info):
    """RFC 5869 with SHA-256, no salt, 32 bytes."""
    pseudorandom = hmac.digest(bytes(32), master, "sha256")
    return hmac.digest(pseudorandom, info + b"\1", "sha256")


def ff1(key, radix, tweak, digits):
    """Encryption, SP 800-38G, algorithm 7."""
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()

    def number(of):
        value = 0
        for digit in of:
            value = value * radix + digit
        return value

    size = len(digits)
    u, v = size // 2, size - size // 2
    a, b = digits[:u], digits[u:]
    width = ((radix ** v - 1).bit_length() + 7) // 8
    length = 4 * ((width + 3) // 4) + 4
    p = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([10, u % 256]) + size.to_bytes(4, "big") + len(tweak).to_bytes(4, "big")
    for i in range(10):
        q = tweak + bytes((-len(tweak) - width - 1) % 16) + bytes([i]) + number(b).to_bytes(width, "big")
        state = bytes(16)
        for at in range(0, len(p + q), 16):
            state = cipher.update(bytes(x ^ y for x, y in zip(state, (p + q)[at:at + 16])))
        s, j = state, 1
        while len(s) < length:
            s += cipher.update(bytes(x ^ y for x, y in zip(state, j.to_bytes(16, "big"))))
            j += 1
        m = u if i % 2 == 0 else v
        c = (number(a) + int.from_bytes(s[:length], "big")) % radix ** m
        out = []
        for _ in range(m):
            c, digit = divmod(c, radix)
            out.append(digit)
        a, b = b, out[::-1]
    return a + b


def luhn_digit(digits):
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = digit * 2 if place % 2 == 0 else digit
        total += value // 10 + value % 10
    return -total % 10


def crc24(data):
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
            crc &= 0xFFFFFF
    return crc


def is_pseudonym(text):
    plain = text.replace("-", "") if len(text) == 36 and text[14] == "8" else text
    try:
        data = bytes.fromhex(plain)
    except ValueError:
        return False
    return len(data) == 16 and len(text) in (32, 36) and crc24(data[:13]) == int.from_bytes(data[13:], "big")


def token(master, each):
    key = hkdf(master, b"trackier-ctl tokenize v1\0" + each["tenant"].encode())
    alphabet = ALPHABETS[each["alphabet"]]
    if each["alphabet"] == "hex" and any(c in "ABCDEF" for c in each["value"]):
        alphabet = alphabet.upper()
    places = [i for i, c in enumerate(each["value"]) if c in alphabet]
    digits = [alphabet.index(each["value"][i]) for i in places]
    checked = each["luhn"] and luhn_digit(digits[:-1]) == digits[-1]
    payload = digits[:-1] if checked else digits
    keeps_zero = each["alphabet"] == "digits" and len(payload) > 6
    zero = payload[0] == 0
    while True:
        payload = ff1(key, len(alphabet), each["kind"].encode(), payload)
        whole = payload + [luhn_digit(payload)] if checked else payload
        made = list(each["value"])
        for place, digit in zip(places, whole):
            made[place] = alphabet[digit]
        made = "".join(made)
        if each["alphabet"] == "hex" and (is_pseudonym(made) or not made.strip("0-")):
            continue
        if each["luhn"] and not checked and luhn_digit(whole[:-1]) == whole[-1]:
            continue
        if keeps_zero and (payload[0] == 0) != zero:
            continue
        return made


CASES = [("card", "digits", False, "", "4111111111111111"), ("card", "digits", True, "", "4111 1111 1111 1111"),
         ("card", "digits", True, "", "4111111111111112"), ("phone", "digits", False, "shop", "+44 20 7946 0123"),
         ("phone", "digits", False, "", "0205550123"), ("field", "digits", False, "", "471100"),
         ("uuid", "hex", False, "", "7d444840-9dc0-4d11-b245-5ffdce74fad2"),
         ("uuid", "hex", False, "shop", "7D444840-9DC0-4D11-B245-5FFDCE74FAD2"),
         ("email", "alnum", False, "", "mara.sample@example.com"), ("iban", "upper", False, "", "GB33 BUKB 2020 1555 5555 55"),
         ("id", "lower", False, "press", "visitor-000042"), ("name", "alnum", False, "", "Otto Muster " * 12)]


def main():
    if "--write" in sys.argv:
        key = hashlib.sha256(b"vectors of tokens").hexdigest()
        names = ("kind", "alphabet", "luhn", "tenant", "value")
        made = [dict(zip(names, case)) for case in CASES]
        for each in made:
            each["token"] = token(bytes.fromhex(key), each)
        VECTORS.write_text(json.dumps({"key": key, "tokens": made}, indent=1) + "\n")
    vectors = json.loads(VECTORS.read_text())
    wrong = [each for each in vectors["tokens"] if token(bytes.fromhex(vectors["key"]), each) != each["token"]]
    for each in wrong:
        print("another token:", each)
    print(f"{len(vectors['tokens'])} tokens, {len(wrong)} failures")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
