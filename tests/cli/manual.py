"""Reading the manual: mdoc sources as text, by section."""
import pathlib
import re

PROJECT = pathlib.Path(__file__).resolve().parents[2]
MAN = PROJECT / "man"
MACROS = {"Ic", "Fl", "Ar", "Cm", "Op", "It", "Sx", "Xr", "Ev", "Pa", "Nm", "Dq", "Qq", "Ql", "Pq",
          "Sq", "No", "Ns", "Dv", "Sy", "Em", "Qo", "Qc", "Dl", "Ta", "D1", "Sh", "Ss"}


def pages():
    return sorted(each for each in MAN.iterdir() if re.fullmatch(r"\.[1-8]", each.suffix))


def page(name):
    return (MAN / name).read_text()


def section(text, title):
    """The lines of a section .Sh or subsection .Ss of that title."""
    start = re.search(rf"^\.(Sh|Ss) {re.escape(title)}(\\&)?$", text, re.MULTILINE)
    if not start:
        raise LookupError(f"no section {title}")
    end = r"^\.Sh " if start[1] == "Sh" else r"^\.S[hs] "
    return re.split(end, text[start.end():], maxsplit=1, flags=re.MULTILINE)[0]


def arguments(text, macro, line_macros=r"\.[A-Z]\w*"):
    """The words behind each occurrence of `macro` up to the next macro: {"file", ...}."""
    found = set()
    for line in text.splitlines():
        if not re.match(line_macros, line):
            continue
        words = line[1:].split()
        for i, word in enumerate(words):
            if word != macro:
                continue
            for each in words[i + 1:]:
                if each in MACROS:
                    break
                if each not in {",", ".", ";", ":", ")", "(", "|"}:
                    found.add(each.removesuffix(r"\&").strip('"'))
    return found


def options(text):
    """Options that a page describes: the tags "It Fl ..." of its lists, as --name and -x."""
    found = set()
    for tag in re.findall(r"^\.It (Fl .*)$", text, re.MULTILINE):
        found |= {"-" + each for each in re.findall(r"Fl (-?[\w-]+)", tag)}
    return found


def tags(text, macro="Ic"):
    """What the items of a list are called: ".It Ic lines , records" gives both."""
    found = set()
    for line in re.findall(rf"^\.It {macro} (.*)$", text, re.MULTILINE):
        for word in line.split():
            if word in MACROS:
                break
            if word != ",":
                found.add(word)
    return found


def examples(text):
    """The commands shown: ".Dl $ command"."""
    return [line.replace("\\(dq", '"').replace("\\e", "\\")
            for line in re.findall(r"^\.Dl \$ (.*)$", text, re.MULTILINE)]
