"""Functions with more variables than the stack reaches, for a build without the IR.

Their locals of value types move into a struct in memory. What the functions do stays the same; what
they cost does not, and nothing here depends on it.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from tests.mutation.operators import Node, children, span

Edit = tuple[int, int, str]
_REFERENCES = ("t_struct", "t_array", "t_bytes_", "t_string", "t_mapping", "t_function")
_FRAME = "spilled"


def function_at(tree: Node, offset: int) -> str | None:
    """Name of the function around an offset, after that of its contract."""
    for contract in (node for node in tree["nodes"] if node["nodeType"] == "ContractDefinition"):
        for node in contract["nodes"]:
            if node["nodeType"] == "FunctionDefinition" and _holds(node, offset):
                return f"{contract['name']}.{node['name']}"
    return None


def _holds(node: Node, offset: int) -> bool:
    start, end = span(node)
    return start <= offset < end


def spill(text: bytes, tree: Node, functions: Iterable[str]) -> bytes:
    """The file with the locals of these functions in memory; `function_at` says their names."""
    edits: list[Edit] = []
    for contract in (node for node in tree["nodes"] if node["nodeType"] == "ContractDefinition"):
        for node in contract["nodes"]:
            name = f"{contract['name']}.{node.get('name')}"
            if node["nodeType"] == "FunctionDefinition" and node["body"] and name in functions:
                edits += _edits(text, contract, node)
    for start, end, said in sorted(edits, reverse=True):
        text = text[:start] + said.encode() + text[end:]
    return text


def below(node: Node) -> Iterator[Node]:
    """A node and all under it."""
    yield node
    yield from chain.from_iterable(below(child) for child in children(node))


def _edits(text: bytes, contract: Node, function: Node) -> Iterator[Edit]:
    nodes = [*below(function["body"])]
    in_assembly = {
        reference["declaration"]
        for node in nodes
        if node["nodeType"] == "InlineAssembly"
        for reference in node["externalReferences"]
    }
    statements = [node for node in nodes if node["nodeType"] == "VariableDeclarationStatement"]
    movable = [
        node for node in statements if all(_is_value(part, in_assembly) for part in _parts(node))
    ]
    fields = {part["id"]: part for node in movable for part in _parts(node)}
    members = {number: f"{part['name']}{number}" for number, part in fields.items()}
    for node in movable:
        for part in _parts(node):
            reset = "" if node.get("initialValue") else "delete "
            yield (*span(part), f"{reset}{_FRAME}.{members[part['id']]}")
    for node in nodes:
        if node["nodeType"] == "Identifier" and node["referencedDeclaration"] in members:
            yield (*span(node), f"{_FRAME}.{members[node['referencedDeclaration']]}")
    struct = f"Spilled{function['id']}"
    opened, closed = span(function["body"])[0] + 1, span(contract)[1] - 1
    yield opened, opened, f" {struct} memory {_FRAME};"
    kinds = (
        f"{_text_of(text, part['typeName'])} {members[number]};" for number, part in fields.items()
    )
    yield closed, closed, f"struct {struct} {{ {' '.join(kinds)} }}\n"


def _parts(statement: Node) -> list[Node]:
    return [part for part in statement["declarations"] if part]


def _is_value(variable: Node, in_assembly: set[int]) -> bool:
    kind: str = variable["typeDescriptions"]["typeIdentifier"]
    return not kind.startswith(_REFERENCES) and variable["id"] not in in_assembly


def _text_of(text: bytes, node: Node) -> str:
    start, end = span(node)
    return text[start:end].decode()
