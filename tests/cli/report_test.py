#!/usr/bin/env python3
"""Reports over a month that is made up: what they count, that each form holds together and is what its format asks for,
and that their proofs hold for other code than the program's."""
import argparse
import base64
import hashlib
import html.parser
import json
import os
import pathlib
import sys
import tempfile

try:
    import jsonschema
    import report_state
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError as missing:
    print(f"SKIPPED: {missing}: nothing was tested")
    sys.exit(0)
import oscal_rules

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PERIOD = ("--from", "2024-01-01T00:00:00Z", "--to", "2024-01-31T00:00:00Z")
VOID = {"meta", "br"}
TAGS = {"html", "head", "meta", "title", "style", "body", "header", "main", "h1", "h2", "h3", "p", "strong", "a",
        "table", "caption", "thead", "tbody", "tr", "th", "td", "section", "div", "span", "br", "svg", "desc", "path",
        "text", "details", "summary", "code", "pre"}
failures = []


def expect(holds, what):
    if not holds:
        failures.append(what)
        print(f"FAILED: {what}")


def report(host, form, *more, period=PERIOD):
    made = host("report", *period, "--format", form, *more)
    expect(made.returncode in (0, 1), f"report exits {made.returncode}: {made.stderr.decode()}")
    return made.stdout


def items(document):
    return {(item["id"], item["subject"]): item
            for measure in document["report"]["measures"] for item in measure["items"]}


def check_counts(document):
    found = items(document)

    def is_so(name, status, *parts, subject=""):
        item = found[(name, subject)]
        expect(item["status"] == status and all(part in item["statement"] for part in parts),
               f"{name}: {item['status']}: {item['statement']}")

    for source in report_state.Host.sources:
        is_so("backup.slots", "fail", "717 of 720 slots of 60 min", "; 1 late, 0 damaged", "3 missing", subject=source)
        is_so("restore.drill", "pass", "5 restores compared (5 passed)", subject=source)
        lines = found[("backup.slots", source)]["lines"]
        expect([line["subject"] for line in lines if line["state"] == "missing"] ==
               [f"2024-01-12T0{hour}:00:00Z" for hour in (4, 5, 6)], "which slots are missing")
        expect(all("ended with io" in line["remark"] for line in lines if line["state"] == "missing"),
               "why slots are missing")
    is_so("check.memory.swap", "pass", "30 runs on record (1 fail, 29 pass)")
    is_so("check.ssh.keys", "fail", "27 runs", "expired at 2024-01-28T05:30:04Z")
    is_so("check.postgres.tls", "not_applicable")
    is_so("key.age", "fail", "2 keys in use, the oldest 730 days old; 365 may be; 1 older")
    is_so("anon.runs", "fail", "31 runs on record (1 not ended, 30 ok)")
    is_so("access.reads", "manual", "1 run (1 ok)")
    is_so("crypto.backups", "pass", "2 of 2 as promised")
    is_so("audit.endings", "pass", "793 began, 792 ended, of 1 it is on record that they did not")
    is_so("breach.48h", "not_applicable")
    is_so("report.made", "not_applicable")
    counts = document["report"]["counts"]
    statuses = [item["status"] for item in found.values()]
    expect(all(statuses.count(name) == counts[name] for name in
               ("pass", "fail", "error", "not_checked", "manual", "not_applicable")), "the counts of statuses")
    expect(counts["scored"] == len(statuses) - counts["manual"] - counts["not_applicable"], "what is scored")


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def included(leaf, number, size, path):
    """The root that follows: RFC 9162, section 2.1.3.2."""
    last, root = size - 1, leaf
    for each in path:
        if number & 1 or number == last:
            root = node(each, root)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            root = node(root, each)
        number, last = number >> 1, last >> 1
    return root


