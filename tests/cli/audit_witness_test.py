#!/usr/bin/env python3
"""Two hosts on one machine: what one anchors, the other cosigns, also through sshd and ten at once; a log that was
rolled back or begun anew is refused, loudly; a host that says nothing is named."""
import argparse
import base64
import getpass
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

failures = []


def fail(text):
    failures.append(text)
    print(f"FAILED: {text}", flush=True)


def expect(holds, text, result=None):
    if not holds:
        fail(text + (f": status {result.returncode}, {result.stdout!r}, {result.stderr!r}" if result else ""))


def note_key(name, kind, public):
    """NAME+ID+KEY of c2sp.org/signed-note, by other code than the program's."""
    material = bytes([kind]) + public
    identity = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    return f"{name}+{identity.hex()}+{base64.b64encode(material).decode()}"


class Host:
    def __init__(self, top, name, binary):
        self.top, self.name, self.binary = top / name, f"{name}.example", binary
        self.top.mkdir()
        self.env = {"PATH": "/usr/bin:/bin", "HOME": str(self.top), "LANG": "C.UTF-8",
                    "XDG_STATE_HOME": str(self.top / "state"), "TRACKIER_CONFIG": str(self.top / "config.toml"),
                    # It never counts what a client wants to run.
                    "SSH_ORIGINAL_COMMAND": "audit anchor"}
        self.env |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
        self.log = self.top / "state/trackier-ctl/audit"

    def use(self, text):
        (self.top / "config.toml").write_text(f'[audit]\norigin = "{self.name}"\n{text}')

    def run(self, *words, stdin=b"", env=None):
        return subprocess.run([str(self.binary), "audit", *words], env=self.env | (env or {}), cwd=self.top, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)

    def public(self):
        """Of the key that signs: the last bytes of what is made of the seed as PKCS #8."""
        path = self.top / "state/trackier-ctl/backup/signing.key"
        if not path.exists():
            path.parent.mkdir(parents=True)
            path.parent.parent.chmod(0o700)
            path.write_text(os.urandom(32).hex() + "\n")
            path.chmod(0o600)
        seed = bytes.fromhex(path.read_text().strip())
        pkcs8 = bytes.fromhex("302e020100300506032b657004220420") + seed
        done = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input=pkcs8,
                              stdout=subprocess.PIPE, check=True)
        return done.stdout[-32:]

    def log_key(self):
        return note_key(self.name, 1, self.public())

    def witness_key(self):
        return note_key(self.name, 4, self.public())

    def wrapper(self, *before):
        """A command that is `audit witness` on this host."""
        path = self.top / "witness.sh"
        settings = " ".join(f"{name}='{value}'" for name, value in self.env.items())
        path.write_text(f"#!/bin/sh\n{' '.join(before)}\nexec env -i {settings} '{self.binary}' audit witness\n")
        path.chmod(0o755)
        return str(path)

    def size(self):
        return sum(len(path.read_bytes().splitlines()) for path in self.log.glob("*.jsonl"))

    def kept(self):
        path = self.log / "checkpoints"
        return [note for note in path.read_text().split("\n\n") if "\u2014" in note] if path.exists() else []


def command(*words):
    return "command = [" + ", ".join(json.dumps(str(word)) for word in words) + "]\n"


def witnesses(*pairs, quorum=1):
    return f"quorum = {quorum}\n" + "".join(
        f'[[audit.witness]]\nkey = "{key}"\n{line}' for key, line in pairs)


def hosts(*all_hosts):
    return "".join(f'[[audit.host]]\nkey = "{host.log_key()}"\n' for host in all_hosts)


def parts(binary, top):
    """A host, its witness, and settings of both that fit together."""
    top.mkdir()
    host, witness = Host(top, "db1", binary), Host(top, "vault", binary)
    witness.use(hosts(host))
    host.use(witnesses((witness.witness_key(), command(witness.wrapper()))))
    return host, witness


