import os
import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def keel_root():
    return Path(os.environ["KEEL_ROOT"])


@pytest.fixture
def checkout(tmp_path, keel_root):
    """A checkout that holds only its compiler settings."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    shutil.copy(keel_root / "ape-config.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def write(checkout):
    def write(path, text):
        target = checkout / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    return write
