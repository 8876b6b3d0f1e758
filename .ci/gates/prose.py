"""Gates on prose: spelling, commands that documents name, and places that belong to one machine."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

from gates import Report, run, tracked, verdict

CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^([a-z][\w-]*):.*\n((?:\t.*\n)*)", re.MULTILINE)
MAKE = re.compile(r"\bmake +(?P<name>[a-z][\w-]*)")
ARGS = re.compile(r"[^\n`#]*?\bARGS='?(?P<rest>[^\n`'#]*)")
PROGRAM = re.compile(
    r"\b(?P<said>ape run +(?P<script>[a-z][\w-]*)|python -m +(?P<module>[\w.]+)"
    r"|python +(?P<file>scripts/[\w/]+\.py))(?P<rest>[^\n`'#]*)"
)
OPTION = re.compile(r"(?<=\s)--[a-z][\w-]*")
LINK = re.compile(r"\]\((?P<target>[^)\s#]+)(?:#[^)\s]*)?\)")

# Written with classes, so that this file does not find itself.
FOREIGN = re.compile(
    r"/(?:[w]ork|[r]oot|[h]ome/\w+|[U]sers/\w+|[t]mp/\w+)/|[f]ile:///|[p]ypi\.org/simple|[f]iles\.pythonhosted"
    r'|registry\.[n]pmjs|[i]ndex-url|"[r]esolved": *"http'
)


def codespell(root: Path) -> Report:
    """Check the spelling of code and prose."""
    files = tracked(root)
    return verdict(len(files), "files", run(root, ["codespell", *files]))


def commands(root: Path) -> Report:
    """Check that every `make` target, script, module and option that a document names exists."""
    recipes = dict(TARGET.findall((root / "Makefile").read_text("utf-8")))
    covered = 0
    problems = []
    for path in tracked(root, "*.md", "**/*.md"):
        for line, code in _code(path.read_text("utf-8")):
            place = f"{path.relative_to(root)}:{line}"
            for match in MAKE.finditer(code):
                covered += 1
                name = match["name"]
                if name not in recipes:
                    problems.append(f"{place}: no `make {name}`")
                elif given := ARGS.match(code, match.end()):
                    for program in PROGRAM.finditer(recipes[name]):
                        problems += _unknown(root, place, f"make {name}", program, given["rest"])
            for program in PROGRAM.finditer(code):
                covered += 1
                said = re.sub(" +", " ", program["said"])
                if _source(root, program) is None:
                    problems.append(f"{place}: no `{said}`")
                problems += _unknown(root, place, said, program, program["rest"])
    return Report(covered, "commands", tuple(problems))


def _source(root: Path, program: re.Match[str]) -> Path | None:
    """What reads the program's options; of a module that isn't ours, its file."""
    if program["module"] is None:
        path = root / (program["file"] or f"scripts/{program['script']}.py")
        return path if path.exists() else None
    inside = program["module"].replace(".", "/")
    for base in (root, root / ".ci"):
        for path in (base / inside / "__main__.py", base / f"{inside}.py"):
            if path.exists():
                return path
    try:
        found = importlib.util.find_spec(program["module"])
    except ModuleNotFoundError:
        return None
    return Path(found.origin) if found and found.origin else None


def _unknown(root: Path, place: str, said: str, program: re.Match[str], rest: str) -> Iterator[str]:
    """Options that the program's source doesn't name."""
    source = _source(root, program)
    if source is None:
        return
    text = source.read_text("utf-8")
    known = {"--help", *re.findall(r"--[a-z][\w-]*", text)}
    known |= {"--network"} if "network_option" in text else set()
    for option in OPTION.findall(f" {rest}"):
        if option not in known:
            yield f"{place}: `{said}` has no {option}"


def links(root: Path) -> Report:
    """Check that every file that a document links to is in the checkout."""
    covered = 0
    problems = []
    for path in tracked(root, "*.md", "**/*.md"):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for match in LINK.finditer(line):
                if "://" in match["target"]:
                    continue
                covered += 1
                if not (path.parent / match["target"]).exists():
                    problems.append(f"{path.relative_to(root)}:{number}: no {match['target']}")
    return Report(covered, "links", tuple(problems))


def _code(text: str) -> Iterator[tuple[int, str]]:
    for match in CODE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[0]


def machine_paths(root: Path) -> Report:
    """Check that no file names a place on its author's machine or a package index."""
    files = tracked(root)
    problems = []
    for path in files:
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if match := FOREIGN.search(line):
                problems.append(f"{path.relative_to(root)}:{number}: {match[0]}")
    return Report(len(files), "files", tuple(problems))