def check_proofs(text, document):
    it = document["report"]
    origin, _, material = it["log"]["key"].split("+", 2)
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(material)[1:])

    def signed(note):
        body, signatures = note.rsplit("\n\n", 1)
        name, blob = signatures.splitlines()[0].removeprefix("\u2014 ").split(" ")
        key.verify(base64.b64decode(blob)[4:], (body + "\n").encode())
        expect(name == origin, "who signed")
        return body.splitlines()

    body = text[text.index('"report":') + len('"report":'):text.rindex("}")]
    seal = signed(document["seal"])
    expect(seal[0] == document["format"] and seal[3] == "sha256 " + hashlib.sha256(body.encode()).hexdigest(),
           "the seal is over the bytes of the report")
    _, size, root = signed(it["log"]["checkpoint"])
    cited = {line["record"] for item in items(document).values() for line in item["lines"] if "record" in line}
    expect(cited == {record["number"] for record in it["records"]}, "records are those that lines name")
    for record in it["records"]:
        leaf = hashlib.sha256(b"\0" + record["text"].encode()).digest()
        blob = base64.b64decode(record["path"] + "=" * (-len(record["path"]) % 4))
        path = [blob[i:i + 32] for i in range(0, len(blob), 32)]
        expect(leaf.hex() == record["hash"] and
               included(leaf, record["number"], int(size), path) == base64.b64decode(root),
               f"the proof of record {record['number']}")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.references, self.headings, self.tables = [], set(), set(), [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        expect(tag in TAGS, f"a tag {tag}")
        expect(not any(name.startswith("on") or name in ("src", "style", "action") for name in attributes),
               f"attributes of {tag}: {attributes}")
        if "id" in attributes:
            expect(attributes["id"] not in self.ids, f"id {attributes['id']} twice")
            self.ids.add(attributes["id"])
        if "href" in attributes:
            expect(attributes["href"].startswith("#"), f"a reference to {attributes['href']}")
            self.references.add(attributes["href"][1:])
        self.references.update(attributes.get("aria-labelledby", "").split())
        if tag == "html":
            expect(attributes.get("lang") == "en", "the language")
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))
        if tag == "svg":
            expect(attributes.get("role") == "img" and len(attributes["aria-labelledby"].split()) == 2, "a chart's name")
        if tag == "table":
            self.tables.append(False)
        if tag == "caption":
            self.tables[-1] = True
        if tag == "th":
            expect(attributes.get("scope") in ("row", "col"), "a heading of a table without scope")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        expect(self.open and self.open[-1] == tag, f"</{tag}> where <{self.open[-1:]}> is open")
        self.open.pop()


def check_html(text):
    page = Page()
    page.feed(text)
    page.close()
    expect(not page.open, f"tags are left open: {page.open}")
    expect(page.references <= page.ids, f"references to nothing: {page.references - page.ids}")
    expect(page.headings[0] == 1 and page.headings.count(1) == 1 and
           all(later <= earlier + 1 for earlier, later in zip(page.headings, page.headings[1:])), "the order of headings")
    expect(page.tables and all(page.tables), "a table without caption")
    expect("http://" not in text and "https://" not in text and "url(" not in text and "@import" not in text,
           "something could be fetched")
    expect("default-src 'none'" in text, "the content security policy")
    expect("717 of 720 slots" in text, "the slots on the page")


def for_python(schema):
    """Python's re knows no classes of Unicode."""
    return json.loads(json.dumps(schema).replace(r"\\p{L}", "A-Za-z_").replace(r"\\p{N}", "0-9")
                      .replace("(A-Za-z_|_)(A-Za-z_|0-9|", "[A-Za-z_]([A-Za-z_]|[0-9]|"))


