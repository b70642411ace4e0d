#!/usr/bin/env python3
"""Who is told of what: over a mail server, a web server and a command, all real, on the loopback interface. What is not
TLS gets nothing, what cannot be delivered waits, and whatever is killed on the way, no event is lost."""
import argparse
import base64
import contextlib
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import smtp_server

KEY = b"a key of thirty-two random bytes"
failures = []


def fail(text):
    failures.append(text)
    print(f"FAILED: {text}", flush=True)


def expect(true, *what):
    if not true:
        fail(": ".join(map(str, what)))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def wait_for(port):
    """Until somebody listens."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens at port {port}")


class Hook:
    """A web server that keeps what is posted to it. status: what it answers."""

    def __init__(self, certificates, certificate="good", status=204, at_post=None):
        self.posts, self.status, self.at_post = [], status, at_post
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.posts.append((self.path, dict(self.headers), body))
                if hook.at_post:
                    hook.at_post()
                self.send_response(hook.status)
                if hook.status // 100 == 3:
                    self.send_header("Location", f"https://localhost:{hook.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificates / f"{certificate}.pem", certificates / f"{certificate}.key")
        self.server.handle_error = lambda *_: None
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Host:
    """A host with settings of its own; a run that fails is `self.bad()`."""

    def __init__(self, top, binary, certificates):
        top.mkdir()
        self.top, self.binary, self.certificates = top, binary, certificates
        self.env = {"PATH": "/usr/bin:/bin", "HOME": str(top), "LANG": "C.UTF-8", "XDG_STATE_HOME": str(top / "state"),
                    "TRACKIER_CONFIG": str(top / "c.toml"),
                    # None of these may matter.
                    "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"}
        self.env |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
        # LeakSanitizer of clang 14 crashes at the end of a process that has loaded libcurl by dlopen.
        self.env["ASAN_OPTIONS"] = ":".join(filter(None, [self.env.get("ASAN_OPTIONS"), "detect_leaks=0"]))
        (top / "key").write_text("whsec_" + base64.b64encode(KEY).decode() + "\n")
        (top / "key").chmod(0o600)
        self.said = ""

    def use(self, *sections):
        (self.top / "c.toml").write_text("\n".join(sections))

    def mail(self, server, more="", host="localhost"):
        return (f'[smtp]\nserver = "{host}"\nport = {server.port}\nca_file = "{self.certificates}/authority.pem"\n'
                f'timeout = "10s"\n[[alerts.channel]]\nname = "mail"\nto = ["ops@example.org", "boss@example.org"]\n'
                f'from = "trackier@example.org"\nat_once = ["failed"]\n{more}\n')

    def hook(self, hook, more="", name="hook", path="/T1/secret-path"):
        url = self.top / f"{name}.url"
        url.write_text(f"https://localhost:{hook.port}{path}\n")
        url.chmod(0o600)
        return (f'[[alerts.channel]]\nname = "{name}"\nwebhook = "file:{url}"\nkey = "file:{self.top}/key"\n'
                f'ca_file = "{self.certificates}/authority.pem"\nat_once = ["failed"]\ntimeout = "10s"\n{more}\n')

    def start(self, *words):
        return subprocess.Popen([str(self.binary), *words], cwd=self.top, env=self.env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *words, code=0):
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        self.said += out + err
        expect(process.returncode == code, " ".join(words), f"exit {process.returncode} and not {code}", err)
        return out, err

    def bad(self):
        return self.run("keys", "list", "--keyring", "customer-of-acme.tke", code=66)[1]

    def queue(self, code=0):
        return {each["channel"]: each for each in map(json.loads, self.run("alert", "queue", "--json", code=code)[0].splitlines())}


def check_mail(host, certificates):
    with smtp_server.Server(certificates) as server:
        host.use(host.mail(server))
        err = host.bad()
        expect("warning" not in err, "an alert that was delivered", err)
        session = server.last
        expect(b"failed" not in session.plain, "something was said in plain text", session.plain)
        message = email.message_from_bytes(session.message, policy=email.policy.default)
        text = message.get_content()
        expect(message["Subject"] == "trackier-ctl: a command failed", message["Subject"])
        expect(message["To"] == "ops@example.org, boss@example.org", message["To"])
        expect(message["Auto-Submitted"] == "auto-generated", message)
        expect(message["Message-ID"].startswith("<alert-1-1.") and message["Message-ID"].endswith("@example.org>"),
               message["Message-ID"])
        expect(len(session.recipients) == 2, session.recipients)
        expect("keys.list  no_input (66)  failed" in text, text)
        for secret in ("customer-of-acme", "hmac:", str(host.top)):
            expect(secret not in session.message.decode(), f"{secret} is in a message")
        host.run("alert", "flush")
        expect(len(server.sessions) == 1, "the hour is not over, and something was sent", server.sessions)
        host.run("alert", "test", "mail")
        expect(b"Subject: trackier-ctl: a test" in server.last.message, server.last.message)
    # What is not TLS, or not trusted, gets nothing.
    for what, more in (("no STARTTLS", {"security": "none"}), ("another host", {"certificate": "other"}),
                       ("nobody's", {"certificate": "stranger"})):
        with smtp_server.Server(certificates, **more) as server:
            host.use(host.mail(server))
            err = host.bad()
            expect("warning: mail: an alert waits for trackier-ctl alert flush: " in err, what, err)
            expect(all(each.sender is None for each in server.sessions), what, "something was sent")
            _, err = host.run("alert", "flush", code=69)
            expect("error: mail: the " in err, what, err)
    expect(host.queue(code=1)["mail"]["at_once"] == 3, "what waits", host.queue(code=1))
    with smtp_server.Server(certificates, replies={"RCPT": "550 no such user"}) as server:
        host.use(host.mail(server))
        _, err = host.run("alert", "flush", code=1)
        expect("550 no such user" in err, err)
    with smtp_server.Server(certificates) as server:
        host.use(host.mail(server))
        host.run("alert", "flush")
        expect(b"3 failed" in server.last.message, server.last.message)
        expect(host.queue()["mail"]["at_once"] == 0, "nothing waits any more")


def check_other_mail_server(host, certificates):
    """A mail server that others wrote, of Debian's python3-aiosmtpd: STARTTLS, and TLS from the first byte."""
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import aiosmtpd"], capture_output=True, check=False).returncode != 0:
        print("SKIPPED: python3-aiosmtpd is not installed; no mail went to a server that others wrote")
        return
    for number, (security, cert, key) in enumerate((("starttls", "--tlscert", "--tlskey"),
                                                    ("tls", "--smtpscert", "--smtpskey"))):
        box, port = host.top / f"box{number}", free_port()
        with subprocess.Popen([python, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", cert, str(certificates / "good.pem"),
                               key, str(certificates / "good.key"), "-c", "aiosmtpd.handlers.Mailbox", str(box)],
                              stderr=subprocess.DEVNULL) as server:
            try:
                wait_for(port)
                settings = host.mail(argparse.Namespace(port=port))
                host.use(settings.replace("[smtp]\n", f'[smtp]\nsecurity = "{security}"\n'))
                host.bad()
                arrived = [email.message_from_bytes(each.read_bytes(), policy=email.policy.default)
                           for each in (box / "new").iterdir()]
                expect(len(arrived) == 1, security, "messages", len(arrived))
                expect(arrived[0]["Subject"] == "trackier-ctl: a command failed", security, arrived[0])
                expect("keys.list  no_input (66)  failed" in arrived[0].get_content(), security, arrived[0])
            finally:
                server.terminate()


