"""Each operator: the text it makes of a sample, and that it leaves alone what is no code."""

import pytest

from tests.mutation.operators import NAMES, sites
from tests.mutation.solc import Solc

HEAD = """pragma solidity 0.8.30;
library Fixed {
    function mulDiv(uint256 x, uint256 y, uint256 d) internal pure returns (uint256) {
        return x * y / d;
    }
    function partDown(uint256 x) internal pure returns (uint256) { return x; }
}
contract Sample {
    using Fixed for uint256;
    event Paid(uint256 amount);
    error Refused(uint256 amount);
    mapping(address => uint256) held;
    modifier guarded() { _; }
    function check() internal view {}
"""  # fmt: skip


@pytest.fixture(scope="module")
def solc():
    with Solc() as solc:
        yield solc


@pytest.fixture
def mutants_of(solc):
    """All mutants of a member of a contract: operator, and the member with the change."""

    def mutate(member):
        text = f"{HEAD}{member}\n}}\n".encode()
        tree = solc.trees({"Sample.sol": text}, ["Sample.sol"])["Sample.sol"]
        begin = len(HEAD.encode())
        return {
            (mutant.operator, mutant.apply(text)[begin:-3].decode())
            for place in sites("Sample.sol", text, tree)
            for mutant in place
            if mutant.start >= begin
        }

    return mutate


CASES = [
    ("arithmetic", "total = (a) + (b);", "(a) - (b)"),
    ("arithmetic", "total = a * b;", "a / b"),
    ("arithmetic", "total = a >> b;", "a << b"),
    ("compound", "held[msg.sender] += a;", "held[msg.sender] -= a"),
    ("boundary", "truth = a < b;", "a <= b"),
    ("boundary", "truth = a >= b;", "a > b"),
    ("equality", "truth = a == b;", "a != b"),
    ("logic", "truth = c && d;", "c || d"),
    ("step", "++a;", "--a;"),
    ("step", "a--;", "a++;"),
    ("rounding", "total = a.mulDiv(a, a);", "a.mulDivUp(a, a)"),
    ("rounding", "total = a.partDown();", "a.partUp()"),
    ("literal", "total = 7;", "(7 + 1)"),
    ("literal", "total = 7;", "(7 - 1)"),
    ("literal", "total = 1 days;", "(1 days + 1)"),
    ("literal", "truth = true;", "truth = false"),
    ("condition", "if (a == b) a;", "if (!(a == b))"),
    ("condition", "total = c ? 3 : 2;", "!(c) ? 3"),
    ("condition", "while (c) c = d;", "while (!(c))"),
    ("not", "truth = !c;", "truth = c;"),
    ("guard", "require(a == 9, Refused(a));", "{ {} }"),
    ("guard", "if (a == 9) revert Refused(a);", "if (a == 9) {} }"),
    ("assignment", "held[msg.sender] = a;", "{ {} }"),
    ("assignment", "delete held[msg.sender];", "{ {} }"),
    ("call", "check();", "{ {} }"),
]
MEMBERS = [
    ("answer", "function f(bool c) public pure returns (bool) { return c; }", "return !(c);"),
    ("modifier", "function f() public guarded {}", "public  {}"),
]


@pytest.mark.parametrize(("operator", "body", "expected"), CASES)
def test_sites__what_each_operator_makes(operator, body, expected, mutants_of):
    head = "function f(uint256 a, uint256 b, bool c, bool d)"
    member = f"{head} public returns (uint256 total, bool truth) {{ {body} }}"
    made = [text for name, text in mutants_of(member) if name == operator]
    assert [text for text in made if expected in text], made


@pytest.mark.parametrize(("operator", "member", "expected"), MEMBERS)
def test_sites__what_each_operator_makes_of_a_member(operator, member, expected, mutants_of):
    assert [text for name, text in mutants_of(member) if name == operator and expected in text]


def test_cases__each_operator_has_one():
    assert {operator for operator, *_ in [*CASES, *MEMBERS]} == set(NAMES)


@pytest.mark.parametrize(
    "member",
    [
        "// a + b < 7",
        "uint256[7] numbers;",
        "function f(uint256[3] memory a) public pure {}",
        "function f(uint256 a) public { emit Paid(a + 7); }",
        "function f() public pure { assembly { let a := add(7, 1) } }",
    ],
)
def test_sites__none_in_what_computes_nothing(member, mutants_of):
    assert not mutants_of(member)


def test_sites__one_for_each_place(mutants_of):
    member = "function f(uint256 a, uint256 b) public pure returns (bool) { return a + 1 < b; }"
    operators = sorted(operator for operator, _text in mutants_of(member))
    assert operators == ["answer", "arithmetic", "boundary", "literal", "literal"]


def test_key__stays_when_other_lines_change__and_tells_twins(solc):
    def keys(before):
        first = f"{before}function f(uint256 a) public {{ if (a > 1) a = a + a + a; }}"
        second = "function g(uint256 a) public {\n a = 1;\n a = 1; }"
        text = f"{HEAD}{first}\n{second}\n}}\n".encode()
        tree = solc.trees({"Sample.sol": text}, ["Sample.sol"])["Sample.sol"]
        made = [mutant for place in sites("Sample.sol", text, tree) for mutant in place]
        return [mutant.key for mutant in made if mutant.function in ("f", "g")]

    plain = keys("")
    assert plain == keys("uint256 held2 = 7 + 8;\n")
    assert len({*plain}) == len(plain) >= 12


def test_apply__to_another_text__is_refused(solc):
    text = f"{HEAD}}}\n".encode()
    tree = solc.trees({"Sample.sol": text}, ["Sample.sol"])["Sample.sol"]
    mutant = sites("Sample.sol", text, tree)[0][0]
    with pytest.raises(AssertionError, match="has changed"):
        mutant.apply(b" " + text)
