"""One scenario: its files, its commands and what they check. The language is described in
run_scenarios.py."""
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

import programs

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("TRACKIER_SHARED", PROJECT.parent / "shared"))
FILE_MARK = re.compile(r"^-- (.+) --$")
SHOWN = 1500  # bytes of a stream in the details of a failure


class Failure(Exception):
    pass


class Skip(Exception):
    pass


@dataclasses.dataclass
class Outcome:
    name: str
    verdict: str
    commands: int
    seconds: float
    details: str


def parse(text):
    """Numbered lines of commands, and files by name."""
    commands, files, current = [], {}, None
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        mark = FILE_MARK.match(line)
        if mark:
            current = files.setdefault(mark[1], [])
        elif current is not None:
            current.append(line + "\n")
        elif line.strip() and not line.lstrip().startswith("#"):
            commands.append((number, line.strip()))
    return commands, {name: "".join(lines) for name, lines in files.items()}


def words_of(line, variables):
    words, word, quoted, i = [], None, False, 0
    while i < len(line):
        c = line[i]
        if quoted:
            if c == "'" and line[i + 1:i + 2] == "'":
                word, i = word + "'", i + 1
            elif c == "'":
                quoted = False
            else:
                word += c
        elif c == "'":
            quoted, word = True, word or ""
        elif c.isspace():
            if word is not None:
                words.append(word)
            word = None
        elif c == "#" and word is None:
            break
        elif c == "$" and (name := re.match(r"\{?(\w+)\}?", line[i + 1:])):
            if name[1] not in variables:
                raise Failure(f"there is no variable ${name[1]}")
            word, i = (word or "") + variables[name[1]], i + name.end()
        else:
            word = (word or "") + c
        i += 1
    if quoted:
        raise Failure("a quote is not closed")
    return words if word is None else words + [word]


def signal_number(name):
    try:
        return signal.Signals[name if name.startswith("SIG") else "SIG" + name]
    except KeyError:
        raise Failure(f"there is no signal {name}") from None


def has_sanitizer(binary):
    return b"__asan_init" in binary.read_bytes() or b"__tsan_init" in binary.read_bytes()


