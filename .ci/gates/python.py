"""Gates on Python sources."""

from pathlib import Path

from gates import Report, run, tracked, verdict


def ruff_format(root: Path) -> Report:
    """Check that ruff's formatter would change nothing."""
    files = tracked(root, "**.py")
    return verdict(len(files), "files", run(root, ["ruff", "format", "--check", *files]))


def ruff_check(root: Path) -> Report:
    """Lint with ruff."""
    files = tracked(root, "**.py")
    return verdict(len(files), "files", run(root, ["ruff", "check", "--quiet", *files]))


def mypy(root: Path) -> Report:
    """Check the types of the package and of these gates, strictly."""
    files = tracked(root, "keel/**.py", ".ci/**.py")
    return verdict(len(files), "files", run(root, ["mypy", "--no-error-summary"]))
