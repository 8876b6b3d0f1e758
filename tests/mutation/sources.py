"""The Solidity files that a compilation reads, by the names that imports give them."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from posixpath import dirname, join, normpath

ROOT = Path(__file__).parents[2]
MUTATED = ("contracts/staking", "contracts/liquidity", "contracts/options", "contracts/libraries")
"""What is mutated. Interfaces have no code, and mocks are parts of tests."""
_PACKAGES = ("@openzeppelin/", "solady/")
_IMPORT = re.compile(rb'^\s*import\b[^"]*"([^"]+)"', re.MULTILINE)
_CONTRACT = re.compile(rb"^(?:contract|library) (\w+)", re.MULTILINE)


class Sources(Mapping[str, bytes]):
    """Texts by file, read when asked for; some may be replaced.

    Parameters
    ----------
    root : Path
        Of a checkout.
    replaced : Mapping, optional
        Texts that stand for those on disk.
    """

    def __init__(self, root: Path = ROOT, replaced: Mapping[str, bytes] | None = None) -> None:
        self._root, self._texts = root, dict(replaced or {})

    def __getitem__(self, name: str) -> bytes:
        """Text of a file."""
        if name not in self._texts:
            folder = "node_modules" if name.startswith(_PACKAGES) else "."
            self._texts[name] = (self._root / folder / name).read_bytes()
        return self._texts[name]

    def __iter__(self):
        """Names of the contracts' files."""
        return iter(self.files)

    def __len__(self) -> int:
        """How many contracts' files there are."""
        return len(self.files)

    def with_texts(self, texts: Mapping[str, bytes]) -> "Sources":
        """The same but for some texts; those that were read are not read again."""
        return Sources(self._root, self._texts | dict(texts))

    @cached_property
    def files(self) -> tuple[str, ...]:
        """All files of the project that hold code."""
        found = (self._root / "contracts").rglob("*.sol")
        names = (path.relative_to(self._root).as_posix() for path in found)
        return tuple(sorted(name for name in names if "/.cache/" not in name))

    @cached_property
    def mutated(self) -> tuple[str, ...]:
        """Those of them that are mutated."""
        return tuple(name for name in self.files if dirname(name) in MUTATED)

    def imports(self, name: str) -> list[str]:
        """Files that one imports by itself."""
        return [_resolved(name, told.decode()) for told in _IMPORT.findall(self[name])]

    def closure(self, names: Iterable[str]) -> dict[str, bytes]:
        """Files and all that they import, directly or not."""
        found: dict[str, bytes] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self[name]
                waiting += self.imports(name)
        return found

    @cached_property
    def _users(self) -> dict[str, frozenset[str]]:
        return {name: frozenset(self.closure([name])) for name in self.files}

    def users(self, name: str) -> list[tuple[str, str]]:
        """File and name of each contract that can be deployed and that reads a file.

        Libraries have only internal functions: code has them where it uses them.
        """
        return [
            (user, contract.decode())
            for user in self.files
            if name in self._users[user]
            for contract in _CONTRACT.findall(self[user])
            if not user.startswith("contracts/libraries/")
        ]


def _resolved(importer: str, name: str) -> str:
    return normpath(join(dirname(importer), name)) if name.startswith(".") else name
