#!/usr/bin/env python3
"""The samples that keep trackier-ctl to what it needs: units are what `trackier-ctl schedule` prints, are as
tight as the manual says, and are understood by systemd; rules of sudo and sshd are understood by these, and
let nothing through that the manual says they do not; and all is installed where the manual says it is."""
import argparse
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import manual
from manual import PROJECT

SAMPLES = PROJECT / "samples"
UNITS = SAMPLES / "systemd"
WITHOUT_TIMER = {"trackier-ctl-anonymize-live"}  # it does not end
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"  # where visudo and sshd are, also for others than root

# At most so exposed; the rest, 0.7.
MOST_EXPOSED = {"trackier-ctl-backup-shop": 0.5, "trackier-ctl-backup-clicks": 1.1, "trackier-ctl-alert": 1.1,
                "trackier-ctl-audit-anchor": 1.1}
failures = []


def run(*words, **more):
    return subprocess.run(list(map(str, words)), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **more)


def check(true, *what):
    if not true:
        failures.append(": ".join(str(each).strip() for each in what))


@functools.cache
def program(name):
    """Where it is; None, and a loud word, when it is not here."""
    found = shutil.which(name, path=PATH)
    if not found:
        print(f"SKIPPED: {name} is not installed; what it would check was not checked")
    return found


def check_printed(binary, work):
    """Of the sample settings, with the state directory of the account, and where they would be installed."""
    config = work / "config.toml"
    shutil.copy(SAMPLES / "config.toml", config)
    env = {**os.environ, "XDG_STATE_HOME": "/var/lib/trackier-backup/.local/state"}
    result = run(binary, "--config", config, "schedule", "systemd", "--user", "trackier-backup",
                 "--program", "/usr/bin/trackier-ctl", "--out-dir", work, "shop", "clicks", env=env)
    check(result.returncode == 0, "schedule", result.stdout)
    for source in ("shop", "clicks"):
        for kind in ("service", "timer"):
            name = f"trackier-ctl-backup-{source}.{kind}"
            printed = work / name
            text = printed.read_text() if printed.exists() else ""
            text = text.replace(str(config), "/etc/trackier-ctl/config.toml")
            check(text == (UNITS / name).read_text(), name,
                  "is not what trackier-ctl schedule systemd prints for samples/config.toml")


def check_units(work):
    services, timers = sorted(UNITS.glob("*.service")), sorted(UNITS.glob("*.timer"))
    check([each.stem for each in services if each.stem not in WITHOUT_TIMER] == [each.stem for each in timers],
          "each service has a timer, and each timer a service")
    page = manual.section(manual.page("trackier-ctl-hardening.7"), "UNITS")
    described = re.findall(r"^\.It (trackier-ctl-\S+) Ta (.+?) Ta (.+?) Ta (\S+)$", page, re.MULTILINE)
    check(sorted(each[0] for each in described) == sorted(each.stem for each in services),
          "the manual does not list the units that there are")
    for name, user, _, _ in described:
        text = (UNITS / f"{name}.service").read_text()
        check((f"\nUser={user}\n" in text) != ("\nDynamicUser=yes\n" in text), name, "another user")
    tool = program("systemd-analyze")
    if not tool:
        return
    for name, _, _, exposure in described:
        # Alone in a directory: a drop-in beside it, or a unit of this machine, has no say.
        alone = work / f"{name}.service"
        shutil.copy(UNITS / alone.name, alone)
        result = run(tool, "security", "--offline=true", "--no-pager", alone, env={**os.environ, "LC_ALL": "C"})
        found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", result.stdout)
        if not found and "offline" in result.stdout:  # before systemd 250
            print("SKIPPED: this systemd-analyze cannot look at files; exposures were not checked")
            return
        check(found, name, "systemd-analyze says nothing", result.stdout)
        if found:
            most = MOST_EXPOSED.get(name, 0.7)
            print(f"{name}: exposure {found[1]}, at most {most}; {exposure} in the manual")
            check(float(found[1]) <= most, name, f"exposure {found[1]} is more than {most}")
    # They name a program that may not be installed here, and nothing else may be wrong.
    result = run(tool, "verify", "--man=no", "--recursive-errors=no", *services, *timers)
    for line in result.stdout.splitlines():
        check("/usr/bin/trackier-ctl is not executable" in line or str(UNITS) not in line
              and "trackier-ctl" not in line, "systemd-analyze verify", line)


def check_settings_of_units(binary):
    """What units say to the program, it understands."""
    for service in sorted(UNITS.glob("*.service")):
        words = re.search(r"^ExecStart=/usr/bin/trackier-ctl (.*)$", service.read_text(), re.MULTILINE)[1].split()
        if words[0] == "--config":
            words = words[2:]
        result = run(binary, *words, "--help")
        check(result.returncode == 0, service.name, result.stdout)
        options = {each for each in words if each.startswith("-")}
        known = set(re.findall(r"(?<!\S)--?[\w-]+", result.stdout))
        check(options <= known, service.name, f"no such options: {options - known}")


