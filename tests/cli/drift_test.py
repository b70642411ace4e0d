#!/usr/bin/env python3
"""What the program knows is in the manual, and what the manual knows is in the program: commands,
options, words, exit statuses, variables, settings, kinds, names of fields and members of JSON."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import manual
from manual import PROJECT

failures = []


def same(what, program, described, may_be_empty=False):
    """Both directions."""
    for each in sorted(map(str, set(program) - set(described))):
        failures.append(f"{what}: the manual does not describe {each}")
    for each in sorted(map(str, set(described) - set(program))):
        failures.append(f"{what}: the manual describes {each}, which is not there")
    if not program and not may_be_empty:
        failures.append(f"{what}: nothing was found in the program: has its source moved?")
    print(f"{what}: {len(set(program))}")


def within(what, some, all_of_them):
    for each in sorted(set(some) - set(all_of_them)):
        failures.append(f"{what}: {each} is not there")


def source(name):
    return (PROJECT / name).read_text()


class Program:
    def __init__(self, binary):
        self.binary = binary
        self.env = {**os.environ, "HOME": "/nonexistent"}
        for name in ("TRACKIER_CONFIG", "XDG_CONFIG_HOME"):
            self.env.pop(name, None)

    def __call__(self, *words, **more):
        return subprocess.run([self.binary, *words], env=self.env, text=True, capture_output=True,
                              **more).stdout

    def table(self, path, title, option="--help"):
        """The left column of a table of the help text."""
        text = self(*path, option)
        block = re.search(rf"^{title}:\n((?:  .*\n)+)", text, re.MULTILINE)
        return re.findall(r"^  {1,6}(\S.*?)(?:  |$)", block[1], re.MULTILINE) if block else []

    def options(self, path, title="options"):
        return {name for left in self.table(path, title)
                for name in re.findall(r"(?<!\S)--?[\w-]+", left)}

    def words(self, path, option):
        text = re.sub(r"\n {10,}", " ", self(*path, "--help"))
        return re.search(rf"{option} \w+ .*?: (.*)", text)[1].split(", ")

    def commands(self, path=()):
        for name in self.table(path, "commands"):
            yield (*path, name)
            yield from self.commands((*path, name))


def check_commands(program):
    overview = manual.page("trackier-ctl.1")
    paths = list(program.commands())
    top = {path[0] for path in paths}
    same("commands", top, manual.tags(manual.section(overview, "DESCRIPTION")))
    same("pages of commands", {f"trackier-ctl-{name}.1" for name in top},
         {page.name for page in manual.pages() if re.fullmatch(r"trackier-ctl-.*\.1", page.name)})
    common = program.options((), "options of every command")
    same("options of every command", common, manual.options(overview))
    for name in sorted(top):
        text = manual.page(f"trackier-ctl-{name}.1")
        below = [path for path in paths if path[0] == name]
        own = set().union(*(program.options(path) for path in below))
        described = manual.options(text)
        same(f"options of {name}", own | (described & common), described, may_be_empty=True)
        synopsis = manual.section(text, "SYNOPSIS")
        shown = {"-" + each for each in re.findall(r"Fl (-?[\w-]+)", synopsis)}
        within(f"synopsis of {name}", shown - {"-qv"}, own | common)
        letters = {"--output": "-o", "--recipient": "-r", "--recipients-file": "-R",
                   "--identity": "-i"}
        within(f"synopsis of {name}, options",
               {letters.get(each, each) for each in own if each.startswith("--")}, shown)
        for path in below[1:]:
            if f"trackier-ctl {' '.join(path)}" not in synopsis:
                failures.append(f"synopsis of {name}: {' '.join(path)} is missing")


def check_words(program):
    page, settings = manual.page("trackier-ctl-anonymize.1"), manual.page("trackier-ctl.toml.5")
    formats = program.words(("anonymize",), "--format")
    item = re.search(r"^\.It Fl -format.*?^\.It Fl ", page, re.MULTILINE | re.DOTALL)[0]
    same("formats", formats, manual.arguments(item, "Cm"))
    same("formats with a section", set(formats) - {"auto"},
         manual.tags(manual.section(page, "FORMATS"), "Cm"))
    item = re.search(r"^\.It Ic format .*?^\.It ", settings, re.MULTILINE | re.DOTALL)[0]
    same("formats in settings", formats, manual.arguments(item, "Qq"))
    same("compressions", program.words(("anonymize",), "--compress"),
         re.search(r"^\.It Fl -compress Cm (.*)$", page, re.MULTILINE)[1].split(" | "))
    shells = re.search(r"completion \[OPTION...\] (\S+)", program("completion", "--help"))[1]
    same("shells", shells.split("|"), re.search(
        r"^\.Cm (bash .*)$", manual.page("trackier-ctl-completion.1"), re.MULTILINE)[1].split(" | "))


def check_exit_statuses():
    codes = set(re.findall(r"^\s*\w+ = (\d+),", source("lib/core/error.hpp"), re.MULTILINE))
    signals = {"130", "143"}  # SIGINT and SIGTERM, as shells show them
    for page in manual.pages():
        if page.suffix != ".1":
            continue
        text = manual.section(page.read_text(), "EXIT STATUS")
        described = set(re.findall(r"\d+", " ".join(re.findall(r"^\.It (.*)$", text, re.MULTILINE))))
        if page.name == "trackier-ctl.1":
            same("exit statuses", codes | signals, described)
        within(f"exit statuses of {page.name}", described, codes | signals)


def check_variables():
    code = "".join(path.read_text() for path in (PROJECT / "cli").glob("*.cpp"))
    read = set(re.findall(r'\bvariable\("(\w+)"\)', code))
    within("variables", re.findall(r'getenv\("(\w+)"\)', code), read)
    for page in manual.pages():
        described = set(re.findall(r"\bEv (\w+)", page.read_text())) - {"fpath"}  # zsh's own
        if page.name == "trackier-ctl.1":
            same("variables", read, manual.tags(manual.section(page.read_text(), "ENVIRONMENT"), "Ev"))
        within(f"variables of {page.name}", described, read)


def check_settings():
    page = manual.page("trackier-ctl.toml.5")
    readers = "".join(path.read_text() for path in sorted((PROJECT / "lib/config").glob("*.cpp")))
    asked = re.findall(r'\b(?:text|texts|one_or_more_texts|path|integer|number|boolean|tables?)\("(\w+)"', readers)
    asked += re.findall(r'\bread_recipients\(\*?table, "(\w+)"', readers)
    asked += re.findall(r'\bword_of\(\w+, "(\w+)"', readers)
    asked += re.findall(r'\brequired\((?:table,\s*)?\s*"(\w+)"', readers)
    asked += re.findall(r'std::string\*>\{"(\w+)"', readers)
    asked += re.findall(r'std::pair\{"(\w+)"', readers)
    headings = re.findall(r"^\.Ss \[+([\w.]+)\]+", page, re.MULTILINE)
    sections = {part for heading in headings for part in heading.split(".") if part != "NAME"}
    same("settings", asked, manual.tags(page) | sections)

    def quoted(list_name):
        body = re.search(rf"{list_name}\b[^;]*?= \{{(.*?)\}};", readers, re.DOTALL)[1]
        return re.findall(r'"([\w-]+)"', body)

    same("transforms in settings", quoted("action_words"),
         manual.tags(manual.section(page, "Transforms"), "Qq"))
    transforms = manual.section(manual.page("trackier-ctl-anonymize.1"), "TRANSFORMS")
    same("transforms", quoted("action_words"), manual.tags(transforms, "Cm"))
    protects = manual.section(manual.page("trackier-ctl-anonymize.1"),
                              "What each transform protects from")
    same("transforms with what they protect from", quoted("action_words"),
         manual.tags(protects, "Cm"))
    unit = re.search(r"^\.It Ic unit .*?^\.It ", page, re.MULTILINE | re.DOTALL)[0]
    same("units of time", quoted("unit_words"), set(re.findall(r"^\.Qq (\w+)", unit, re.MULTILINE)))
    schemes = re.findall(r'\{Scheme::\w+, "(\w+):"\}', source("lib/keys/reference.cpp"))
    keys = manual.section(manual.page("trackier-ctl-anonymize.1"), "KEYS")
    same("references to keys", schemes, re.findall(r"^\.It Cm (\w+):", keys, re.MULTILINE))
    same("references in settings", schemes,
         re.findall(r"^\.It Ar name No = Qq Cm (\w+):", page, re.MULTILINE))


def folded(name):
    return re.sub(r"[-_.]", "", name.replace("\\('e", "é")).lower()


def check_kinds():
    page = manual.page("trackier-ctl-anonymize.1")
    array = re.search(r"names = \{(.*?)\};", source("lib/anonymize/kind.cpp"), re.DOTALL)[1]
    kinds = set(re.findall(r'"([\w-]+)"', array)) - {"pattern", "field"}
    found = re.findall(r"^\.It Ic (\w+) Ta", manual.section(page, "WHAT IS FOUND"), re.MULTILINE)
    fields = {}
    for item in manual.section(page, "FIELD NAMES").split("\n.It Ic ")[1:]:
        head, *lines = item.splitlines()
        names = " ".join(line for line in lines if not line.startswith("."))
        for name in re.split(r",\s*", names.strip()):
            fields[folded(name)] = head.split()[0]
    same("kinds", kinds, set(found) | set(fields.values()))
    detect = re.search(r"^\.It Ic detect .*?^\.It ", manual.page("trackier-ctl.toml.5"),
                       re.MULTILINE | re.DOTALL)[0]
    same("kinds in settings", kinds, re.findall(r"^\.Qq ([\w-]+)", detect, re.MULTILINE))
    table = source("lib/anonymize/field_names.cpp").replace("\\u00e9", "é")
    known = re.findall(r'\{"(\w+)", Kind::(\w+)\}', table)
    same("names of fields", {f"{name} ({kind.replace('_', '-')})" for name, kind in known},
         {f"{name} ({kind})" for name, kind in fields.items()})


def check_json(program):
    page, log = manual.page("trackier-ctl-anonymize.1"), PROJECT / "samples/logs/clicks.jsonl"
    reported = manual.section(page, "WHAT IS REPORTED")
    item = re.search(r"^\.It Ic files$.*?^\.It ", reported, re.MULTILINE | re.DOTALL)[0]
    in_files = set(re.findall(r"\b(?!Ic\b)([a-z_]+)\b", " ".join(
        line[4:] for line in item.splitlines() if line.startswith(".Ic "))))
    with tempfile.TemporaryDirectory(prefix="trackier-drift-") as work:
        reports = [program("anonymize", "--dry-run", "--json", log),
                   program("anonymize", "--report", "--json", log, "-o", f"{work}/out")]
    for report in map(json.loads, reports):
        same("members of a report", report, manual.tags(reported))
        same("members of a file in a report", report["files"][0], in_files)
    finding = json.loads(program("anonymize", "--check", "--json", log).splitlines()[0])
    same("members of a finding", finding, manual.tags(manual.section(page, "CHECKING")))
    check_json_of_envelopes(program)
    page = manual.page("trackier-ctl-config.1")
    checked = json.loads(program("config", "check", "--json"))
    shown = json.loads(program("config", "show", "--json").splitlines()[0])
    same("members of config check and show", {*checked, *shown},
         manual.tags(manual.section(page, "JSON")))


def check_checks(program):
    page = manual.page("trackier-ctl-check.1")
    listed = [json.loads(line) for line in program("check", "--list", "--json").splitlines()]
    same("checks", [each["check"] for each in listed], manual.tags(manual.section(page, "CHECKS")))
    found = json.loads(program("check", "--json", "logrotate").splitlines()[0])
    same("members of check", {*found, *listed[0]}, manual.tags(manual.section(page, "JSON")))
    words = re.search(r"words\{(.*?)\};", source("lib/check/finding.cpp"), re.DOTALL)[1]
    same("statuses of check", re.findall(r'"(\w+)"', words),
         manual.tags(manual.section(page, "DESCRIPTION"), "Cm"))


def keys_of(value):
    if isinstance(value, dict):
        return set(value).union(*(keys_of(each) for each in value.values()))
    return set().union(*(keys_of(each) for each in value)) if isinstance(value, list) else set()


def check_report(program):
    page = manual.page("trackier-ctl-report.1")
    with tempfile.TemporaryDirectory(prefix="trackier-drift-") as work:
        here = Program(program.binary)
        here.env["XDG_STATE_HOME"] = work
        here("check", "memory")
        time.sleep(1.1)  # what is of this second is not over
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        here("report", "--to", now, "--format", "json", "-o", f"{work}/report")
        document = json.loads(pathlib.Path(work, "report").read_text())
        verified = json.loads(here("report", "verify", "--json", f"{work}/report"))
    rare = {"due", "value", "digest", "remark", "note", "consistency"}  # not of every report
    same("members of report", keys_of(document) | {*verified} | rare,
         manual.arguments(manual.section(page, "JSON"), "Ic"))
    same("members of report verify", verified, manual.tags(
        manual.section(page, "JSON").split("With\n.Cm verify")[1]))


def check_json_of_envelopes(program):
    log, recipients = PROJECT / "samples/logs/clicks.jsonl", PROJECT / "samples/recipients.txt"
    with tempfile.TemporaryDirectory(prefix="trackier-drift-") as work:
        key, envelope = pathlib.Path(work, "key"), f"{work}/e.tke"
        key.touch(0o600)
        # RFC 7748, section 6.1: the private half of the first sample recipient.
        key.write_text("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
        named = ("-R", recipients, "--json", log, "-o", envelope)
        rehearsed = json.loads(program("encrypt", "--dry-run", *named))
        sealed = json.loads(program("encrypt", *named))
        opened = json.loads(program("decrypt", "-i", key, "--json", envelope, "-o", f"{work}/out"))
        seen = json.loads(program("inspect", "-i", key, "--json", envelope))
    def described(command):
        return manual.tags(manual.section(manual.page(f"trackier-ctl-{command}.1"), "JSON"))
    same("members of encrypt", {*rehearsed, *sealed}, described("encrypt"))
    same("members of decrypt", opened, described("decrypt"))
    same("members of inspect", seen, described("inspect"))
    item = manual.section(manual.page("trackier-ctl-inspect.1"), "JSON")
    inner = {*seen["stanzas"][0], *seen["sealed"]}
    within("members within inspect", inner, manual.arguments(item, "Ic"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    program = Program(parser.parse_args().binary.resolve())
    check_commands(program)
    check_words(program)
    check_exit_statuses()
    check_variables()
    check_settings()
    check_kinds()
    check_checks(program)
    check_report(program)
    check_json(program)
    print("\n".join(failures + [f"{len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
