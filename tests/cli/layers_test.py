#!/usr/bin/env python3
"""Holds every #include of lib/ and cli/ against the layers declared in CMakeLists.txt, and the rules
of the library: it does not print, does not read the environment and does not ask what time it is."""
import pathlib
import re
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]

# A header of somebody else is seen by the .cpp files of one area and by nobody else; JSON is read and
# written by several.
FOREIGN = {
    r"openssl/": ["lib/crypto"], r"isa-l": ["lib/codec"], r"zlib\.h|zstd": ["lib/codec"],
    r"re2/": ["lib/anonymize"], r"xxhash": ["lib/risk"], r"toml\+\+/": ["lib/config"], r"CLI/": ["cli"], r"date/": ["lib/core"],
    r"nlohmann/": ["cli", "lib/alert", "lib/envelope", "lib/keyring", "lib/store", "lib/backup", "lib/content",
                   "lib/proof", "lib/law", "lib/incident", "lib/scope", "lib/notice", "lib/report"],
    r"cmark|kainjow/": ["lib/notice"],
    r"sqlite3\.h": ["lib/sqlite"], r"libpq": ["lib/postgres"], r"curl/": ["lib/net"], r"dlfcn": ["lib/os"],
    r"^seccomp\.h": ["lib/os"],
}
# A header that gives such a library's objects owners, for the .cpp files beside it alone.
WRAPPERS = {"crypto/openssl.hpp", "postgres/libpq.hpp", "net/curl.hpp", "law/json_member.hpp", "incident/event_json.hpp",
            "cli/status_part.hpp"}
ANYWHERE = r"fmt/"
SYSTEM = r"sys/|linux/|netinet/|arpa/"
POSIX = {"unistd.h", "pwd.h", "fcntl.h", "pthread.h", "spawn.h", "sched.h", "signal.h", "termios.h", "poll.h", "fnmatch.h", "glob.h", "dirent.h",
         "emmintrin.h", "immintrin.h"}

# What the library does not do. The clock that runs backwards at no time is for waiting, not telling.
FORBIDDEN = {
    r"#include <(iostream|cstdio|stdio\.h)>": "prints",
    r"\b(std::)?(printf|fprintf|puts|fputs)\s*\(": "prints",
    r"\bstd::(cout|cerr|clog)\b": "prints",
    r"\bfmt::print\b": "prints",
    r"\b(secure_)?getenv\s*\(": "reads the environment",
    r"\benviron\b": "reads the environment",
    r"\bsystem_clock\b": "asks what time it is",
    r"\b(std::)?time\s*\(\s*(nullptr|NULL|0)\s*\)": "asks what time it is",
    r"\bgettimeofday\s*\(": "asks what time it is",
}
ALLOWED = {("lib/os/posix_file_system.cpp", "#include <cstdio>"),  # renameat2 is declared there
           ("lib/os/zone.cpp", "getenv(")}  # the zone of the C library stands there


def areas():
    text = (PROJECT / "CMakeLists.txt").read_text()
    text = re.sub(r"#.*", "", text)
    found = {}
    for body in re.findall(r"^trackier_area\((.*?)\)", text, re.MULTILINE | re.DOTALL):
        words = body.split()
        uses = words[words.index("USES") + 1:] if "USES" in words else []
        found[words[0]] = set(uses[:uses.index("LINKS")] if "LINKS" in uses else uses)
    return found


def place_of(path):
    parts = path.relative_to(PROJECT).parts
    return "cli" if parts[0] == "cli" else "/".join(parts[:2])


