"""A month of a host, made up: backups every hour, checks, restores and what went wrong. Written by other code than
that of the program, from trackier-audit(5), trackier-store(5) and trackier-proof(5), so that reading it is tested
as well. It lies in the past and is the same each time, but for the keys and the first backup, which the program
makes."""
import base64
import datetime
import hashlib
import json
import os
import pathlib
import subprocess

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FIRST = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2024, 1, 31, tzinfo=datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
RECIPIENT = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08"
ZEROS = "0" * 64


def rfc3339(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def number(seed):
    return hashlib.sha256(seed.encode()).hexdigest()


def canonical(json_object):
    return json.dumps(json_object, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Log:
    """The audit log: trackier-audit(5), RECORDS."""

    def __init__(self):
        self.lines, self.previous, self.started = [], ZEROS, 0

    def add(self, time, op, phase, oid, args=None, result=None, **more):
        actor = {"claims": {}, "loginuid": more.get("login"), "ssh_key": "", "uid": more.get("uid", 990)}
        process = {"boot": "b", "pid": 7, "space": 1, "start": 1}
        open_now = [{"boot": "b", "oid": oid, "op": op, "pid": 7, "space": 1, "start": 1}] \
            if phase == "open" else []
        line = canonical({
            "actor": actor, "args": args or {}, "boot_us": 1, "host": "db1", "oid": oid, "op": op,
            "open": open_now, "phase": phase, "prev": self.previous, "process": process,
            "result": result, "seq": len(self.lines), "tenant": "",
            "ts": time.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "v": 1})
        self.lines.append(line)
        self.previous = hashlib.sha256(b"\0" + line.encode()).hexdigest()

    def run(self, time, op, args=None, code="ok", exit_status=0, seconds=4, **more):
        oid = number(f"{op} {time} {len(self.lines)}")[:32]
        self.add(time, op, "intent", oid, **more)
        self.add(time + datetime.timedelta(seconds=seconds), op, "outcome", oid, args,
                 {"code": code, "exit": exit_status}, **more)

    def killed(self, time, op):
        oid = number(f"{op} {time}")[:32]
        self.add(time, op, "intent", oid)
        self.add(time + datetime.timedelta(minutes=9), op, "recover", oid)


def tree_root(hashes):
    """RFC 6962, section 2.1."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + tree_root(hashes[:split]) + tree_root(hashes[split:])).digest()


def key_material(name, kind, key):
    """Of a signed note: its id, and the key as text."""
    public = bytes([kind]) + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    identity = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    return identity, f"{name}+{identity.hex()}+{base64.b64encode(public).decode()}"


def signature_line(name, identity, signature):
    return f"\u2014 {name} {base64.b64encode(identity + signature).decode()}\n"


class Host:
    """work: an empty directory. The settings are work/settings.toml, the state work/state."""

    sources = ("shop", "clicks")

    def __init__(self, binary, work):
        self.binary, self.work = binary, pathlib.Path(work)
        self.env = {**os.environ, "HOME": str(work), "XDG_STATE_HOME": f"{work}/state",
                    "TRACKIER_CONFIG": f"{work}/settings.toml"}
        key = self.work / "web.key"
        key.touch(0o600)
        key.write_text("17" * 32)
        old = self.work / "old & <b>.key"
        old.touch(0o600)
        old.write_text("18" * 32)
        os.utime(key, (FIRST.timestamp() - 86400 * 90,) * 2)
        os.utime(old, (FIRST.timestamp() - 86400 * 700,) * 2)
        text = (f'[keys]\nweb = "file:{key}"\nold = "file:{old}"\n[backup]\nstore = "{work}/store"\nprune = false\n'
                f'[encrypt]\nrecipients = ["{RECIPIENT}"]\n')
        for name in self.sources:
            text += f'[[source]]\nname = "{name}"\nkind = "sqlite"\npath = "{work}/{name}.db"\n'
            subprocess.run(["sqlite3", self.work / f"{name}.db", "create table t(a); insert into t values(1)"],
                           check=True)
        (self.work / "settings.toml").write_text(text)
        self("backup", check=True)
        self("verify", check=True)
        state = self.work / "state/trackier-ctl"
        self.key = Ed25519PrivateKey.from_private_bytes(
            bytes.fromhex((state / "backup/signing.key").read_text().strip()))
        self.log = Log()
        self.month()
        audit = state / "audit"
        for each in audit.iterdir():
            each.unlink()
        (audit / "00000001.jsonl").write_text("".join(line + "\n" for line in self.log.lines))
        (audit / "00000001.jsonl").chmod(0o600)
        self.witness = Ed25519PrivateKey.from_private_bytes(b"w" * 32)

    def anchored(self, size, time):
        """A checkpoint of the first records, as the witness has signed it, is kept; the settings name the witness."""
        hashes = [hashlib.sha256(b"\0" + line.encode()).digest() for line in self.log.lines[:size]]
        origin = self("audit", "key").stdout.decode().split("+")[0]
        text = f"{origin}\n{size}\n{base64.b64encode(tree_root(hashes)).decode()}\n"
        identity, _ = key_material(origin, 1, self.key)
        lines = signature_line(origin, identity, self.key.sign(text.encode()))
        identity, key = key_material("witness.example", 4, self.witness)
        seconds = int(time.timestamp())
        signature = self.witness.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        lines += signature_line("witness.example", identity, seconds.to_bytes(8, "big") + signature)
        with open(self.work / "state/trackier-ctl/audit/checkpoints", "a", encoding="utf-8") as kept:
            kept.write(f"{text}\n{lines}\n")
        with open(self.work / "settings.toml", "a", encoding="utf-8") as settings:
            settings.write(f'[[audit.witness]]\nkey = "{key}"\n')

    def __call__(self, *words, **more):
        return subprocess.run([self.binary, *words], env=self.env, capture_output=True, timeout=300,
                              **{"check": False, **more})

    def month(self):
        manifests = {name: self.template(name, "manifests") for name in self.sources}
        proofs = {name: self.template(name, "proofs") for name in self.sources}
        sequence, time = dict.fromkeys(self.sources, 0), FIRST
        proved = dict.fromkeys(self.sources, 0)
        while time < END:
            if time.day == 12 and time.hour in (4, 5, 6):  # the disk is full
                self.log.run(time + datetime.timedelta(minutes=5), "backup", code="io", exit_status=74)
            else:
                late = datetime.timedelta(minutes=48 if time.day == 20 and time.hour == 10 else 5)
                digests = {}
                for i, name in enumerate(self.sources):
                    sequence[name] += 1
                    digests["backup" + (f".{i + 1}" if i else "")] = self.manifest(
                        manifests[name], sequence[name], time, time + late)
                self.log.run(time + late, "backup", digests)
            if time.hour == 3:
                self.nightly(time)
            if time.hour == 4 and time.weekday() == 0:
                for i, name in enumerate(self.sources):
                    proved[name] += 1
                    self.drill(proofs[name], proved[name], time + datetime.timedelta(minutes=10 + i))
            time += HOUR

    def nightly(self, time):
        statuses = dict.fromkeys((
            "files.settings", "files.keys", "files.keyring", "files.state", "files.store",
            "memory.swap", "memory.core_dumps", "clock.synchronised", "ssh.root", "ssh.password", "ssh.keys",
            "backups.age", "backups.drill", "keys.age", "logrotate.audit", "endpoints.tls",
            "endpoints.plain_http", "endpoints.certificate"), "pass")
        statuses |= dict.fromkeys(("postgres.rules", "postgres.sslmode", "postgres.tls", "postgres.plaintext"),
                                  "not_applicable")
        if time.day == 17:
            statuses["memory.swap"] = "fail"
        if time.day > 27:  # nobody looked at it any more
            del statuses["ssh.keys"]
        self.log.run(time + datetime.timedelta(minutes=30), "check", statuses)
        self.log.run(time + datetime.timedelta(minutes=31), "anonymize")
        if time.day == 9:
            self.log.killed(time + datetime.timedelta(minutes=32), "anonymize")
            self.log.run(time + datetime.timedelta(minutes=50), "decrypt", uid=0, login=1001)
            self.log.run(time + datetime.timedelta(minutes=52), "keys.rotate", uid=0, login=1001)
            # By a clock that was ahead for a while: no evidence, and hides nothing that follows.
            self.log.run(time + datetime.timedelta(days=400), "keys.list")

    def template(self, source, kind):
        """What the program has made, taken away."""
        directory = self.work / "store/sources" / source / kind
        path, = directory.iterdir()
        made = json.loads(path.read_text().splitlines()[0])
        path.unlink()
        return directory, made

    def put(self, path, line, kind):
        """trackier-store(5), SIGNATURES."""
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        signature = self.key.sign((kind + "\n" + line + "\n").encode())
        plain = [base64.b64encode(each).decode().rstrip("=") for each in (public, signature)]
        text = f"{line}\n-- {plain[0]} {plain[1]}\n"
        path.write_text(text)
        path.chmod(0o600)
        return hashlib.sha256(text.encode()).hexdigest()

    def manifest(self, template, sequence, slot, taken):
        directory, made = template
        identity = number(f"{made['source']} {slot}")[:32]
        made = {**made, "id": identity, "sequence": sequence, "previous": "", "slot": rfc3339(slot),
                "started": rfc3339(taken), "taken": rfc3339(taken), "finished": rfc3339(taken)}
        name = f"{sequence:08}-{slot.strftime('%Y%m%dT%H%M%SZ')}-{identity}.json"
        digest = self.put(directory / name, json.dumps(made, separators=(",", ":")), "trackier-backup/1 manifest")
        os.utime(directory / name, (taken.timestamp(),) * 2)  # when the store got it
        return digest

    def drill(self, template, sequence, time):
        directory, made = template
        finished = time + datetime.timedelta(seconds=3 * sequence)
        made = {**made, "sequence": sequence, "previous": "", "started": rfc3339(time),
                "finished": rfc3339(finished), "rto_ms": 2100 * sequence + len(made["source"])}
        name = f"{sequence:08}-{time.strftime('%Y%m%dT%H%M%SZ')}-{made['backup']}.json"
        digest = self.put(directory / name, canonical(made), "trackier-proof/1")
        self.log.run(time, "verify", {"proof": digest}, seconds=3 * sequence + 1)
