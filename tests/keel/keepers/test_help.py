"""What the command line says of itself."""

import argparse
import importlib.util
from pathlib import Path

import click
import pytest

from keel.keepers.__main__ import _parser

SCRIPTS = sorted((Path(__file__).parents[3] / "scripts").glob("*.py"))


def commands():
    (found,) = (
        action.choices for action in _parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )  # fmt: skip
    return found


@pytest.mark.parametrize("name", sorted(commands()))
def test_keepers__each_option__says_what_it_is(name):
    command = commands()[name]
    silent = [action.option_strings or action.dest for action in command._actions
              if not action.help]  # fmt: skip
    assert silent == []
    assert command.format_help(), "its texts take their defaults"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script__each_option__says_what_it_is(path):
    spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cli = getattr(module, "cli", None)
    if cli is None:
        assert "__main__" in path.read_text(), "a script of another kind"
        return
    silent = [each.name for each in cli.params if isinstance(each, click.Option) and not each.help]
    assert silent == []
    assert cli.help
