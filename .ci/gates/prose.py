"""Gates on prose: spelling, commands that documents name, and places that belong to one machine."""

import re
from collections.abc import Iterator
from pathlib import Path

from gates import Report, run, tracked, verdict

CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"\bmake +(?P<name>[a-z][\w-]*)")
APE_RUN = re.compile(r"\bape run +(?P<name>[a-z][\w-]*)(?P<rest>[^\n`'#]*)")
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
    """Check that every `make` target, ape script and option of it that a document names exists."""
    targets = set(
        re.findall(r"^([a-z][\w-]*):", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    scripts = {path.stem for path in tracked(root, "scripts/*.py")}
    covered = 0
    problems = []
    for path in tracked(root, "*.md", "**/*.md"):
        for line, code in _code(path.read_text("utf-8")):
            for pattern, known in ((MAKE, targets), (APE_RUN, scripts)):
                for match in pattern.finditer(code):
                    covered += 1
                    place = f"{path.relative_to(root)}:{line}"
                    if match["name"] not in known:
                        said = match[0].partition(" -")[0] if pattern is APE_RUN else match[0]
                        problems.append(f"{place}: no `{said.strip()}`")
                    elif pattern is APE_RUN:
                        problems += [
                            f"{place}: `ape run {match['name']}` has no {option}"
                            for option in OPTION.findall(match["rest"])
                            if option not in _options(root / "scripts" / f"{match['name']}.py")
                        ]
    return Report(covered, "commands", tuple(problems))


def _options(script: Path) -> set[str]:
    source = script.read_text("utf-8")
    ape_s = {"--network"} if "network_option" in source else set()
    return ape_s | {"--help"} | set(re.findall(r"--[a-z][\w-]*", source))


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