def may_mount():
    try_it = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/tmp"]
    return shutil.which("unshare") is not None and subprocess.run(
        try_it, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


class Scenario:
    def __init__(self, path, binary, keep=False):
        self.path, self.binary, self.keep = path, binary, keep
        self.background, self.last, self.input, self.typed = {}, None, None, b""
        self.answers = []
        self.expected_to_fail = {}

    def run(self):
        started = time.monotonic()
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="trackier-scenario-"))
        verdict, details, done, number, line = "ok", "", 0, 0, ""
        try:
            commands, files = parse(self.path.read_text())
            self.prepare(files)
            for number, line in commands:
                self.command(line)
                done += 1
            if self.background:
                raise Failure(f"not waited for: {', '.join(self.background)}")
        except Skip as skip:
            verdict, details = "SKIPPED", f"    SKIPPED: line {number}: {line}: {skip}"
        except (Failure, programs.Hanging, OSError, IndexError, ValueError, re.error) as failure:
            verdict, details = "FAILED", self.explain(number, line, failure)
        finally:
            for each in self.background.values():
                each.kill()
        if verdict == "FAILED" and self.keep:
            details += f"\n    kept: {self.top}"
        else:
            shutil.rmtree(self.top)
        return Outcome(self.path.stem, verdict, done, time.monotonic() - started, details)

    def prepare(self, files):
        self.work = self.top / "work"
        path = self.top / "bin"
        for directory in (self.work, path, self.top / "home", self.top / "streams"):
            directory.mkdir()
        (path / "trackier-ctl").symlink_to(self.binary)
        for name, text in files.items():
            (self.work / name).parent.mkdir(parents=True, exist_ok=True)
            (self.work / name).write_bytes(text.encode())
        self.env = {"PATH": f"{path}:{os.environ.get('PATH', '/usr/bin:/bin')}", "LANG": "C.UTF-8",
                    "HOME": str(self.top / "home"), "TMPDIR": str(self.top / "streams"),
                    "XDG_STATE_HOME": str(self.top / "state"),
                    "WORK": str(self.work), "SAMPLES": str(PROJECT / "samples"),
                    "SHARED": str(SHARED), "PYTHON": sys.executable}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        if pathlib.Path("/etc/trackier-ctl/config.toml").exists():
            # The machine's own settings must not decide: the user's go before them.
            own = self.top / "home/.config/trackier-ctl/config.toml"
            own.parent.mkdir(parents=True)
            own.touch()

    def explain(self, number, line, failure):
        out = [f"    {self.path.name}:{number}: {line}", f"    {failure}"]
        if self.last is not None:
            out.append(f"    the last program ended with {self.last.status}")
            for name in ("stdout", "stderr"):
                data = getattr(self.last, name)
                text = data[:SHOWN].decode(errors="backslashreplace")
                out += [f"    {name}, {len(data)} bytes:"] if data else []
                out += [f"      {each}" for each in text.splitlines()]
        return "\n".join(out)

    def command(self, line):
        words = words_of(line, self.env)
        negated = words[0] == "!"
        name, *rest = words[1:] if negated else words
        method = getattr(self, "do_" + name.replace("-", "_"), None)
        if method is None:
            raise Failure(f"there is no command {name}")
        method(negated, *rest)

    # Names of files: "stdout" and "stderr" are the streams of the last program.

    def file(self, name):
        return self.work / name

    def read(self, name):
        if name in ("stdout", "stderr"):
            return getattr(self.ended(), name)
        return self.file(name).read_bytes()

    def ended(self):
        if self.last is None:
            raise Failure("no program has run yet")
        return self.last

    # Programs

    def do_exec(self, negated, *words):
        words = list(words)
        source, self.input = self.input, None
        if words[-1].startswith("&") and len(words[-1]) > 1:
            name = words.pop()[1:]
            stdin = open(os.devnull if source is None else self.file(source), "rb")
            self.expected_to_fail[name] = negated
            self.background[name] = programs.Background(words, self.work, self.env, stdin,
                                                        self.top / "streams", name)
            return
        data = b"" if source is None else self.read(source)
        self.finish(negated, programs.run(words, self.work, self.env, data))

    def do_shell(self, negated, *words):
        line, *name = words
        if name and not name[0].startswith("&"):
            raise Failure("the line for sh has to be one word: put it in quotes")
        self.do_exec(negated, "sh", "-c", line, *name)

    def do_pty(self, negated, kind, *words):
        words = ["sh", "-c", *words] if kind == "shell" else list(words)
        typed, self.typed = self.typed, b""
        answers, self.answers = self.answers, []
        self.finish(negated, programs.run_on_terminal(words, self.work, self.env, typed, answers))

    def finish(self, negated, result):
        self.last = result
        if negated == (result.status == 0):
            raise Failure("it succeeded" if negated else "it failed")

    def do_stdin(self, _negated, name):
        self.input = name

    def do_ttyin(self, _negated, text):
        self.typed = text.encode().decode("unicode_escape").encode("latin-1")

    def do_answer(self, _negated, prompt, text):
        self.answers.append((prompt.encode(), text.encode().decode("unicode_escape").encode("latin-1")))

    def do_signal(self, _negated, name, program):
        self.background[program].send(signal_number(name))

    def until(self, what, true):
        end = time.monotonic() + programs.PATIENCE
        while not true():
            if time.monotonic() > end:
                raise Failure(f"{what}: not within {programs.PATIENCE:.0f} s")
            time.sleep(0.01)

    def do_await(self, _negated, program, regex):
        process = self.background[program]
        pattern = re.compile(regex.encode(), re.MULTILINE)

        def matched():
            ended = process.process.poll() is not None
            if any(pattern.search(each) for each in process.streams()):
                return True
            if ended:
                raise Failure(f"{program} has ended with {process.process.returncode}")
            return False

        self.until(regex, matched)

    def do_appears(self, _negated, name):
        self.until(name, self.file(name).exists)

    def do_wait(self, _negated, program):
        self.finish(self.expected_to_fail[program], self.background.pop(program).wait())

    # Checks

    def do_exit(self, _negated, wanted):
        status = self.ended().status
        if str(status) != wanted:
            raise Failure(f"exit {status}, wanted {wanted}")

    def matches(self, negated, name, regex):
        found = re.search(regex.encode(), self.read(name), re.MULTILINE)
        if negated and found:
            raise Failure(f"{name} matches: {found[0][:200]!r}")
        if not negated and not found:
            raise Failure(f"{name} does not match")

    def do_stdout(self, negated, regex):
        self.matches(negated, "stdout", regex)

    def do_stderr(self, negated, regex):
        self.matches(negated, "stderr", regex)

    def do_count(self, _negated, wanted, regex, name="stdout"):
        found = len(re.findall(regex.encode(), self.read(name), re.MULTILINE))
        if found != int(wanted):
            raise Failure(f"{found} matches in {name}")

    def do_contains(self, negated, name, text):
        if negated == (text.encode() in self.read(name)):
            raise Failure(f"{name} has it" if negated else f"{name} has it not")

    def do_cmp(self, negated, one, other):
        a, b = self.read(one), self.read(other)
        if negated and a == b:
            raise Failure("they are equal")
        if not negated and a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            raise Failure(f"they differ at byte {at} of {len(a)} and {len(b)}: "
                          f"{a[at:at + 60]!r} and {b[at:at + 60]!r}")

    def do_exists(self, negated, *names):
        for name in names:
            if negated == os.path.lexists(self.file(name)):
                raise Failure(f"{name} is there" if negated else f"{name} is not there")

    def do_files(self, _negated, directory, *names):
        there = sorted(os.listdir(self.file(directory)))
        if there != sorted(names):
            raise Failure(f"there are: {' '.join(map(repr, there))}")

    def do_mode(self, _negated, name, wanted):
        mode = stat.S_IMODE(self.file(name).stat().st_mode)
        if mode != int(wanted, 8):
            raise Failure(f"it is {mode:04o}")

    # Files

    def do_save(self, _negated, name):
        self.file(name).write_bytes(self.ended().stdout)

    def do_cp(self, _negated, source, target):
        shutil.copy(self.file(source), self.file(target))

    def do_mkdir(self, _negated, *names):
        for name in names:
            self.file(name).mkdir(parents=True)

    def do_rm(self, _negated, *names):
        for name in names:
            path = self.file(name)
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def do_chmod(self, _negated, mode, *names):
        for name in names:
            self.file(name).chmod(int(mode, 8))

    def do_symlink(self, _negated, target, name):
        self.file(name).symlink_to(target)

    def do_hardlink(self, _negated, target, name):
        os.link(self.file(target), self.file(name))

    def do_mkfifo(self, _negated, *names):
        for name in names:
            os.mkfifo(self.file(name))

    def do_env(self, _negated, text):
        name, equals, value = text.partition("=")
        self.env.pop(name, None)
        if equals:
            self.env[name] = value

    def do_skip_unless(self, _negated, what):
        there = {"root": lambda: os.geteuid() == 0, "user": lambda: os.geteuid() != 0,
                 "release": lambda: not has_sanitizer(self.binary),
                 "shared": lambda: (SHARED / "data").is_dir(), "mount": may_mount}
        if not there.get(what, lambda: shutil.which(what) is not None)():
            raise Skip(f"{what} is not there")
