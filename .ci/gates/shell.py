"""Gates on shell scripts."""

from pathlib import Path

from gates import Report, run, tracked, verdict


def shellcheck(root: Path) -> Report:
    """Lint every shell script."""
    files = [*tracked(root, "**.sh"), *tracked(root, ".ci/run")]
    return verdict(len(files), "scripts", run(root, ["shellcheck", *files]))