def code_of(text):
    """Without comments, strings and characters, but with #include lines."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(\\.|[^"\\\n])*"', re.DOTALL)

    def keep(match):
        before = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
        return match[0] if before.lstrip().startswith("#include") else " "

    return token.sub(keep, text)


def check_include(path, header, quoted, uses):
    place, where = place_of(path), path.relative_to(PROJECT)
    area = header.split("/")[0]
    if quoted:
        if place == "cli":
            if area in uses and (PROJECT / "lib" / header).is_file():
                return None
            return None if (PROJECT / "cli" / header).is_file() else f"{where}: no header {header}"
        mine = place.removeprefix("lib/")
        if "/" not in header or not (PROJECT / "lib" / header).is_file():
            return f'{where}: "{header}" is no header of lib; write "area/file.hpp"'
        if header in WRAPPERS and (area != mine or path.suffix != ".cpp"):
            return f"{where}: {header} is for the .cpp files of {area} alone"
        if area != mine and area not in uses[mine]:
            return f"{where}: {mine} may not include {header}: it names only {sorted(uses[mine])}"
        return None
    for pattern, owners in FOREIGN.items():
        if re.match(pattern, header):
            if place not in owners:
                return f"{where}: <{header}> belongs to {', '.join(owners)}"
            if path.suffix == ".cpp" or str(where).removeprefix("lib/") in WRAPPERS:
                return None
            return f"{where}: <{header}> belongs in a .cpp file"
    known = re.match(ANYWHERE, header) or re.match(SYSTEM, header) or header in POSIX
    if known or re.fullmatch(r"[a-z_0-9]+", header):  # the standard library has no suffix
        return None
    return f"{where}: <{header}>: whose is it? Name its area in layers_test.py"


def check_file(path, uses):
    text = code_of(path.read_text())
    found = [check_include(path, header, opening == '"', uses)
             for opening, header in re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', text,
                                               re.MULTILINE)]
    where = str(path.relative_to(PROJECT))
    if where.startswith("lib/"):
        for pattern, what in FORBIDDEN.items():
            for match in re.finditer(pattern, text):
                if (where, match[0]) not in ALLOWED:
                    line = text.count("\n", 0, match.start()) + 1
                    found.append(f"{where}: near line {line}: lib never {what}: {match[0]}")
    return [each for each in found if each]


def check_itself(uses):
    """The test must be able to fail: what is forbidden is found."""
    lib = PROJECT / "lib/core/text.cpp"
    assert check_include(lib, "anonymize/job.hpp", True, uses)
    assert check_include(lib, "text.hpp", True, uses)
    assert check_include(lib, "openssl/evp.h", False, uses)
    assert check_include(PROJECT / "lib/crypto/secret.hpp", "openssl/evp.h", False, uses)
    assert check_include(lib, "boost/any.hpp", False, uses)
    assert check_include(PROJECT / "lib/crypto/secret.hpp", "crypto/openssl.hpp", True, uses)
    assert check_include(PROJECT / "lib/keys/reference.cpp", "crypto/openssl.hpp", True, uses)
    assert not check_include(PROJECT / "lib/keys/reference.cpp", "os/process.hpp", True, uses)
    assert not check_include(lib, "vector", False, uses)
    assert code_of('int a; // getenv(\n"printf(" x') == 'int a;  \n  x'


def cycles(uses):
    def reach(area, path):
        if area in path:
            return [f"areas use each other in a circle: {' -> '.join(path + (area,))}"]
        return [each for used in sorted(uses.get(area, ())) for each in reach(used, path + (area,))]
    return [each for area in uses for each in reach(area, ())]


def main():
    uses = areas()
    check_itself(uses)
    files = sorted(path for folder in ("lib", "cli") for path in (PROJECT / folder).rglob("*")
                   if path.suffix in {".cpp", ".hpp"})
    failures = cycles(uses)
    declared, there = set(uses), {path.name for path in (PROJECT / "lib").iterdir() if path.is_dir()}
    failures += [f"lib/{name} has no line trackier_area in CMakeLists.txt" for name in there - declared]
    failures += [f"CMakeLists.txt names an area {name} that is not there" for name in declared - there]
    for path in files:
        failures += check_file(path, uses)
    print("\n".join(failures + [f"{len(files)} files, {len(uses)} areas, {len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
