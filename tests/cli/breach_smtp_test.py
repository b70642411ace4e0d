#!/usr/bin/env python3
"""Notices through a mail server: what arrives is what breach eml prints, what is not TLS gets nothing, and whatever
ends a run on the way, nothing is sent twice without somebody saying so."""
import argparse
import base64
import fcntl
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import smtp_server

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = b"correct horse battery"
SECRETS = (PASSWORD, base64.b64encode(b"\0notices\0" + PASSWORD))
QUEUED = "250 2.0.0 Ok: queued as 4D5E"
failures = []


def fail(text):
    failures.append(text)
    print(f"FAILED: {text}", flush=True)


class Night:
    """An incident with approved drafts D-0001 and D-0002, made once and copied for each part."""

    def __init__(self, top, binary, certificates):
        self.top, self.binary, self.certificates = top, binary, certificates
        self.env = {"PATH": "/usr/bin:/bin", "HOME": str(top), "LANG": "C.UTF-8", "XDG_STATE_HOME": str(top / "state"),
                    "TRACKIER_CONFIG": str(top / "config.toml"),
                    # None of these may matter.
                    "http_proxy": "http://127.0.0.1:9", "all_proxy": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"}
        self.env |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
        # LeakSanitizer of clang 14 crashes at the end of a process that has loaded libcurl by dlopen.
        self.env["ASAN_OPTIONS"] = ":".join(filter(None, [self.env.get("ASAN_OPTIONS"), "detect_leaks=0"]))
        self.said = b""

    def begin(self):
        self.top.mkdir()
        incident = PROJECT / "samples/breach/incident"
        for name in ("config.toml", "access.jsonl", "facts.json"):
            shutil.copy(incident / name, self.top)
        (self.top / ".netrc").write_text("machine localhost login nobody password nothing\n")
        (self.top / "password").write_bytes(PASSWORD + b"\n")
        (self.top / "password").chmod(0o600)
        detected = time.strftime("%FT%TZ", time.gmtime(time.time() - 3600))
        self.good("open", "Exports are public", "--detected", detected)
        self.id = self.good("list").split()[0].decode()
        self.good("scope", self.id, "--logs", "access.jsonl", "--from", "2026-11-20T06:15:00Z", "--to",
                  "2026-11-25T09:05:00Z", "--exposed", 'status == 200 && path ~ "/export"', "--person", "gaid,email_sha256")
        self.good("fact", self.id, "--from", "facts.json")
        self.good("draft", self.id, "--duty", "promise.customer48")
        for draft in ("D-0001", "D-0002"):
            self.good("approve", self.id, draft, "--single-handed", "--because", "alone on duty")

    def copy(self, name):
        shutil.copytree(self.top, self.top.parent / name)
        made = Night(self.top.parent / name, self.binary, self.certificates)
        made.id = self.id
        return made

    def use(self, server, security="starttls", host="localhost", login=True, timeout="20s"):
        text = (PROJECT / "samples/breach/incident/config.toml").read_text()
        text += (f'\n[smtp]\nserver = "{host}"\nport = {server if isinstance(server, int) else server.port}\n'
                 f'security = "{security}"\nca_file = "{self.certificates}/authority.pem"\ntimeout = "{timeout}"\n')
        if login:
            text += f'user = "notices"\npassword = "file:{self.top}/password"\n'
        (self.top / "config.toml").write_text(text)

    def start(self, *words):
        return subprocess.Popen([str(self.binary), "breach", *words], cwd=self.top, env=self.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *words):
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        self.said += out + err
        return process.returncode, out, err.decode()

    def good(self, *words):
        code, out, err = self.run(*words)
        if code != 0:
            raise AssertionError(f"breach {' '.join(words)}: exit {code}: {err}")
        return out

    def send(self, *more, draft="D-0001"):
        code, _, err = self.run("sent", self.id, draft, "--smtp", *more)
        return code, err

    def timeline(self):
        return self.good("timeline", self.id).decode()

    def expect(self, what, code, *parts, sent=False, handed=None, more=(), draft="D-0001"):
        """A run that ends like this, and says these; what the timeline has afterwards."""
        ended, err = self.send(*more, draft=draft)
        if ended != code or not all(part in err for part in parts):
            fail(f"{what}: exit {ended} and not {code}, or not {parts} in: {err}")
        self.expect_record(what, sent, handed)
        return err

    def expect_record(self, what, sent, handed):
        timeline = self.timeline()
        if ("sent D-0001 version 1 to acme by smtp" in timeline) != sent:
            fail(f"{what}: the timeline says otherwise:\n{timeline}")
        if handed is not None and timeline.count("handing D-0001 version 1") != handed:
            fail(f"{what}: not {handed} times handed over:\n{timeline}")


def sound(night, certificates):
    for security in ("starttls", "tls"):
        box = night.copy(f"sound-{security}")
        mail = box.good("eml", box.id, "D-0001")
        with smtp_server.Server(certificates, security=security, login=[b"notices", PASSWORD]) as server:
            box.use(server, security)
            if err := box.expect(security, 0, sent=True, handed=1):
                fail(f"{security}: said {err}")
            session = server.last
            if session.message != mail:
                fail(f"{security}: what arrived is not what breach eml prints")
            if session.login != [b"notices", PASSWORD]:
                fail(f"{security}: another login: {session.login}")
            if session.sender.split()[1] != b"FROM:<privacy@trackier.example>" or \
                    session.recipients != [b"RCPT TO:<privacy@acme.example>"]:
                fail(f"{security}: from {session.sender} to {session.recipients}")
            if any(secret in session.plain for secret in SECRETS) or b"MAIL" in session.plain:
                fail(f"{security}: something went in plain text: {session.plain}")
            if f"by smtp localhost:{server.port} ({QUEUED})" not in box.timeline():
                fail(f"{security}: the reply is not in the timeline:\n{box.timeline()}")
            box.expect("sent already", 64, "D-0001 version 1 was sent already", sent=True, handed=1)
            if len(server.sessions) != 1:
                fail("a notice that was sent is sent again")
            box.good("timeline", box.id, "--verify")
        yield box


def awkward(night, certificates):
    """Many lines, and such as end a message elsewhere."""
    box = night.copy("awkward")
    text = box.good("draft", box.id, "--show", "D-0001").decode()
    (box.top / "text.md").write_text(text + "\n" + ".\n..\n.x\n\n" * 3000 + "From here on\n" + "long " * 30000 + "\n")
    box.good("edit", box.id, "D-0001", "--from", "text.md")
    box.good("approve", box.id, "D-0001", "--single-handed", "--because", "alone on duty")
    mail = box.good("eml", box.id, "D-0001")
    with smtp_server.Server(certificates, login=[b"notices", PASSWORD]) as server:
        box.use(server)
        code, err = box.send()
        if code != 0 or server.last.message != mail or len(mail) < 300000:
            fail(f"a long message: exit {code}: {err}")
    yield box


def without_login(night, certificates):
    box = night.copy("no-login")
    with smtp_server.Server(certificates, mute=("QUIT",)) as server:
        box.use(server, login=False)
        begun = time.monotonic()
        box.expect("no login", 0, sent=True, handed=1)
        if time.monotonic() - begun > 15:
            fail("a server that does not say farewell is waited for")
        if server.last.login is not None:
            fail(f"a login without user: {server.last.login}")
    yield box


def before_the_connection(night, certificates):
    """What stands against a notice is told before anybody is called."""
    box = night.copy("before")
    box.expect("no server in the settings", 64, "the settings name no mail server", handed=0)
    with smtp_server.Server(certificates) as server:
        box.use(server)
        for words, says in ((("--channel", "x"), "--channel does not go with --smtp"),
                            (("--reference", "x"), "--reference does not go with --smtp"),
                            (("--at", "now"), "--at does not go with --smtp"),
                            (("--tz", "UTC"), "--tz does not go with --smtp"),
                            (("--tenant", "acme"), "--tenant does not go with --smtp"),
                            (("--because", "x"), "--because does not go with --smtp"),
                            (("--again",), "--again goes with a draft, and with a reason")):
            box.expect(words[0], 64, says, more=words, handed=0)
        code, _, err = box.run("sent", box.id, "--duty", "in.certin", "--smtp")
        if code != 64 or "--duty does not go with --smtp" not in err:
            fail(f"--duty: exit {code}: {err}")
        (box.top / "password").chmod(0o644)
        box.expect("a password that others can read", 77, "mode 0644 lets others read", handed=0)
        (box.top / "password").unlink()
        box.expect("no password", 77, "password file:", handed=0)
        box.good("draft", box.id, "--duty", "promise.customer48")  # voids the approval
        box.expect("not approved", 1, "D-0001 version 2 is not approved", handed=0)
        over = box.copy("over")
        incident = over.good("open", "A false alarm").split()[0].decode()
        over.good("dismiss", incident, "--because", "a test of the scanner")
        code, _, err = over.run("sent", incident, "D-0001", "--smtp")
        if code != 64 or f"{incident} is dismissed" not in err:
            fail(f"an incident that is over: exit {code}: {err}")
        box.good("open", "An exercise", "--drill")
        drill = box.good("list").split()[0].decode()
        code, _, err = box.run("sent", drill, "D-0001", "--smtp")
        if not drill.startswith("DRILL") or code != 64 or "is a drill, and a drill sends no mail" not in err:
            fail(f"a drill {drill}: exit {code}: {err}")
        if server.sessions:
            fail("somebody was called before everything was checked")
    yield box


def no_trust(night, certificates):
    """Not one byte of the mail or the password goes to who is not meant."""
    cases = (("no STARTTLS", {"security": "none"}, "does not offer STARTTLS; nothing was sent to it"),
             ("STARTTLS that is refused", {"replies": {"STARTTLS": "454 later"}}, "does not offer STARTTLS"),
             ("an unknown authority", {"certificate": "stranger"}, "is not trusted"),
             ("another host", {"certificate": "other"}, "is not trusted"),
             ("old TLS", {"newest_tls": ssl.TLSVersion.TLSv1_1}, "cannot be reached|broke off|is not trusted"))
    box = night.copy("trust")
    mail = box.good("eml", box.id, "D-0001")
    for what, how, says in cases:
        for security in ("starttls", "tls"):
            if security == "tls" and "security" not in how and "replies" in how:
                continue
            with smtp_server.Server(certificates, **{"security": security, **how}) as server:
                box.use(server, security, timeout="5s" if how.get("security") == "none" else "20s")
                code, err = box.send()
                wanted = says if security == "starttls" else f"{says}|cannot be reached"
                if code != 69 or not any(each in err for each in wanted.split("|")):
                    fail(f"{what}, {security}: exit {code}: {err}")
                box.expect_record(f"{what}, {security}", False, 0)
                got = b"".join(each.plain + each.inside for each in server.sessions)
                if any(secret in got for secret in SECRETS) or b"MAIL" in got or b"AUTH" in got or \
                        any(line in got for line in mail.split(b"\r\n") if len(line) > 20):
                    fail(f"{what}, {security}: the server got {got}")
    yield box


def refusals(night, certificates):
    login = [b"notices", PASSWORD]
    box = night.copy("refusals")
    cases = ((1, "RCPT", "550 5.1.1 no such user", "to privacy@acme.example: 550 5.1.1 no such user", 0),
             (69, "RCPT", "450 4.2.1 greylisted", "450 4.2.1 greylisted", 0),
             (1, "MAIL", "553 5.1.8 not from you", "a mail from privacy@trackier.example to", 0),
             (1, "DATA", "554 5.5.1 no", "554 5.5.1 no", 0),
             (77, "AUTH", "535 5.7.8 not you", "refuses the login of notices: 535 5.7.8 not you", 0),
             (69, "greeting", "421 4.3.2 closing", "421 4.3.2 closing", 0),
             (1, ".", "554 5.6.0 looks bad", "554 5.6.0 looks bad", 1),
             (69, ".", "451 4.3.0 later", "451 4.3.0 later", 2))
    for code, command, reply, says, handed in cases:
        with smtp_server.Server(certificates, login=login, replies={command: reply}) as server:
            box.use(server)
            box.expect(reply, code, says, handed=handed)
    if box.timeline().count("D-0001 version 1 was not sent, because: the mail server localhost:") != 2:
        fail(f"refusals are not in the record:\n{box.timeline()}")
    with smtp_server.Server(certificates, login=login) as server:
        box.use(server)
        box.expect("after refusals", 0, sent=True, handed=3)
    yield box


def nobody_there(night, certificates):
    box = night.copy("nobody")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    box.use(port)
    box.expect("nobody listens", 69, "cannot be reached", handed=0)
    box.use(port, host="no-such-host.invalid")
    box.expect("no such host", 69, "cannot be reached", handed=0)
    for command, wait in (("greeting", "2s"), ("MAIL", "2s")):
        with smtp_server.Server(certificates, login=[b"notices", PASSWORD], mute=(command,)) as server:
            box.use(server, timeout=wait)
            begun = time.monotonic()
            box.expect(f"no answer to {command}", 69, handed=0)
            if time.monotonic() - begun > 15:
                fail(f"no answer to {command}: waited for {time.monotonic() - begun:.0f} s")
    # Before anything was handed over a signal is an ordinary end.
    for number in (signal.SIGINT, signal.SIGTERM):
        with smtp_server.Server(certificates, mute=("greeting",)) as server:
            box.use(server)
            running = box.start("sent", box.id, "D-0001", "--smtp")
            wait_until("the connection", lambda: server.sessions)
            begun = time.monotonic()
            running.send_signal(number)
            _, err = running.communicate(timeout=60)
            if running.returncode != -number or err or time.monotonic() - begun > 10:
                fail(f"signal {number}: exit {running.returncode} after {time.monotonic() - begun:.1f} s: {err}")
            box.expect_record(f"signal {number}", False, 0)
    yield box


def wait_until(what, holds):
    end = time.monotonic() + 60
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"waited for {what}")
        time.sleep(0.01)