def anchors_and_rollback(binary, top):
    host, witness = parts(binary, top)
    before = host.run("anchor", "--dry-run")
    expect(before.returncode == 0 and b"vault.example" in before.stdout and not host.log.exists(), "a dry run", before)
    for count in range(1, 4):
        done = host.run("anchor")
        expect((done.returncode, done.stdout, done.stderr) == (0, b"", b""), "an anchor is silent", done)
        expect(len(host.kept()) == count and host.size() == count, f"anchor {count} is kept and recorded")
    checked = witness.run("witness", "check")
    expect((checked.returncode, checked.stdout, checked.stderr) == (0, b"", b""), "who was just heard", checked)

    young = top / "young"
    shutil.copytree(host.log, young)
    for _ in range(2):
        host.run("anchor")
    state = {path.name: path.read_bytes() for path in (witness.top / "state/trackier-ctl/witness").glob("*.note")}
    shutil.rmtree(host.log)
    shutil.copytree(young, host.log)
    done = host.run("anchor")
    expect(done.returncode == 1 and b"refuses" in done.stderr and b"rolled back" in done.stderr, "a log rolled back", done)
    expect(done.stdout == b"", "nothing on standard output", done)
    for _ in range(3):
        expect(host.run("anchor").returncode == 1, "it stays refused")
    # Begun anew, and as long as it was.
    shutil.rmtree(host.log)
    other = Host(top, "other", binary)
    other.use(hosts(host))
    settings = (host.top / "config.toml").read_text()
    host.use(witnesses((other.witness_key(), command(other.wrapper()))))
    for _ in range(9):
        expect(host.run("anchor").returncode == 0, "another witness takes a new log")
    (host.top / "config.toml").write_text(settings)
    done = host.run("anchor")
    expect(done.returncode == 1 and b"were others" in done.stderr, "a log that was written anew", done)
    after = {path.name: path.read_bytes() for path in (witness.top / "state/trackier-ctl/witness").glob("*.note")}
    expect(state == after, "what was refused changes nothing at the witness")


def what_a_witness_answers(binary, top):
    host, witness = parts(binary, top)
    capture = top / "request"
    host.use(witnesses((witness.witness_key(), command("/bin/sh", "-c", f"cat > {capture}; exit 9"))))
    done = host.run("anchor")
    expect(done.returncode == 69 and b"status 9" in done.stderr and b"1 have to" in done.stderr, "a command that fails", done)
    expect(host.kept() == [], "nothing is kept without a quorum")
    request = capture.read_bytes()
    done = witness.run("witness", stdin=request)
    expect(done.returncode == 0 and done.stdout.startswith("\u2014 vault.example ".encode()) and
           done.stdout.count(b"\n") == 1 and done.stderr == b"", "a request", done)
    ahead = request.replace(b"old 0\n", b"old 7\n")
    done = witness.run("witness", stdin=ahead)
    expect(done.returncode == 65, "an old size that is too large", done)
    for garbage in (b"", b"\n", b"old 0", request[:-1], request * 2, b"GET / HTTP/1.1\r\n\r\n", os.urandom(1000),
                    b"old 0\n" + b"A" * (1 << 21)):
        done = witness.run("witness", stdin=garbage)
        expect(done.returncode == 65 and done.stdout == b"", f"garbage {garbage[:20]!r}", done)
    forged = request.replace(b"db1.example\n0\n", b"db1.example\n1\n", 1)
    expect(forged != request and witness.run("witness", stdin=forged).returncode == 77, "a forged request")
    witness.use(hosts(witness))
    expect(witness.run("witness", stdin=request).returncode == 77, "a host that is not known")
    witness.use("")
    expect(witness.run("witness", stdin=request).returncode == 78, "no hosts at all")


