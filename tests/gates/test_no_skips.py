import os
import subprocess
import sys

import pytest

SKIPS = """
import pytest

def test_runs():
    pass

@pytest.mark.skip(reason="no browser")
def test_skips():
    pass
"""


@pytest.mark.parametrize(
    ("ci", "code", "closing"), [("true", 1, "1 passed, 1 error"), ("", 0, "1 passed, 1 skipped")]
)
def test_skip__fails_in_ci_alone(tmp_path, keel_root, ci, code, closing):
    (tmp_path / "test_it.py").write_text(SKIPS)
    command = [sys.executable, "-m", "pytest", "-p", "no:ape_test", "-p", "tests.fixtures.ci", "."]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"CI": ci}, capture_output=True, text=True
    )
    assert done.returncode == code
    assert closing in done.stdout.splitlines()[-1]
    assert ("no browser" in done.stdout) is bool(ci)


def test_module_level_skip__fails_in_ci(tmp_path):
    (tmp_path / "test_it.py").write_text('import pytest\npytest.importorskip("no_such_module")\n')
    command = [sys.executable, "-m", "pytest", "-p", "no:ape_test", "-p", "tests.fixtures.ci", "."]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"CI": "1"}, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "no_such_module" in done.stdout