def signature_of(headers, body):
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(KEY, text, hashlib.sha256).digest()).decode()


def check_hook(host, certificates):
    with Hook(certificates) as hook:
        host.use(host.hook(hook))
        host.bad()
        expect(len(hook.posts) == 1, "posts", hook.posts)
        path, headers, body = hook.posts[0]
        headers = {name.lower(): value for name, value in headers.items()}
        expect(path == "/T1/secret-path" and headers["content-type"] == "application/json", path, headers)
        expect(headers["webhook-signature"] == signature_of(headers, body), "the signature", headers)
        expect(abs(int(headers["webhook-timestamp"]) - time.time()) < 60, "the time", headers)
        said = json.loads(body)
        expect(said["type"] == "trackier.alert" and said["text"].endswith(": 1 failed"), said)
        expect(said["data"]["activities"][0]["operation"] == "keys.list", said)
        expect("acme" not in body.decode(), "a file name in a message", body)
        host.run("alert", "test")
        expect(json.loads(hook.posts[-1][2])["type"] == "trackier.test", hook.posts[-1])
    for status, code in ((500, 69), (429, 69), (404, 1), (302, 1)):
        with Hook(certificates, status=status) as hook:
            host.use(host.hook(hook))
            host.bad()
            _, err = host.run("alert", "flush", code=code)
            expect("the webhook of hook does not take it" in err and f"HTTP {status}" in err, status, err)
            expect(all(path != "/elsewhere" for path, _, _ in hook.posts), "a redirection was followed")
    for certificate in ("other", "stranger"):
        with Hook(certificates, certificate) as hook:
            host.use(host.hook(hook))
            host.run("alert", "flush", code=69)
            expect(not hook.posts, certificate, "something was sent")
    with Hook(certificates) as hook:
        # One that does not answer keeps no other from being told.
        host.use(host.hook(hook, name="gone", path="/gone").replace(str(hook.port), "1"), host.hook(hook))
        (host.top / "gone.url").write_text("https://localhost:1/secret-path\n")
        _, err = host.run("alert", "flush", code=69)
        expect("gone: the webhook of gone cannot be reached" in err, err)
        expect(len(json.loads(hook.posts[-1][2])["data"]["activities"]) == 4, "the one that answers", hook.posts)
    expect("secret-path" not in host.said, "the address of a webhook is told")


