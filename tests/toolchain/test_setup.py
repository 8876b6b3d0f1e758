"""Set-up on a machine where something is missing: one line, the next step, a failure."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NEEDED = ("bash", "dirname", "cat")


@pytest.fixture
def path(tmp_path):
    """A PATH with nothing on it but what a shell script cannot do without."""
    for name in NEEDED:
        (tmp_path / name).symlink_to(shutil.which(name))
    return tmp_path


@pytest.fixture
def offer(path):
    def offer(name, answer):
        """Put on PATH a `name` that only knows its version."""
        script = f'#!{path}/bash\necho "{answer}"\n[ "$1" = --version ]\n'
        (path / name).write_text(script)
        (path / name).chmod(0o755)

    return offer


@pytest.fixture
def set_up(path):
    def set_up():
        script = Path(os.environ["KEEL_ROOT"]) / ".ci" / "setup.sh"
        return subprocess.run(
            [str(path / "bash"), str(script)],
            env={"PATH": str(path)},
            capture_output=True,
            text=True,
        )

    return set_up


@pytest.fixture
def python(path):
    (path / "python3").write_text(f'#!{path}/bash\nexec "{sys.executable}" "$@"\n')
    (path / "python3").chmod(0o755)


def refusal(done):
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_setup__without_python__fails(set_up):
    assert refusal(set_up()) == (
        "keel set-up: no Python 3.11 or 3.12 found (python3.12: none, python3.11: none, "
        "python3: none). Next: install one of them and run make setup"
    )


def test_setup__with_an_old_python__fails(set_up, offer):
    offer("python3", "Python 3.9.1")
    assert "python3: Python 3.9.1)" in refusal(set_up())


@pytest.mark.parametrize("present", [(), ("git",)])
def test_setup__without_git_or_node__fails(set_up, offer, python, present):
    for name in present:
        offer(name, "")
    missing = "node" if present else "git"
    assert refusal(set_up()).startswith(f"keel set-up: {missing} not found. Next: install ")


def test_setup__with_an_old_node__fails(set_up, offer, python):
    offer("git", "")
    offer("node", "v18.1.0")
    assert refusal(set_up()) == (
        "keel set-up: Node v18.1.0 is too old. Next: install Node >= 20 and run make setup"
    )
