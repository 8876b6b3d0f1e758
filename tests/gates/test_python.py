import pytest
from gates import python, shell


@pytest.mark.parametrize(
    ("gate", "path", "wrong", "right"),
    [
        (python.ruff_format, "keel/a.py", "x  =  1\n", "x = 1\n"),
        (python.ruff_check, "keel/a.py", "import os\n", "x = 1\n"),
        (python.mypy, "keel/a.py", "x: int = ''\n", "x: int = 1\n"),
        (shell.shellcheck, ".ci/a.sh", "#!/bin/bash\necho $1\n", '#!/bin/bash\necho "$1"\n'),
    ],
)
def test_gate__fails_on_wrong_and_passes_on_right(checkout, write, gate, path, wrong, right):
    write("pyproject.toml", '[tool.mypy]\npackages = ["keel"]\n')
    write("keel/__init__.py", "")
    assert not gate(checkout).passed or gate is not shell.shellcheck
    write(path, wrong)
    assert not gate(checkout).passed
    write(path, right)
    assert gate(checkout).passed