def check_oscal(text):
    document = json.loads(text)
    errors = list(jsonschema.Draft7Validator(oscal_rules.RULES).iter_errors(document))
    expect(not errors, f"OSCAL: {[error.message for error in errors[:3]]}")
    usual = pathlib.Path(os.environ.get("TRACKIER_SHARED", PROJECT.parent / "shared"))
    schema = pathlib.Path(os.environ.get("TRACKIER_OSCAL_SCHEMA", usual / "oscal_assessment-results_schema.json"))
    if schema.exists():
        validator = jsonschema.Draft7Validator(for_python(json.loads(schema.read_text())))
        errors = list(validator.iter_errors(document))
        expect(not errors, f"OSCAL, published schema: {[error.message for error in errors[:3]]}")
    else:
        print(f"SKIPPED: the published schema of OSCAL is not at {schema}: name it in TRACKIER_OSCAL_SCHEMA")
    results = document["assessment-results"]["results"][0]
    observations = {each["uuid"]: each for each in results["observations"]}
    expect(len(observations) == len(results["observations"]), "observations have one UUID")
    for finding in results["findings"]:
        observation = observations[finding["related-observations"][0]["observation-uuid"]]
        status = next(prop["value"] for prop in observation["props"] if prop["name"] == "status")
        state = finding["target"]["status"]["state"]
        expect((state == "satisfied") == (status == "pass") and status not in ("manual", "not_applicable"),
               f"{status} is {state}")


def check_sameness(host, made):
    """Whatever is done and recorded after the period, and though retention takes backups away."""
    host("backup", check=True)
    manifests = host.work / "store/sources/shop/manifests"
    before = len(list(manifests.iterdir()))
    host("prune", "--allow-mass-deletion", "shop", check=True)
    expect(len(list(manifests.iterdir())) < before / 2, "backups were removed")
    host("audit", "checkpoint", check=True)
    for form, before in made.items():
        expect(report(host, form) == before, f"{form} is the same after more was recorded")
        path = host.work / f"report.{form}"
        path.write_bytes(before)
        expect(host("report", "verify", path).returncode == 0, f"{form} holds")


def check_anchor(host):
    host.anchored(1500, report_state.END - report_state.HOUR)
    document = json.loads(report(host, "json"))
    item = items(document)[("audit.anchor", "")]
    expect(item["status"] == "pass" and item["statement"] ==
           "1500 of 1588 records are signed by 1 witness, by 2024-01-30T23:00:00Z", item["statement"])
    path = host.work / "anchored.json"
    path.write_text(json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n")
    verified = json.loads(host("report", "verify", "--json", path).stdout or "{}")
    expect(verified.get("anchored_records") == 1500, f"what witnesses signed: {verified}")
    document["report"]["log"]["anchor"]["consistency"] = document["report"]["log"]["anchor"]["consistency"][:-44]
    path.write_text(json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n")
    expect(host("report", "verify", path).returncode == 65, "another consistency proof")


def check_lost(host):
    """What is damaged or gone is no pass."""
    manifests = sorted((host.work / "store/sources/shop/manifests").iterdir())
    manifests[0].unlink()
    manifests[1].write_text("{}\n")
    item = items(json.loads(report(host, "json")))[("backup.slots", "shop")]
    expect(item["status"] == "not_checked" and item["statement"].startswith("1 manifests cannot be read"),
           item["statement"])
    manifests[1].unlink()
    item = items(json.loads(report(host, "json")))[("backup.slots", "shop")]
    expect("715 of 720" in item["statement"] and "5 missing" in item["statement"], item["statement"])
    log = host.work / "state/trackier-ctl/audit/00000001.jsonl"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:700] + lines[701:]))
    made = host("report", *PERIOD)
    expect(made.returncode == 65 and b"record 700 of the audit log does not follow" in made.stderr,
           f"a log with a hole: {made.returncode} {made.stderr}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    with tempfile.TemporaryDirectory(prefix="trackier-report-") as work:
        host = report_state.Host(parser.parse_args().binary.resolve(), work)
        made = {form: report(host, form) for form in ("html", "json", "oscal")}
        text = made["json"].decode()
        document = json.loads(text)
        check_counts(document)
        check_proofs(text, document)
        check_html(made["html"].decode())
        check_oscal(made["oscal"].decode())
        check_sameness(host, made)
        check_anchor(host)
        check_lost(host)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