def check_command(host):
    said = host.top / "said"
    channel = ('[[alerts.channel]]\nname = "page"\nat_once = ["failed"]\n'
               f'command = ["/bin/sh", "-c", "echo out; cat >> {said}; echo $TRACKIER_ALERT_SUBJECT >> {said}"]\n')
    host.use(channel)
    host.bad()
    expect("keys.list  no_input (66)" in said.read_text(), said.read_text())
    expect(said.read_text().endswith("trackier-ctl: a command failed\n"), said.read_text())
    host.use(channel, 'input = "json"\n')
    said.unlink()
    host.bad()
    expect(json.loads(said.read_text().splitlines()[0])["type"] == "trackier.alert", said.read_text())
    host.use('[[alerts.channel]]\nname = "page"\nat_once = ["failed"]\n'
             'command = ["/bin/sh", "-c", "echo the pager is off >&2; exit 3"]\n')
    err = host.bad()
    expect("the command of page ended with status 3: the pager is off" in err, err)
    host.use('[alerts]\nafter_runs = false\n', channel)
    expect("warning" not in host.bad(), "runs tell nobody when they are not to")
    said.unlink()
    host.run("alert", "flush")
    expect(said.read_text().count("no_input (66)") == 2, said.read_text())
    # A run that has confined itself reaches nobody, and leaves it to the next that can.
    host.use(channel)
    said.unlink()
    _, err = host.run("anonymize", "nowhere.log", "-o", "out.log", code=66)
    expect("warning" not in err and not said.exists(), "a confined run", err)
    host.bad()
    expect("anonymize  no_input (66)" in said.read_text(), said.read_text())
    host.use('[[alerts.channel]]\nname = "page"\ntimeout = "1s"\nat_once = ["failed"]\ncommand = ["/bin/sleep", "60"]\n')
    begun = time.monotonic()
    host.bad()
    expect(time.monotonic() - begun < 30, "a command that hangs holds a run up")


def check_kills(host, certificates):
    """Killed at any moment, also between the answer and the note of it: every event arrives."""
    with Hook(certificates) as hook:
        host.use('[alerts]\nafter_runs = false\n', host.hook(hook))
        expected, killed = set(), 0
        for round_number in range(25):
            host.bad()
            process = host.start("alert", "flush")
            time.sleep(0.002 * round_number)
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
            process.communicate()
        victims = []

        def kill():
            victims.pop().send_signal(signal.SIGKILL)

        host.bad()
        hook.at_post = kill
        before = len(hook.posts)
        victims.append(host.start("alert", "flush"))
        victims[0].wait()
        expect(len(hook.posts) > before, "nothing arrived before the kill")
        hook.at_post = None
        host.run("alert", "flush")
        expect(killed > 5, "runs were too quick to be killed", killed)
        records = [json.loads(line) for line in host.run("audit", "log", "--json")[0].splitlines()]
        expected = {each["seq"] for each in records if each["phase"] == "outcome" and each["result"]["exit"] == 66}
        told = [each["seq"] for _, _, body in hook.posts for each in json.loads(body)["data"]["activities"]]
        expect(set(told) == expected and len(expected) == 26, "lost", expected - set(told))
        by_id = {}
        for _, headers, body in hook.posts:
            numbers = [each["seq"] for each in json.loads(body)["data"]["activities"]]
            expect(by_id.setdefault(headers["webhook-id"], numbers) == numbers, "one id, and two messages")


def check_ten_at_once(host, certificates):
    """Ten runs that flush at once tell everything once."""
    with Hook(certificates) as hook:
        host.use('[alerts]\nafter_runs = false\n', host.hook(hook))
        for _ in range(5):
            host.bad()
        runs = [host.start("alert", "flush") for _ in range(10)]
        for each in runs:
            _, err = each.communicate(timeout=120)
            expect(each.returncode == 0, "one of ten", err)
        told = [each["seq"] for _, _, body in hook.posts for each in json.loads(body)["data"]["activities"]]
        expect(len(told) == 5 and len(set(told)) == 5, "told", told)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    binary = parser.parse_args().binary.resolve()
    with tempfile.TemporaryDirectory(prefix="trackier-alert-") as name:
        top = pathlib.Path(name)
        certificates = top / "certificates"
        certificates.mkdir()
        smtp_server.make_certificates(certificates)
        for number, check in enumerate((check_mail, check_other_mail_server, check_hook, check_command, check_kills, check_ten_at_once)):
            host = Host(top / str(number), binary, certificates)
            check(host) if check is check_command else check(host, certificates)
            print(f"{check.__name__}: done", flush=True)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