def quorum(binary, top):
    host, first = parts(binary, top)
    second = Host(top, "second", binary)
    second.use(hosts(host))
    gone = (second.witness_key(), command("/bin/false"))
    here = (first.witness_key(), command(first.wrapper()))
    both = (second.witness_key(), command(second.wrapper()))
    host.use(witnesses(here, gone, quorum=1))
    done = host.run("anchor")
    expect(done.returncode == 0 and b"second.example" in done.stderr, "one of one, and one that is gone", done)
    host.use(witnesses(here, gone, quorum=2))
    done = host.run("anchor")
    expect(done.returncode == 69 and len(host.kept()) == 1, "one of two", done)
    host.use(witnesses(here, both, quorum=2))
    done = host.run("anchor")
    expect(done.returncode == 0 and len(host.kept()) == 2 and host.kept()[-1].count("\u2014") == 3, "two of two", done)
    # Cosignatures of somebody else, of an earlier checkpoint, and none.
    lines = "".join(f"{line}\\n" for line in host.kept()[-1].splitlines() if "first" in line or "second" in line)
    for answer in ("", "garbage\\n", lines, "12\\n"):
        host.use(witnesses((second.witness_key(), command("/usr/bin/printf", answer))))
        done = host.run("anchor")
        expect(done.returncode == 69 and len(host.kept()) == 2, f"an answer that is {answer[:20]!r}", done)
    for line in (command("/nonexistent"), command("/bin/sh", "-c", "exec yes")):
        host.use(witnesses((second.witness_key(), line)))
        done = host.run("anchor")
        expect(done.returncode == 69, f"a command that cannot work: {line}", done)
    host.use("")
    expect(host.run("anchor").returncode == 78, "no witness")


def silence(binary, top):
    host, witness = parts(binary, top)
    never = witness.run("witness", "check")
    expect(never.returncode == 1 and b"db1.example has never been heard" in never.stderr, "never heard", never)
    host.run("anchor")
    time.sleep(2.2)
    done = witness.run("witness", "check", "--silent-after", "1s")
    expect(done.returncode == 1 and b"db1.example has been silent" in done.stderr, "silent for two seconds", done)
    expect(witness.run("witness", "check").returncode == 0, "but not for 75 minutes")
    done = witness.run("witness", "check", "--json", "--silent-after", "1s")
    told = json.loads(done.stdout)
    expect(told["host"] == "db1.example" and told["silent"] and told["records"] == 0 and told["age_seconds"] >= 2 and
           "db1.example\n0\n" in pathlib.Path(told["note"]).read_text(), "as JSON", done)
    before = told["heard"]
    shutil.copytree(host.log, top / "young")
    host.run("anchor")
    expect(json.loads(witness.run("witness", "check", "--json").stdout)["heard"] > before, "heard again")
    heard = json.loads(witness.run("witness", "check", "--json").stdout)["heard"]
    shutil.rmtree(host.log)
    shutil.copytree(top / "young", host.log)
    (host.log / "00000001.jsonl").unlink()
    for name in ("checkpoint", "checkpoints", "tree", "tree.at"):
        (host.log / name).unlink(missing_ok=True)
    time.sleep(1.1)
    host.run("anchor")
    expect(json.loads(witness.run("witness", "check", "--json").stdout)["heard"] == heard, "a refusal is no sign of life")
    damaged = pathlib.Path(told["note"])
    damaged.write_bytes(damaged.read_bytes()[:-5])
    done = witness.run("witness", "check")
    expect(done.returncode == 65 and damaged.name.encode() in done.stderr, "a damaged state", done)