def resolve(box, certificates, what):
    """What can be done when the outcome is not known: nothing without looking; then either of two."""
    with smtp_server.Server(certificates, login=[b"notices", PASSWORD]) as server:
        box.use(server)
        box.expect(f"{what}: once more", 1, "it is not known whether it was accepted", "--channel", "--again", handed=1)
        if server.sessions:
            fail(f"{what}: sent again without asking")
        if "D-0001, and" in (said := box.run("check", box.id)[1].decode()) or "perhaps sent" not in said:
            fail(f"{what}: breach check says {said}")
        if "the log of the mail server" not in box.good("next", box.id).decode():
            fail(f"{what}: breach next says nothing of it")
        code, _, err = box.run("close", box.id, "--because", "x")
        if code != 1 or "D-0001: it is not known whether it was sent" not in err:
            fail(f"{what}: closing: exit {code}: {err}")
        other = box.copy(f"{box.top.name}-by-hand")
        other.good("draft", other.id, "--duty", "promise.customer48")  # a new version; what was handed over is the first
        other.good("sent", other.id, "D-0001", "--channel", "smtp, by its log", "--reference", "4D5E")
        if "sent D-0001 version 1 to acme by smtp, by its log (4D5E)" not in other.timeline():
            fail(f"{what}: recorded by hand:\n{other.timeline()}")
        box.expect(f"{what}: again", 0, more=("--again", "--because", "not in its log"), sent=True, handed=2)
        if "because: not in its log" not in box.timeline() or len(server.sessions) != 1:
            fail(f"{what}: again:\n{box.timeline()}")
        box.good("timeline", box.id, "--verify")


