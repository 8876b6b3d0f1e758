"""What is changed in a contract, one place at a time, as its syntax tree has the places.

Ours, because the kept tools do not serve here. slither-mutate and vertigo-rs run a command of forge
or hardhat for each mutant, which starts cold and compiles everything; slither-mutate also takes one
file at a time, has no seed, and leaves a mutant in the sources if it is killed. gambit needs a
native solc, which is not assumed. universalmutator goes by regular expressions, and most of what it
makes of Solidity does not compile. With the tree of the pinned compiler an operator is a few lines,
and mutants are exact: never in a comment, a type, or an interface.

Assembly has no mutants: its few lines are in libraries whose values are compared with models.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

Node = dict[str, Any]

ARITHMETIC = {
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*",
    "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "&",
}  # fmt: skip
COMPOUND = {
    "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "<<=": ">>=", ">>=": "<<=", "|=": "&=",
    "&=": "|=",
}  # fmt: skip
BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
EQUALITY = {"==": "!=", "!=": "=="}
LOGIC = {"&&": "||", "||": "&&"}
STEP = {"++": "--", "--": "++"}
ROUNDING = {
    "mulDiv": "mulDivUp", "fullMulDiv": "fullMulDivUp", "fullMulDivUnchecked": "fullMulDivUp",
    "mulDivUp": "mulDiv", "fullMulDivUp": "fullMulDiv", "divUp": "rawDiv", "mulWad": "mulWadUp",
    "mulWadUp": "mulWad", "divWad": "divWadUp", "divWadUp": "divWad", "min": "max", "max": "min",
    "zeroFloorSub": "rawSub",
}  # fmt: skip
"""Of Solady. Ours say the direction at the end of the name."""
GUARDS = ("require", "assert")
NAMES = {
    "arithmetic": "+ - * / % ** << >> & | ^ for another",
    "compound": "+= for -=, *= for /=, and so on",
    "boundary": "< for <=, > for >=, and back",
    "equality": "== for !=, and back",
    "logic": "&& for ||, and back",
    "step": "++ for --, and back",
    "rounding": "down for up, min for max, a floor of zero left out",
    "literal": "a number one more or less, true for false",
    "condition": "a condition negated",
    "not": "a negation left out",
    "answer": "a boolean answer negated",
    "guard": "a requirement left out",
    "modifier": "a modifier left out",
    "assignment": "an assignment left out",
    "call": "a call whose answer is not used left out",
}
"""Operators, and what each does."""


@dataclass(frozen=True)
class Mutant:
    """One change to one file.

    Attributes
    ----------
    before, after : str
        The lines it is in, without their margins, as they are and as it has them.
    twins : int
        How many like it, of the same operator and function, stand before it in the file.
    """

    operator: str
    file: str
    start: int
    original: str
    replacement: str
    line: int
    function: str
    before: str = ""
    after: str = ""
    twins: int = 0

    @property
    def key(self) -> str:
        """Names it by what it is, not where: it stays when other lines of the file change."""
        return key_of(self.file, self.function, self.operator, self.before, self.after, self.twins)

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"

    def apply(self, text: bytes) -> bytes:
        """The file with the change made."""
        end = self.start + len(self.original.encode())
        assert text[self.start : end] == self.original.encode(), f"{self.file} has changed"
        return text[: self.start] + self.replacement.encode() + text[end:]

    def as_json(self) -> Node:
        """What the constructor takes."""
        return asdict(self)


def key_of(file: str, function: str, operator: str, before: str, after: str, twins: int = 0) -> str:
    """The file, and a digest of what tells a mutant from others of it."""
    said = "\0".join((function, operator, before, after, str(twins)))
    return f"{file}:{sha256(said.encode()).hexdigest()[:12]}"


def span(node: Node) -> tuple[int, int]:
    """Start and end of a node, in bytes."""
    start, length, _file = map(int, node["src"].split(":"))
    return start, start + length


def children(node: Node) -> Iterator[Node]:
    """Nodes right below one, in the order of the tree."""
    for value in node.values():
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, dict) and "nodeType" in item:
                yield item


def sites(file: str, text: bytes, tree: Node) -> list[list[Mutant]]:
    """Places that can be changed, in the order of the file; of each all mutants."""
    return [*_Walk(file, text).walk(tree, "")]


def _without_margins(lines: str) -> str:
    return "\n".join(line.strip() for line in lines.splitlines())


class _Walk:
    """Goes through one file."""

    def __init__(self, file: str, text: bytes) -> None:
        self._file, self._text, self._function = file, text, ""
        self._seen: Counter[tuple[str, ...]] = Counter()

    def walk(self, node: Node, function: str) -> Iterator[list[Mutant]]:
        kind = node["nodeType"]
        if kind.endswith("TypeName") or kind in ("InlineAssembly", "EmitStatement"):
            return
        if kind in ("FunctionDefinition", "ModifierDefinition"):
            function = node["name"] or node["kind"]
        self._function = function
        visit: Callable[[Node], Iterator[Mutant]] | None = getattr(self, f"_{kind}", None)
        found = [*visit(node)] if visit else []
        if found:
            yield found
        for child in children(node):
            yield from self.walk(child, function)

    def _mutant(self, operator: str, start: int, end: int, replacement: str) -> Mutant:
        text = self._text
        original = text[start:end].decode()
        line = text.count(b"\n", 0, start) + 1
        begin, stop = text.rfind(b"\n", 0, start) + 1, text.find(b"\n", end)
        head, tail = text[begin:start].decode(), text[end:stop].decode()
        before, after = (_without_margins(head + said + tail) for said in (original, replacement))
        said = (operator, self._function, before, after)
        self._seen[said] += 1
        return Mutant(
            operator,
            self._file,
            start,
            original,
            replacement,
            line,
            self._function,
            before,
            after,
            self._seen[said] - 1,
        )

    def _read(self, node: Node) -> str:
        start, end = span(node)
        return self._text[start:end].decode()

    def _swapped(
        self, operator: str, token: str, other: str, left: int, right: int
    ) -> Iterator[Mutant]:
        start = self._text.index(token.encode(), left, right)
        yield self._mutant(operator, start, start + len(token), other)

    def _negated(self, operator: str, node: Node) -> Iterator[Mutant]:
        if node["nodeType"] != "Literal":
            yield self._mutant(operator, *span(node), f"!({self._read(node)})")

    # Expressions

    def _BinaryOperation(self, node: Node) -> Iterator[Mutant]:
        token = node["operator"]
        between = span(node["leftExpression"])[1], span(node["rightExpression"])[0]
        tables = (
            ("arithmetic", ARITHMETIC),
            ("boundary", BOUNDARY),
            ("equality", EQUALITY),
            ("logic", LOGIC),
        )
        for operator, table in tables:
            if token in table:
                yield from self._swapped(operator, token, table[token], *between)

    def _Assignment(self, node: Node) -> Iterator[Mutant]:
        token = node["operator"]
        if token in COMPOUND:
            between = span(node["leftHandSide"])[1], span(node["rightHandSide"])[0]
            yield from self._swapped("compound", token, COMPOUND[token], *between)

    def _UnaryOperation(self, node: Node) -> Iterator[Mutant]:
        token, (start, end) = node["operator"], span(node)
        if token in STEP:
            inner = span(node["subExpression"])
            where = (start, inner[0]) if node["prefix"] else (inner[1], end)
            yield from self._swapped("step", token, STEP[token], *where)
        elif token == "!":
            yield self._mutant("not", start, start + 1, "")

    def _FunctionCall(self, node: Node) -> Iterator[Mutant]:
        called = node["expression"]
        if called["nodeType"] == "MemberAccess":
            name, end = called["memberName"], span(called)[1]
        elif called["nodeType"] == "Identifier":
            name, end = called["name"], span(called)[1]
        else:
            return
        other = ROUNDING.get(name)
        if name.endswith("Down"):
            other = name[:-4] + "Up"
        elif name.endswith("Up") and other is None:
            other = name[:-2] + "Down"
        if other:
            yield self._mutant("rounding", end - len(name), end, other)

    def _Literal(self, node: Node) -> Iterator[Mutant]:
        said, (start, end) = self._read(node), span(node)
        if node["kind"] == "bool":
            yield self._mutant("literal", start, end, "false" if said == "true" else "true")
        elif node["kind"] == "number":
            yield self._mutant("literal", start, end, f"({said} + 1)")
            if node["value"] not in ("0", "0x0", "0x00"):
                yield self._mutant("literal", start, end, f"({said} - 1)")

    def _Conditional(self, node: Node) -> Iterator[Mutant]:
        yield from self._negated("condition", node["condition"])

    # Statements

    def _IfStatement(self, node: Node) -> Iterator[Mutant]:
        yield from self._negated("condition", node["condition"])

    def _WhileStatement(self, node: Node) -> Iterator[Mutant]:
        yield from self._negated("condition", node["condition"])

    def _Return(self, node: Node) -> Iterator[Mutant]:
        answer = node.get("expression")
        if answer and answer["typeDescriptions"]["typeString"] == "bool":
            yield from self._negated("answer", answer)

    def _RevertStatement(self, node: Node) -> Iterator[Mutant]:
        yield self._without("guard", node)

    def _ExpressionStatement(self, node: Node) -> Iterator[Mutant]:
        expression = node["expression"]
        kind = expression["nodeType"]
        if kind == "FunctionCall":
            guard = expression["expression"].get("name") in GUARDS
            yield self._without("guard" if guard else "call", node)
        elif kind in ("Assignment", "UnaryOperation"):
            yield self._without("assignment", node)

    def _without(self, operator: str, statement: Node) -> Mutant:
        start, end = span(statement)
        # Some statements end before their semicolon; a block may stand before one's place, not it.
        if self._text[end : end + 1] == b";":
            end += 1
        return self._mutant(operator, start, end, "{}")

    def _ModifierInvocation(self, node: Node) -> Iterator[Mutant]:
        if node.get("kind") == "modifierInvocation":
            yield self._mutant("modifier", *span(node), "")
