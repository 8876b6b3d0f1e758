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


def test_commands__options_of_scripts(checkout, write, makefile):
    write("scripts/demo.py", 'network_option()\nclick.option("--quick/--slow", "--days")\n')
    write("README.md", "`ape run demo --network a:b --quick --days 7 --slow --help # --not-me`\n")
    assert prose.commands(checkout).passed
    write("README.md", "`ape run demo --quick --fast`\n")
    assert prose.commands(checkout).problems == ("README.md:1: `ape run demo` has no --fast",)


def test_commands__modules_and_their_options(checkout, write, makefile):
    write("keel/keepers/__main__.py", 'add_argument("--rpc")\n')
    write("README.md", "`python -m keel.keepers run x --rpc y`, `python -m json.tool --compact`\n")
    assert prose.commands(checkout).passed
    write("README.md", "`python -m keel.keepers --rcp y`, `python -m keel.gone`\n")
    assert prose.commands(checkout).problems == (
        "README.md:1: `python -m keel.keepers` has no --rcp",
        "README.md:1: no `python -m keel.gone`",
    )


def test_commands__arguments_of_make(checkout, write, makefile):
    write("Makefile", "demo: compile ## play\n\t@$(ENV) ape run demo $(ARGS)\n\nhelp:\n\t@:\n")
    write("scripts/demo.py", 'click.option("--quick")\n')
    write("README.md", "`make demo SCENARIO=a ARGS='--quick'` and `make help`\n")
    assert prose.commands(checkout).passed
    write("README.md", "`make demo SCENARIO=a ARGS='--slow --quick'`\n")
    assert prose.commands(checkout).problems == ("README.md:1: `make demo` has no --slow",)


def test_links__to_files_and_elsewhere(checkout, write):
    write("docs/a.md", "[b](b.md#part) [c](../c) [w](https://example.org/x)\n")
    write("docs/b.md", "")
    report = prose.links(checkout)
    assert report.covered == 2
    assert report.problems == ("docs/a.md:1: no ../c",)
    write("c/d.md", "")
    assert prose.links(checkout).passed


def test_links__none__does_not_pass(checkout, write):
    write("a.md", "no [link]\n")
    assert not prose.links(checkout).passed


@pytest.mark.parametrize("where", ["/" + "root/keel", "/" + "home/dev/keel", "file" + ":///opt"])
def test_machine_paths__fail(checkout, write, where):
    write("README.md", f"fine\nsee {where}/x\n")
    (problem,) = prose.machine_paths(checkout).problems
    assert problem.startswith("README.md:2: ")


def test_codespell__misspelt__fails(checkout, write):
    write("README.md", "rec" + "ieve\n")
    assert not prose.codespell(checkout).passed