def lost_after_the_dot(night, certificates):
    box = night.copy("lost")
    with smtp_server.Server(certificates, login=[b"notices", PASSWORD], at_dot=lambda: False) as server:
        box.use(server)
        box.expect("lost after the dot", 69, "it is not known whether it was accepted", "--channel", "--again", handed=1)
        if server.last.message is None:
            fail("the server has no message: was it lost too early?")
    resolve(box, certificates, "lost after the dot")
    yield box


def ended_after_the_dot(night, certificates):
    """A signal while the answer is awaited; who ends the run is told what he has to know."""
    for number, name in ((signal.SIGINT, "interrupted"), (signal.SIGKILL, "killed")):
        box = night.copy(name)
        there, go_on = threading.Event(), threading.Event()

        def at_dot(there=there, go_on=go_on):
            there.set()
            go_on.wait(60)

        with smtp_server.Server(certificates, login=[b"notices", PASSWORD], at_dot=at_dot) as server:
            box.use(server)
            running = box.start("sent", box.id, "D-0001", "--smtp")
            there.wait(60)
            words = pathlib.Path(f"/proc/{running.pid}/cmdline").read_bytes()
            if any(secret in words for secret in SECRETS):
                fail("the password is among the arguments")
            # Others can write meanwhile: nothing is locked.
            begun = time.monotonic()
            box.good("note", box.id, "called the host")
            if time.monotonic() - begun > 5:
                fail("a timeline is locked while a mail is on its way")
            running.send_signal(number)
            _, err = running.communicate(timeout=60)
            if running.returncode != -number:
                fail(f"{name}: exit {running.returncode}: {err}")
            if number == signal.SIGINT and b"it is not known whether it was accepted" not in err:
                fail(f"{name}: said {err}")
            go_on.set()
            box.expect_record(name, False, 1)
        resolve(box, certificates, name)
        yield box


