"""The compiler as a child process that stays: half a second for a contract, without the IR."""

import json
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

_SERVER = Path(__file__).with_name("solc_server.mjs")
_STACK = "--stack-size=8000"
"""Deep expressions make the compiler's own stack overflow at node's default."""
_MOST_COMPILATIONS = 60
"""The compiler's memory grows and is never given back."""
Json = dict[str, Any]


class CompilationFailed(Exception):
    """The compiler refuses the sources.

    Attributes
    ----------
    errors : list
        As it told them.
    """

    def __init__(self, errors: list[Json]) -> None:
        self.errors = errors
        super().__init__(errors[0]["formattedMessage"])

    @property
    def too_deep(self) -> tuple[str, int] | None:
        """File and offset where the stack was too deep, if that was it."""
        for error in self.errors:
            if "Stack too deep" in error["message"] and "sourceLocation" in error:
                return error["sourceLocation"]["file"], error["sourceLocation"]["start"]
        return None


class Solc(AbstractContextManager["Solc"]):
    """A context manager; compiles one thing after the other.

    Attributes
    ----------
    seconds : float
        Of processor time, for all compilations so far.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._compilations = 0

    def __exit__(self, *_failure: object) -> None:
        """Stop; nothing is started before it is needed."""
        self.stop()

    def stop(self) -> None:
        """End the child process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def ask(self, sources: Mapping[str, bytes], settings: Json) -> Json:
        """The answer to standard JSON; raises `CompilationFailed`."""
        if self._process is None or self._compilations == _MOST_COMPILATIONS:
            self.stop()
            self._process = subprocess.Popen(
                ["node", _STACK, str(_SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            self._compilations = 0
        self._compilations += 1
        texts = {name: {"content": text.decode()} for name, text in sources.items()}
        question = {"language": "Solidity", "sources": texts, "settings": settings}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        self.seconds += said["seconds"]
        answer: Json = said["answer"]
        errors = [item for item in answer.get("errors", ()) if item["severity"] == "error"]
        if errors:
            raise CompilationFailed(errors)
        return answer

    def trees(self, sources: Mapping[str, bytes], names: Iterable[str]) -> dict[str, Json]:
        """Syntax trees of some of the sources, with types and references."""
        chosen = {name: {"": ["ast"]} for name in names}
        answer = self.ask(sources, {"outputSelection": chosen})
        return {name: answer["sources"][name]["ast"] for name in chosen}