def commands_of_sudoers(text):
    """What sudo compares the words behind the program with: texts, or expressions between ^ and $."""
    joined = text.replace("\\\n", "")
    for line in re.findall(r"^Cmnd_Alias \w+ = (.*)$", joined, re.MULTILINE):
        # A comma within an expression would be escaped; there is none.
        for each in line.split(", "):
            path, _, words = each.strip().partition(" ")
            yield path, words


def check_sudoers(binary):
    place = SAMPLES / "sudoers.d/trackier-ctl"
    text = place.read_text()
    for option in ("env_reset", "!setenv", "use_pty", "secure_path=", "!ignore_logfile_errors",
                   "!ignore_audit_errors", "noexec"):
        check(option in text, place.name, f"{option} is missing")
    check("NOPASSWD" not in text, place.name, "NOPASSWD")
    allowed = [words for path, words in commands_of_sudoers(text) if path == "/usr/bin/trackier-ctl"]
    check(len(allowed) >= 12, place.name, "not all rules were found", len(allowed))

    def lets(*words):
        line = " ".join(words)
        return any(re.search(each, line) if each.startswith("^") else each == line for each in allowed)

    for each in allowed:
        check("*" not in each or each.startswith("^"), place.name, f"an open word: {each}")
    incident, draft = "TI-2026-0001", "D-0001"
    for words in (["status"], ["backups", "--slots"], ["breach", "list", "--json"], ["breach", "next", incident],
                  ["breach", "open", "Click exports public", "--detected", "2026-11-26T02:10:00Z"],
                  ["breach", "note", incident, "Asha has taken the bucket off line, at 2"],
                  ["breach", "decide", incident, "gdpr.33", "--notify", "--because", "people are at risk"],
                  ["breach", "fact", incident, "cause=a slip", "--basis", "the log"],
                  ["breach", "draft", "--show", draft, incident], ["breach", "approve", incident, draft],
                  ["breach", "sent", "--smtp", incident, draft],
                  ["breach", "close", incident, "--because", "done"]):
        check(lets(*words), place.name, f"refuses {words}")
    for words in (["keys", "list"], ["restore", "shop"], ["decrypt", "x.tke"], ["status", "--config", "x"],
                  ["--config", "x", "status"], ["backup", "shop"], ["config", "show"],
                  ["breach", "list", "--config", "x"], ["breach", "next", incident, "--config", "x"],
                  ["breach", "note", incident, "x", "--config", "x"], ["breach", "note", incident, "x", "--config=x"],
                  ["breach", "note", incident, "x\n", "--config", "x"], ["breach", "note", "", "--config", "x"],
                  ["breach", "note", incident, "x", "--attach", "/etc/shadow"], ["breach", "note", "--", "x"],
                  ["breach", "fact", incident, "--from", "/etc/shadow"], ["breach", "edit", incident, draft],
                  ["breach", "eml", "-o", "x", incident, draft], ["breach", "bundle", "--out", "x", incident],
                  ["breach", "scope", incident, "--logs", "x"], ["breach", "diff", incident, draft],
                  ["breach", "approve", "--single-handed", "--because", "x", incident, draft]):
        check(not lets(*words), place.name, f"lets through {words}")
    # Verbs and options that are named are there.
    for each in allowed:
        for group in re.findall(r"breach \(([a-z|]+)\)", each):
            for verb in group.split("|"):
                check(run(binary, "breach", verb, "--help").returncode == 0, place.name, f"no breach {verb}")
    named = re.search(r"--\(([a-z|-]+)\)\|", text.replace("\\\n", ""))[1].split("|")
    known = "".join(run(binary, "breach", verb, "--help").stdout for verb in
                    "open note mark aware fact severity decide draft sent correct close dismiss".split())
    for option in named:
        check(f"--{option} " in known, place.name, f"no option --{option}")
    tool = program("visudo")
    if tool:
        result = run(tool, "-cf", place)
        check(result.returncode == 0, "visudo", result.stdout)


