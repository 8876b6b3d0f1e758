import pytest
from gates import prose


@pytest.fixture
def makefile(write):
    write("Makefile", "help: ## list\n\t@echo\n\ntest: setup\n\tape test\n")
    write("scripts/demo.py", "")


def test_commands__that_exist__pass(checkout, write, makefile):
    write("README.md", "Run `make test`, then make sure of:\n\n```\nmake help\nape run demo\n```\n")
    report = prose.commands(checkout)
    assert report.passed
    assert report.covered == 3


def test_commands__that_do_not_exist__fail(checkout, write, makefile):
    write("contracts/README.md", "`make tests`\n\n```\nape run devnet --port 1\n```\n")
    assert prose.commands(checkout).problems == (
        "contracts/README.md:1: no `make tests`",
        "contracts/README.md:3: no `ape run devnet`",
    )


@pytest.mark.parametrize("where", ["/" + "root/keel", "/" + "home/dev/keel", "file" + ":///opt"])
def test_machine_paths__fail(checkout, write, where):
    write("README.md", f"fine\nsee {where}/x\n")
    (problem,) = prose.machine_paths(checkout).problems
    assert problem.startswith("README.md:2: ")


def test_codespell__misspelt__fails(checkout, write):
    write("README.md", "rec" + "ieve\n")
    assert not prose.codespell(checkout).passed
