#!/usr/bin/env python3
"""What check says of real servers on the loopback interface: a PostgreSQL with pg_hba.conf as it should be and as it
should not, web servers with good, expired and strange certificates, with old TLS, and with plain HTTP beside them."""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import warnings

import smtp_server
from backup_postgres_test import Server, programs

failures = []


def fail(text):
    failures.append(text)
    print(f"FAILED: {text}", flush=True)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Host:
    """Settings, and what check says with them."""

    def __init__(self, top, binary):
        self.top, self.binary = top, binary
        self.env = {"PATH": "/usr/bin:/bin", "HOME": str(top), "LANG": "C.UTF-8", "XDG_STATE_HOME": str(top / "state"),
                    # None of these may matter.
                    "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"}
        self.env |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}

    def check(self, settings, *words, **more):
        """The findings by id; a list of those of the same id."""
        (self.top / "c.toml").write_text(settings)
        done = subprocess.run([self.binary, "--config", self.top / "c.toml", "check", "--json", *words], env=self.env | more,
                              cwd=self.top, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
        if done.returncode not in (0, 1):
            raise AssertionError(f"check {words}: exit {done.returncode}: {done.stderr.decode()}")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        well = all(each["status"] in ("pass", "not_applicable") for each in found)
        passes = any(each["status"] == "pass" for each in found)
        if (done.returncode == 0) != (well and passes):
            fail(f"exit {done.returncode} with {found}")
        for each in found:
            if each["status"] in ("fail", "error", "not_checked") and not (each["cure"] and each["found"]):
                fail(f"no cure or nothing found: {each}")
        return {each["check"]: each for each in found}

    def expect(self, what, found, **wanted):
        """wanted: by name within the group the status, and a word of what was found."""
        for name, (status, word) in wanted.items():
            one = next((each for id, each in found.items() if id.endswith("." + name)), None)
            if one is None or one["status"] != status or word not in one["found"]:
                fail(f"{what}: {name} is not {status} with {word!r}: {one}")


# PostgreSQL

class Tls(Server):
    """One that listens on TCP, too, at a port of its own."""

    def begin(self, certificates):
        self.init()
        for name in ("good.pem", "good.key"):
            shutil.copy(certificates / name, self.data)
            (self.data / name).chmod(0o600)
            if self.account:
                os.chown(self.data / name, self.account.pw_uid, self.account.pw_gid)
        self.port = free_port()
        self.rules("hostssl all all 127.0.0.1/32 trust")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write("ssl = on\nssl_cert_file = 'good.pem'\nssl_key_file = 'good.key'\n")
        self.start()
        self.sql("ALTER SYSTEM SET listen_addresses = '127.0.0.1'")
        self.stop()
        self.start()

    def start(self):
        """As the settings of the server have it: nothing on the command line says where it listens."""
        options = f"-k {self.top} -p {self.port} -c fsync=off"
        subprocess.run([*self.as_user(), str(self.bin / "pg_ctl"), "-D", str(self.data), "-w", "-t", "60", "-l",
                        str(self.top / "log"), "-o", options, "start"], cwd=self.top, check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        self.is_running = True

    def rules(self, *lines):
        text = "\n".join(("local all all trust", *lines)) + "\n"
        (self.data / "pg_hba.conf").write_text(text)
        if self.is_running:
            self.sql("SELECT pg_reload_conf()")
            self.sql("SELECT pg_sleep(0.3)")


def source(conninfo):
    return f"[[source]]\nname = 'shop'\nkind = 'postgres'\nconninfo = \"{conninfo}\"\n"


def postgres(host, certificates):
    directory = programs()
    if directory is None:
        print("SKIPPED: PostgreSQL is not installed", flush=True)
        return
    top = pathlib.Path(tempfile.mkdtemp(prefix="trackier-pg-"))
    server = Tls(directory, top)
    try:
        server.begin(certificates)
        base = f"host=localhost hostaddr=127.0.0.1 port={server.port} user=postgres dbname=postgres"
        good = source(f"{base} sslrootcert={certificates}/authority.pem")

        def look(what, settings, *words, more=None, **wanted):
            host.expect(what, host.check(settings, *(words or ("postgres",)), **(more or {})), **wanted)

        look("hostssl alone", good, sslmode=("pass", "verify-full"), tls=("pass", "encrypted"),
             plaintext=("pass", "no encryption"), rules=("pass", "none lets"))
        # A hostssl line proves nothing while another one takes who does not match it.
        server.rules("hostssl all all 127.0.0.1/32 trust", "host all all all trust")
        look("hostssl, then host", good, tls=("pass", ""), plaintext=("fail", "without TLS"), rules=("fail", "line 3"))
        server.rules("hostssl all all 127.0.0.1/32 trust", "hostnossl all all all reject", "host all all all trust")
        look("rejected before", good, plaintext=("pass", "rejects"), rules=("pass", "none lets"))
        server.rules("hostssl all all 127.0.0.1/32 trust", "host shop all 10.0.0.0/8 scram-sha-256")
        look("others are let in", good, plaintext=("pass", ""), rules=("fail", "10.0.0.0"))
        # Who asks for a password has gone on in plain text; ours is not sent.
        for method in ("scram-sha-256", "password", "md5"):
            server.rules("hostssl all all 127.0.0.1/32 trust", f"hostnossl all all 127.0.0.1/32 {method}")
            look(method, good, more={"PGPASSWORD": "swordfish"}, plaintext=("fail", "without TLS"))
            # A name is no word of the server.
            look(method, good.replace("user=postgres", "user='pg_hba.conf SSL required'"), "postgres.plaintext",
                 plaintext=("fail", "without TLS"))
        server.rules("hostssl all all 127.0.0.1/32 trust", "host all all 127.0.0.1/32 trust")
        look("no such role", good.replace("user=postgres", "user='pg_hba.conf SSL required'"), "postgres.plaintext",
             plaintext=("fail", "without TLS"))
        look("no such database", good.replace("dbname=postgres", "dbname=none"), "postgres.plaintext",
             plaintext=("fail", "without TLS"))
        look("a host with another", good.replace("host=localhost hostaddr=127.0.0.1", "host=127.0.0.1,127.0.0.1"),
             "postgres.plaintext", plaintext=("fail", "without TLS"))
        server.rules("hostssl all all 127.0.0.1/32 trust", "host all all 127.0.0.1/32 nonsense")
        look("a line that is none", good, rules=("error", "line 3"))
        server.rules("hostssl all all 127.0.0.1/32 trust")
        for mode in ("disable", "prefer", "require"):
            look(mode, good.replace(" dbname", f" sslmode={mode} dbname"), sslmode=("fail", mode), tls=("error", mode),
                 plaintext=("pass", ""), rules=("not_checked", ""))
        look("verify-ca", good.replace(" dbname", " sslmode=verify-ca dbname"), sslmode=("pass", "verify-ca"), tls=("pass", ""))
        look("an authority of nobody", source(f"{base} sslrootcert={certificates}/stranger.pem"), tls=("error", "certificate"))
        look("a socket", source(f"host={top} port={server.port} user=postgres dbname=postgres"),
             sslmode=("not_applicable", "socket"), tls=("not_applicable", "socket"), plaintext=("not_applicable", "socket"),
             rules=("pass", ""))
        # A role that may not read the rules, and what the cure says is enough.
        server.sql("CREATE ROLE clerk LOGIN")
        clerk = good.replace("user=postgres", "user=clerk")
        look("a role without the right", clerk, plaintext=("pass", ""), rules=("not_checked", "permission"))
        cure = host.check(clerk, "postgres")["postgres.rules"]["cure"]
        for statement in cure.split(": ", 1)[1].split("; "):
            server.sql(statement)
        look("a role with the right", clerk, rules=("pass", "none lets"))
        server.sql("ALTER SYSTEM SET ssl = off")
        server.sql("SELECT pg_reload_conf()")
        server.sql("SELECT pg_sleep(0.3)")
        look("TLS is off", good, tls=("error", "SSL"), rules=("not_checked", ""))
        server.stop()
        look("nobody is there", good, tls=("error", "refused"), plaintext=("error", "refused"), rules=("not_checked", ""))
    finally:
        server.stop()
        shutil.rmtree(top)


# Web servers

class Web:
    """Answers every request with these bytes; without a context in plain text. None: hangs up."""

    def __init__(self, context=None, answer=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"):
        self.context, self.answer, self.requests = context, answer, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with contextlib.suppress(OSError), client:
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
            self.requests.append(client.recv(65536))
            if self.answer is not None:
                client.sendall(self.answer)


def context(certificates, certificate="good", oldest=ssl.TLSVersion.TLSv1_2, newest=ssl.TLSVersion.TLSv1_3):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificates / f"{certificate}.pem", certificates / f"{certificate}.key")
    if oldest < ssl.TLSVersion.TLSv1_2:
        made.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.minimum_version, made.maximum_version = oldest, newest
    return made


def expired(certificates):
    """A certificate for localhost that has ended, and one that ends in 30 days."""
    def openssl(*words):
        subprocess.run(["openssl", *map(str, words)], cwd=certificates, check=True, capture_output=True)

    (certificates / "ca").mkdir()
    (certificates / "ca/index").touch()
    (certificates / "ca.cnf").write_text("[ca]\ndefault_ca = a\n[a]\ndir = ca\ndatabase = ca/index\nnew_certs_dir = ca\n"
                                         "rand_serial = yes\ndefault_md = sha256\npolicy = p\nunique_subject = no\n"
                                         "[p]\ncommonName = supplied\n")
    for name, dates in (("expired", ("-startdate", "20200101000000Z", "-enddate", "20200201000000Z")), ("long", ("-days", "30"))):
        shutil.copy(certificates / "good.key", certificates / f"{name}.key")
        openssl("ca", "-batch", "-config", "ca.cnf", "-in", "good.csr", "-cert", "authority.pem", "-keyfile", "authority.key",
                "-extfile", "good.ext", "-out", f"{name}.pem", "-notext", *dates)


def web(host, certificates):
    expired(certificates)
    nobody = free_port()

    def look(what, port, plain_port, more="", found=None, **wanted):
        text = (f"[check]\nendpoints = ['https://localhost:{port}/c?x=1']\nplain_port = {plain_port}\n"
                f"ca_file = '{certificates}/authority.pem'\n{more}\n")
        host.expect(what, host.check(text, "endpoints"), **wanted)

    def redirect(to):
        return f"HTTP/1.1 301 Moved\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()

    with Web(context(certificates, "long")) as good:
        look("as it should be", good.port, nobody, tls=("pass", "1.1 refused"), plain_http=("pass", "refused"),
             certificate=("pass", "days; 21 are wanted"))
        if good.requests and any(good.requests):
            fail(f"a handshake was followed by a request: {good.requests}")
        look("not so long", good.port, nobody, "certificate_days = 40", certificate=("fail", "40 are wanted"))
        look("plain HTTP at the port of TLS", good.port, good.port, plain_http=("pass", "refused"))
        for what, answer, more, wanted in (
                ("answers", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", ("fail", "200")),
                ("not found", b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "", ("fail", "404")),
                ("asks for a password", b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", "", ("fail", "401")),
                ("a body without end", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000_000, "", ("fail", "200")),
                ("forbids", b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "", ("pass", "403")),
                ("hangs up", None, "", ("pass", "refused")),
                ("no HTTP", b"\x15\x03\x01\x00\x02\x02\x28", "", ("pass", "refused")),
                ("redirects", redirect("https://localhost/"), "", ("fail", "redirects")),
                ("may redirect", redirect("https://localhost/"), "plain_http = 'redirect'", ("pass", "redirects")),
                ("redirects in plain text", redirect("http://localhost/"), "plain_http = 'redirect'", ("fail", "301")),
                ("redirects to itself", redirect("/other"), "plain_http = 'redirect'", ("fail", "301"))):
            with Web(answer=answer) as plain:
                look(what, good.port, plain.port, more, plain_http=wanted)
                if len(plain.requests) != 1 or not plain.requests[0].startswith(b"GET /c?x=1 "):
                    fail(f"{what}: {plain.requests}")
    with Web(context(certificates)) as short:
        look("ends soon", short.port, nobody, certificate=("fail", "21 are wanted"), tls=("pass", ""))
    with Web(context(certificates, "expired")) as ended:
        look("expired", ended.port, nobody, certificate=("fail", "expired"), tls=("pass", ""), plain_http=("pass", ""))
    with Web(context(certificates, "other")) as other:
        look("of another host", other.port, nobody, certificate=("fail", "not trusted"))
    with Web(context(certificates, "stranger")) as stranger:
        look("of nobody", stranger.port, nobody, certificate=("fail", "not trusted"))
    with Web(context(certificates, "long", ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)) as old:
        look("TLS 1.1 alone", old.port, nobody, tls=("fail", "TLS"), certificate=("error", ""))
    with Web(context(certificates, "long", ssl.TLSVersion.TLSv1)) as both:
        look("TLS 1.1 as well", both.port, nobody, tls=("fail", "taken as well"), certificate=("pass", ""))
    with Web() as plain:
        look("no TLS at all", plain.port, plain.port, tls=("error", ""), plain_http=("fail", "200"), certificate=("error", ""))
    look("nobody is there", nobody, nobody, tls=("error", "reached"), plain_http=("error", "reached"), certificate=("error", ""))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    binary = parser.parse_args().binary.resolve()
    with tempfile.TemporaryDirectory(prefix="trackier-check-") as work:
        top = pathlib.Path(work)
        certificates = top / "certificates"
        certificates.mkdir()
        smtp_server.make_certificates(certificates)
        top.chmod(0o755)
        web(Host(top, binary), certificates)
        postgres(Host(top, binary), certificates)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