def check_sshd(work):
    place = SAMPLES / "sshd_config.d/trackier-ctl.conf"
    lines = [line for line in (SAMPLES / "ssh/authorized_keys").read_text().splitlines()
             if line and not line.startswith("#")]
    for line in lines:
        check(re.match(r'restrict,from="[0-9a-f.:/,]+",command="[^"]+" ssh-ed25519 ', line), "authorized_keys", line)
    keygen = program("ssh-keygen")
    if keygen:
        result = run(keygen, "-lf", SAMPLES / "ssh/authorized_keys")
        check(result.stdout.count("(ED25519)") == len(lines) == 2, "ssh-keygen", result.stdout)
    tool = program("sshd")
    if not tool or not keygen:
        return
    run(keygen, "-q", "-t", "ed25519", "-N", "", "-f", work / "host")
    config = work / "sshd_config"
    config.write_text(f"HostKey {work}/host\nInclude {place}\n")
    result = run(tool, "-t", "-f", config)
    if "privilege separation" in result.stdout.lower():  # /run/sshd is made when the service starts
        print(f"SKIPPED: sshd cannot be asked here; its settings were not checked: {result.stdout.strip()}")
        return
    check(result.returncode == 0, "sshd", result.stdout)
    for user, expected in {
            "trackier-backup": ("passwordauthentication no", "disableforwarding yes", "permittty no",
                                "forcecommand internal-sftp -R", "chrootdirectory /srv/backup"),
            "trackier-witness": ("passwordauthentication no", "disableforwarding yes", "permittty no",
                                 "exposeauthinfo yes", "authorizedkeysfile /etc/ssh/authorized_keys.d/%u"),
            "somebody": ("exposeauthinfo no", "chrootdirectory none", "disableforwarding no")}.items():
        result = run(tool, "-T", "-f", config, "-C", f"user={user},addr=192.0.2.10,host=x")
        for line in expected:
            check(line in result.stdout.splitlines(), "sshd", f"{user}: not {line}", result.stdout[:200])


def check_accounts(work):
    """Made below a directory, as root alone can."""
    users, directories = program("systemd-sysusers"), program("systemd-tmpfiles")
    if not users or not directories:
        return
    if os.geteuid() != 0:
        print("SKIPPED: accounts and directories can be tried by root alone")
        return
    root = work / "root"
    for kind in ("sysusers.d", "tmpfiles.d"):
        (root / "usr/lib" / kind).mkdir(parents=True)
        shutil.copy(SAMPLES / kind / "trackier-ctl.conf", root / "usr/lib" / kind)
    (root / "etc").mkdir()
    for tool in ([users, f"--root={root}"], [directories, f"--root={root}", "--create"]):
        result = run(*tool)
        check(result.returncode == 0, *tool, result.stdout)
    accounts = {line.split(":")[0]: line.split(":") for line in (root / "etc/passwd").read_text().splitlines()}
    page = manual.page("trackier-ctl-hardening.7")
    for name, owner, mode in re.findall(r"^\.It (/\S+) Ta (\S+) Ta (0\d+)$", manual.section(page, "FILE MODES"),
                                        re.MULTILINE):
        made = root / name[1:]
        if made.is_dir():
            status = made.stat()
            expected = 0 if owner == "root" else int(accounts[owner][2])
            check(status.st_mode & 0o7777 == int(mode, 8) and status.st_uid == expected, name,
                  f"mode {status.st_mode & 0o7777:o}, owner {status.st_uid}")
        else:
            check("." in made.name, name, "was not made")
    for service in UNITS.glob("*.service"):
        user = re.search(r"^User=(.*)$", service.read_text(), re.MULTILINE)
        check(not user or user[1] in accounts, service.name, "no such account")
        for path in re.findall(r"^ReadWritePaths=(.*)$", service.read_text(), re.MULTILINE):
            for each in path.split():
                # The database's own directory is the application's.
                check((root / each[1:]).is_dir() or each == "/srv/shop", service.name, f"{each} is not made")


def check_installed(cmake, script, work):
    """Every file of the samples that a page names is there once it is installed below /usr."""
    if not cmake or not script.exists():
        print("SKIPPED: there is nothing to install from; places of samples were not checked")
        return
    result = run(cmake, "-DCMAKE_INSTALL_PREFIX=/usr", "-P", script, env={**os.environ, "DESTDIR": str(work / "image")})
    check(result.returncode == 0, "install", result.stdout)
    count = 0
    for page in manual.pages():
        for name in re.findall(r"(/usr/share/(?:doc/)?trackier-ctl/[\w./-]+)", page.read_text()):
            count += 1
            check((work / "image" / name[1:]).exists(), page.name, f"{name} is not installed")
        if page.name == "trackier-ctl-hardening.7":
            for name in re.findall(r"^\.Pa samples/(\S+)$", page.read_text(), re.MULTILINE):
                check((work / "image/usr/share/doc/trackier-ctl/samples" / name).exists(), page.name, name)
    print(f"installed samples that pages name: {count}")
    check(count >= 8, "pages name fewer samples than they did")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--cmake")
    parser.add_argument("--install-script", type=pathlib.Path, default=pathlib.Path("none"))
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    with tempfile.TemporaryDirectory(prefix="trackier-hardening-") as top:
        work = iter(pathlib.Path(top, str(number)) for number in range(9))

        def place():
            directory = next(work)
            directory.mkdir()
            return directory

        check_printed(binary, place())
        check_units(place())
        check_settings_of_units(binary)
        check_sudoers(binary)
        check_sshd(place())
        check_accounts(place())
        check_installed(arguments.cmake, arguments.install_script, place())
    print("\n".join(failures + [f"{len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