def ten_at_once(binary, top):
    host, witness = parts(binary, top)
    host.run("anchor")
    runs = [subprocess.Popen([str(binary), "audit", "anchor"], env=host.env, cwd=host.top, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(10)]
    for run in runs:
        out, err = run.communicate(timeout=600)
        expect((run.returncode, out, err) == (0, b"", b""), f"one of ten: {run.returncode} {err!r}")
    expect(len(host.kept()) == 11 and host.size() == 11, f"{len(host.kept())} anchors, {host.size()} records")
    # One that is killed while a witness is asked takes nothing with it.
    host.use(witnesses((witness.witness_key(), command(witness.wrapper("sleep 1")))))
    run = subprocess.Popen([str(binary), "audit", "anchor"], env=host.env, cwd=host.top, stdin=subprocess.DEVNULL)
    time.sleep(0.5)
    run.send_signal(signal.SIGKILL)
    run.wait()
    time.sleep(2)
    done = host.run("anchor")
    expect(done.returncode == 0 and len(host.kept()) == 12, "after a run that was killed", done)
    run = subprocess.Popen([str(binary), "audit", "anchor"], env=host.env, cwd=host.top, stdin=subprocess.DEVNULL)
    time.sleep(0.5)
    run.send_signal(signal.SIGTERM)
    expect(run.wait(timeout=60) == -signal.SIGTERM, "a run that is asked to end")


def through_ssh(binary, top):
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not sshd or not shutil.which("ssh") or not shutil.which("ssh-keygen"):
        print("SKIPPED: the part with sshd, which is not installed", flush=True)
        return
    host, witness = parts(binary, top)
    top.chmod(0o700)
    for name in ("server", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(top / name)], check=True)
    public = (top / "client.pub").read_text()
    (top / "authorized").write_text(f'restrict,from="127.0.0.1",command="{witness.wrapper()}" {public}')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (top / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {top}/server\nAuthorizedKeysFile {top}/authorized\n"
        f"PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nExposeAuthInfo yes\n"
        "PermitRootLogin forced-commands-only\n")
    (top / "known").write_text(f"[127.0.0.1]:{port} {(top / 'server.pub').read_text()}")
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    server = subprocess.Popen([sshd, "-D", "-e", "-f", str(top / "sshd_config")], stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        ssh = ["/usr/bin/ssh", "-T", "-F", "none", "-p", str(port), "-i", str(top / "client"), "-o", "BatchMode=yes",
               "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={top / 'known'}", f"{getpass.getuser()}@127.0.0.1"]
        tried = subprocess.run(ssh, input=b"", stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        if tried.returncode == 255:
            server.terminate()
            print(f"SKIPPED: the part with sshd, which does not let us in: {tried.stderr!r} "
                  f"{server.communicate(timeout=20)[1][-500:]!r}", flush=True)
            return
        expect(tried.returncode == 65, "an empty request through sshd", tried)
        host.use(witnesses((witness.witness_key(), command(*ssh, "rm -rf /nonexistent; echo what is asked for"))))
        done = host.run("anchor")
        expect((done.returncode, done.stderr) == (0, b"") and len(host.kept()) == 1, "an anchor through sshd", done)
        shutil.copytree(host.log, top / "young")
        host.run("anchor")
        shutil.rmtree(host.log)
        shutil.copytree(top / "young", host.log)
        host.run("anchor")
        shutil.rmtree(host.log)
        shutil.copytree(top / "young", host.log)
        (host.log / "00000001.jsonl").write_bytes(b"")
        (host.log / "checkpoint").unlink()
        (host.log / "tree.at").unlink(missing_ok=True)
        done = host.run("anchor")
        expect(done.returncode == 1 and b"refuses" in done.stderr, "a rollback through sshd", done)
    finally:
        server.terminate()
        server.communicate(timeout=20)
    done = host.run("anchor")
    expect(done.returncode == 69 and b"status 255" in done.stderr, "a witness that cannot be reached", done)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    binary = parser.parse_args().binary.resolve()
    if not shutil.which("openssl"):
        print("SKIPPED: openssl is not installed")
        return 0
    with tempfile.TemporaryDirectory() as place:
        top = pathlib.Path(place)
        top.chmod(0o755)
        for part in (anchors_and_rollback, what_a_witness_answers, quorum, silence, ten_at_once, through_ssh):
            part(binary, top / part.__name__)
            print(f"{part.__name__}: done", flush=True)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
