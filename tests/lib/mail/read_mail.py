"""Prints what Python's mail parser reads in a mail, as JSON; the parser is not ours."""
import email, email.header, email.policy, email.utils, json, sys


def mailbox(mail, plain_mail, name):
    """The name by the older parser: the newer one leaves a space between encoded words (RFC 2047,
    section 6.2, says that it is to be ignored; CPython issue 92081)."""
    (address,) = mail[name].addresses
    written, same = email.utils.parseaddr("".join(plain_mail[name].splitlines()))
    assert same == address.addr_spec
    decoded = str(email.header.make_header(email.header.decode_header(written)))
    assert decoded.replace(" ", "") == address.display_name.replace(" ", "")
    return [decoded, same]


raw = open(sys.argv[1], "rb").read()
assert all(len(line) <= 78 for line in raw.split(b"\r\n")), "a long line"
assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r"), "a bare line break"
assert not any(line.endswith((b" ", b"\t")) for line in raw.split(b"\r\n")), "a space at an end"
assert max(raw) < 128, "not ASCII"
mail = email.message_from_bytes(raw, policy=email.policy.default)
older = email.message_from_bytes(raw)
defects = [str(d) for part in mail.walk() for d in part.defects]
defects += [str(d) for h in mail.values() for d in getattr(h, "defects", [])]
said = {
    "defects": defects,
    "subject": mail["Subject"],
    "from": mailbox(mail, older, "From"),
    "to": mailbox(mail, older, "To"),
    "date": mail["Date"].datetime.isoformat(),
    "id": mail["Message-ID"],
    "types": [part.get_content_type() for part in mail.walk()],
    "plain": mail.get_body(("plain",)).get_content().replace("\r\n", "\n"),
    "html": mail.get_body(("html",)).get_content().replace("\r\n", "\n"),
}
json.dump(said, sys.stdout, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