def killed_before_the_record(night, certificates):
    """The server has said yes, and the run dies before that is recorded; or it cannot be recorded."""
    for kill in (True, False):
        box = night.copy(f"unrecorded-{kill}")
        with open(box.top / "state/trackier-ctl/breach/lock", "r+b") as lock, smtp_server.Server(
                certificates, login=[b"notices", PASSWORD],
                at_dot=lambda lock=lock: fcntl.lockf(lock, fcntl.LOCK_EX, 1)) as server:
            box.use(server)
            running = box.start("sent", box.id, "D-0001", "--smtp")
            wait_until("the message", lambda: server.sessions and server.last.message)
            time.sleep(1)  # the answer is there by now, and the lock is waited for
            if kill:
                running.kill()
            _, err = running.communicate(timeout=60)
            fcntl.lockf(lock, fcntl.LOCK_UN, 1)
            if not kill and (running.returncode != 75 or QUEUED.encode() not in err or
                             b"could not be recorded" not in err or b"--reference" not in err):
                fail(f"what could not be recorded: exit {running.returncode}: {err}")
            box.expect_record("not recorded", False, 1)
        resolve(box, certificates, f"unrecorded, kill {kill}")
        yield box


def two_at_once(night, certificates):
    """Of two that send the same, one does."""
    box = night.copy("two")
    with smtp_server.Server(certificates, login=[b"notices", PASSWORD], at_dot=lambda: time.sleep(0.5)) as server:
        box.use(server)
        both = [box.start("sent", box.id, "D-0001", "--smtp") for _ in range(2)]
        ended = sorted((process.communicate(timeout=60)[1], process.returncode) for process in both)
        if [code for _, code in ended].count(0) != 1 or len([each for each in server.sessions if each.message]) != 1:
            fail(f"two at once: {ended}")
        box.expect_record("two at once", True, 1)
    yield box


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    if shutil.which("openssl") is None:
        print("SKIPPED: openssl is not installed")
        return 0
    with tempfile.TemporaryDirectory(prefix="tsm-") as name:
        top = pathlib.Path(name)
        certificates = top / "certificates"
        certificates.mkdir()
        smtp_server.make_certificates(certificates)
        night = Night(top / "night", options.binary.resolve(), certificates)
        night.begin()
        for part in (sound, awkward, without_login, before_the_connection, no_trust, refusals, nobody_there, lost_after_the_dot,
                     ended_after_the_dot, killed_before_the_record, two_at_once):
            if options.parts and part.__name__ not in options.parts:
                continue
            begun = time.monotonic()
            try:
                for box in part(night, certificates):
                    if any(secret in box.said for secret in SECRETS):
                        fail(f"{part.__name__}: the password was printed")
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                fail(f"{part.__name__}: {type(error).__name__}: {error}")
            print(f"{part.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
    print("\n".join(failures + [f"{len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
