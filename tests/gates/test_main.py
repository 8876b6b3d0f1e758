"""The verdict: a gate that fails or looked at nothing fails the run, and each has its test."""

import re
from pathlib import Path

import pytest
from gates import Report, __main__

REPORTS = {
    "right": Report(3, "files"),
    "wrong": Report(3, "files", ("a.py:1: wrong",)),
    "idle": Report(0, "files"),
}


def test_main__help__tells_what_each_gate_checks(capsys):
    assert __main__.main(["--help"]) == 0
    told = capsys.readouterr().out.splitlines()[2:]
    assert [line.split()[0] for line in told] == list(__main__.GATES)
    assert all(line.split()[1] in ("Check", "Compare", "Lint", "Run") for line in told)


@pytest.fixture
def gates(monkeypatch, keel_root):
    monkeypatch.setattr(
        __main__, "GATES", {name: lambda _, of=report: of for name, report in REPORTS.items()}
    )


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["right"], 0),
        (["wrong"], 1),
        (["idle"], 1),
        (["right", "idle"], 1),
        ([], 1),
        (["no-such"], 2),
    ],
)
def test_main__exit_code(gates, capsys, names, code):
    assert __main__.main(names) == code
    said = capsys.readouterr()
    if "wrong" in names:
        assert "wrong: a.py:1: wrong" in said.out
    if "idle" in names:
        assert "idle: found no files to look at" in said.out
    if code == 2:
        assert "no such gate: no-such. Next: choose from right, wrong, idle" in said.err


def test_main__failed_compilation__fails(monkeypatch, capsys, keel_root):
    def broken(_):
        raise __main__.CompilationFailed("ParserError: expected ';'")

    monkeypatch.setattr(__main__, "GATES", {"broken": broken})
    assert __main__.main([]) == 1
    assert "ParserError" in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(__main__.GATES))
def test_gate__has_a_test_that_feeds_it_something_wrong(name):
    """By name of the function, in a file of this folder that asks for problems or a failure."""
    gate = __main__.GATES[name]
    module = gate.__module__.rpartition(".")[2]
    called = re.compile(rf"\b{module}\.{gate.__name__}\b")
    texts = [path.read_text() for path in Path(__file__).parent.glob("test_*.py")]
    assert any(
        called.search(text) and re.search(r"not \S+\.passed|\.problems", text) for text in texts
    )
