import pytest
from gates import solidity

HEADER = "// SPDX-License-Identifier: MIT\npragma solidity 0.8.30;\n\n"


def contract(body, name="Pool"):
    return f"{HEADER}contract {name} {{\n{body}\n}}\n"


def divider(statement):
    return contract(
        "    function f(uint256 a, uint256 b) external pure returns (uint256 c) {\n"
        f"        {statement}\n"
        "    }"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "c = a / b;",
        "c = a >> b;",
        "c = a; c /= b;",
        "c = a; c >>= 2;",
        "assembly { c := div(a, b) }",
        "assembly { c := shr(a, b) }",
    ],
)
def test_bare_division__in_a_product__fails(checkout, write, statement):
    write("contracts/staking/Pool.sol", divider(statement))
    (problem,) = solidity.bare_division(checkout).problems
    assert problem == f"contracts/staking/Pool.sol:6: bare division: {statement}"


@pytest.mark.parametrize(
    "statement",
    [
        "c = a * b; // a / b",
        'require(a != b, "a / b"); c = a;',
        "c = a * (365 days / 2);",
        "c = a / b; // division: counts whole frames, no money",
    ],
)
def test_bare_division__none_or_waived__passes(checkout, write, statement):
    write("contracts/staking/Pool.sol", divider(statement))
    assert solidity.bare_division(checkout).passed


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("c = a / b; // division: ", "waiver without a reason"),
        ("c = a / b; // division: because", "waiver without a reason"),
        ("c = a * b; // division: counts whole frames", "waives a division that is not there"),
    ],
)
def test_bare_division__bad_waiver__fails(checkout, write, statement, problem):
    write("contracts/staking/Pool.sol", divider(statement))
    assert solidity.bare_division(checkout).problems == (
        f"contracts/staking/Pool.sol:6: {problem}",
    )


def test_bare_division__in_libraries_alone__covers_nothing(checkout, write):
    write("contracts/libraries/Pool.sol", divider("c = a / b;"))
    report = solidity.bare_division(checkout)
    assert report.problems == ()
    assert not report.passed


def test_warnings__unused_variable__fails(checkout, write):
    write("contracts/staking/Pool.sol", divider("uint256 unused = a; c = b;"))
    (problem,) = solidity.warnings(checkout).problems
    assert problem.startswith("Warning: Unused local variable.")


def test_names__used_twice__fails(checkout, write):
    write("contracts/staking/Pool.sol", contract(""))
    write("contracts/liquidity/Pool.sol", contract(""))
    assert solidity.names(checkout).problems == (
        "Pool: in contracts/liquidity/Pool.sol, contracts/staking/Pool.sol",
    )


def test_names__two_in_one_file__fails(checkout, write):
    write("contracts/staking/Pool.sol", contract("") + "\ncontract Queue {}\n")
    assert solidity.names(checkout).problems == (
        "contracts/staking/Pool.sol: contains Queue, wants a file of its own",
    )


@pytest.mark.parametrize(("lines", "passes"), [(799, True), (800, True), (801, False)])
def test_lengths__around_the_limit(checkout, write, lines, passes):
    assert solidity.MAX_LINES == 800
    write("contracts/staking/Pool.sol", "//\n" * lines)
    assert solidity.lengths(checkout).passed is passes


def test_forge_fmt__badly_formatted__fails(checkout, write):
    write("contracts/staking/Pool.sol", contract("uint256 internal  x;"))
    assert not solidity.forge_fmt(checkout).passed
    write("contracts/staking/Pool.sol", contract("    uint256 internal x;"))
    assert solidity.forge_fmt(checkout).passed


def test_forge_lint__lint_found__fails(checkout, write):
    write("foundry.toml", '[profile.default]\nsrc = "contracts"\ndeny = "notes"\n')
    write("contracts/staking/Pool.sol", divider("c = (a / b) * b;"))
    report = solidity.forge_lint(checkout)
    assert any("divide-before-multiply" in problem for problem in report.problems)


def test_solhint__global_import__fails(checkout, write, keel_root):
    write(".solhint.json", (keel_root / ".solhint.json").read_text())
    write("contracts/staking/Queue.sol", contract("", "Queue"))
    write("contracts/staking/Pool.sol", f'{HEADER}import "./Queue.sol";\n\ncontract Pool {{}}\n')
    report = solidity.solhint(checkout)
    assert any("no-global-import" in problem for problem in report.problems)


@pytest.mark.parametrize(
    "gate",
    [
        solidity.bare_division,
        solidity.warnings,
        solidity.names,
        solidity.lengths,
        solidity.forge_fmt,
    ],
)
def test_gate__without_sources__does_not_pass(checkout, gate):
    assert not gate(checkout).passed
