"""Gates on Solidity sources: form, names, lengths, and division on money."""

import re
from collections import defaultdict
from pathlib import Path

from gates import Report, run, tracked, verdict
from gates.analysis import Node, analyse, compiler, line_of, walk

SOURCES = ("contracts/**.sol", "interfaces/**.sol")

# A file is split, by library first, before it reaches the limit; one past the target is shown.
TARGET_LINES = 500
MAX_LINES = 800

DIVISIONS = {"/", ">>", "/=", ">>="}
ASSEMBLY_DIVISIONS = {"div", "sdiv", "shr", "sar"}
WAIVER = re.compile(r"// division: (?P<reason>.{10,})$")


def forge_fmt(root: Path) -> Report:
    """Check that forge's formatter would change nothing."""
    files = tracked(root, *SOURCES)
    return verdict(len(files), "files", run(root, ["forge", "fmt", "--check", *files]))


def forge_lint(root: Path) -> Report:
    """Lint with forge; a note is a failure. It reads the sources through the pinned compiler."""
    files = tracked(root, *SOURCES)
    outcome = run(root, ["forge", "lint", *files], FOUNDRY_SOLC=str(compiler(root)))
    return verdict(len(files), "files", outcome)


def solhint(root: Path) -> Report:
    """Lint with solhint; a warning is a failure."""
    files = tracked(root, *SOURCES)
    strict = ("--noPoster", "--disc", "--max-warnings", "0")
    return verdict(len(files), "files", run(root, ["solhint", *strict, *files]))


def warnings(root: Path) -> Report:
    """Check that the compiler has nothing to say about our own files."""
    analysis = analyse(root)
    problems = tuple(
        " ".join(message["formattedMessage"].split())
        for message in analysis.output.get("errors", ())
        if message.get("sourceLocation", {}).get("file") in analysis.trees
    )
    return Report(len(analysis.trees), "files", problems)


def names(root: Path) -> Report:
    """Check that each file holds one contract of its own name, and that no name is used twice.

    Two contracts of one name compile silently, and only one of them can be reached.
    """
    found = defaultdict(list)
    problems = []
    for contract in analyse(root).contracts:
        found[contract.name].append(contract.path)
        if contract.name != Path(contract.path).stem:
            problems.append(f"{contract.path}: contains {contract.name}, wants a file of its own")
    problems += [
        f"{name}: in {', '.join(paths)}" for name, paths in found.items() if len(paths) > 1
    ]
    return Report(len(found), "contracts", tuple(problems))


def lengths(root: Path) -> Report:
    """Check that no source file outgrows one sitting."""
    files = tracked(root, *SOURCES, "**.py")
    counts = {path.relative_to(root): len(path.read_text("utf-8").splitlines()) for path in files}
    return Report(
        len(files),
        "files",
        tuple(
            f"{path}: {n} lines, at most {MAX_LINES}" for path, n in counts.items() if n > MAX_LINES
        ),
        tuple(f"{path}: {n} lines" for path, n in counts.items() if TARGET_LINES < n <= MAX_LINES),
    )


def bare_division(root: Path) -> Report:
    """Check that outside libraries every division names its direction.

    A division that no money passes through is waived on its line: `// division: <reason>`.
    """
    problems = []
    covered = 0
    for path, tree in analyse(root).trees.items():
        if not path.startswith("contracts/") or path.startswith(
            ("contracts/libraries/", "contracts/mocks/")
        ):
            continue
        covered += 1
        source = (root / path).read_bytes()
        lines = source.decode("utf-8").splitlines()
        divided = {line_of(source, node) for node in walk(tree) if _divides(node)}
        waived = {number for number, line in enumerate(lines, 1) if "// division:" in line}
        for number in sorted(divided ^ waived):
            if number in waived:
                problems.append(f"{path}:{number}: waives a division that is not there")
            else:
                problems.append(f"{path}:{number}: bare division: {lines[number - 1].strip()}")
        for number in sorted(divided & waived):
            if not WAIVER.search(lines[number - 1]):
                problems.append(f"{path}:{number}: waiver without a reason")
    return Report(covered, "files", tuple(problems))


def _divides(node: Node) -> bool:
    kind = node["nodeType"]
    if kind == "YulFunctionCall":
        return node["functionName"]["name"] in ASSEMBLY_DIVISIONS
    if kind in ("BinaryOperation", "Assignment") and node["operator"] in DIVISIONS:
        # Constants such as `365 days / 2` are exact rationals at compile time.
        return not node["typeDescriptions"]["typeString"].startswith(
            ("int_const", "rational_const")
        )
    return False
