"""What a campaign needs before its first mutant, kept between campaigns of the same sources."""

import hashlib
import pickle
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from keel.chain.abi import Abi
from keel.chain.artifacts import Artifact
from keel.errors import KeelError
from tests.machines.catalogue import MACHINES
from tests.mutation.build import Build
from tests.mutation.operators import Mutant
from tests.mutation.sample import digest_of, places_in
from tests.mutation.solc import Solc
from tests.mutation.sources import ROOT, Sources
from tests.mutation.trial import in_child, play_machines, rehearse

CACHE = ROOT / ".cache" / "mutants"
REHEARSED_SECONDS = 3.0
"""What takes longer is for others than mutants."""
_MACHINE_SECONDS = 6.0
_HERE = Path(__file__).parent
_PARTS = ("build", "operators", "solc", "sources", "spill", "surroundings", "trial")
"""What the answers depend on, of this package."""
Progress = Callable[[str, int, int], None]
"""Told what is going on, how much of it is done, and of how much."""


class NotReady(KeelError):
    """Contracts without a mutant don't pass."""


class Preparation:
    """Answers that take long, from files if they are there.

    Parameters
    ----------
    sources : Sources
        Of the checkout.
    progress : Progress
        Told how it goes.
    """

    def __init__(self, sources: Sources, progress: Progress, cache: Path = CACHE) -> None:
        self._sources, self._progress, self._cache = sources, progress, cache
        parts = _digest(_HERE / f"{part}.py" for part in _PARTS)
        self._digest = f"{digest_of(sources)}-{parts}"

    def _kept(self, name: str, make: Callable[[], Any]) -> Any:
        path = self._cache / f"{name}-{self._digest}.pickle"
        if path.exists():
            return pickle.loads(path.read_bytes())
        made = make()
        self._cache.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_bytes(pickle.dumps(made))
        draft.replace(path)
        return made

    def places(self, solc: Solc) -> list[list[Mutant]]:
        """All places that can be changed."""
        self._progress("reading syntax trees", 0, 1)
        return self._kept("places", lambda: places_in(solc, self._sources, self._sources.mutated))

    def build(self, solc: Solc) -> tuple[dict[str, Artifact], Any]:
        """Artifacts of all contracts, and what the compiler needs to be told."""

        def make() -> tuple[dict[str, Any], Any]:
            build, made = Build(solc, self._sources), dict[str, Any]()
            targets = [
                (file, name)
                for file in self._sources.files
                for user, name in self._sources.users(file)
                if user == file
            ]
            for number, target in enumerate(targets):
                self._progress("building without the IR", number, len(targets))
                for name, artifact in build.all([target]).items():
                    made[name] = artifact.abi.entries, artifact.creation_code
            return made, build.knowledge

        plans, knowledge = self._kept("build", make)
        return {
            name: Artifact(name, Abi(abi), code) for name, (abi, code) in plans.items()
        }, knowledge

    def require_machines(self, artifacts: dict[str, Artifact]) -> None:
        """Let every machine pass without a mutant; raises `NotReady`."""

        def failing() -> str:
            for number, name in enumerate(MACHINES):
                self._progress("playing machines without a mutant", number, len(MACHINES))

                def act(name: str = name) -> Any:
                    return play_machines([name], artifacts, _MACHINE_SECONDS)

                if verdict := in_child(act, 60 * _MACHINE_SECONDS):
                    return f"{verdict.killer}: {verdict.said}"
            return ""

        if failure := self._kept("machines", failing):
            raise NotReady(f"without a mutant, {failure}", "see `make fuzz`, then remove .cache")

    def rehearsed(self, items: Sequence[pytest.Item]) -> dict[str, float]:
        """Seconds of each test that passes without a mutant; only files that changed run again."""
        path = self._cache / "rehearsal.pickle"
        others = [
            p for p in _python(ROOT) if not p.name.startswith("test_") and _HERE not in p.parents
        ]
        context = self._digest, _digest(others)
        known: dict[Any, dict[str, float]] = {}
        if path.exists():
            told, known = pickle.loads(path.read_bytes())
            known = known if told == context else {}
        by_file: dict[Path, list[pytest.Item]] = {}
        for item in items:
            by_file.setdefault(item.path, []).append(item)
        digests = {file: (str(file), _digest([file])) for file in by_file}
        waiting = sorted(file for file in by_file if digests[file] not in known)
        for done, (_folder, files) in enumerate(groupby(waiting, key=lambda file: file.parent)):
            self._progress("running tests without a mutant: folders", done, done + 1)
            some = [*files]
            seconds = rehearse([item for file in some for item in by_file[file]], REHEARSED_SECONDS)
            for file in some:
                names = {item.nodeid for item in by_file[file]}
                known[digests[file]] = {name: seconds[name] for name in names & seconds.keys()}
            self._cache.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pickle.dumps((context, known)))
        return {name: took for file in by_file for name, took in known[digests[file]].items()}


def digest_of_all(sources: Sources) -> str:
    """Tells whether anything that a result depends on has changed.

    All contracts and all Python, as fixtures deploy and import most of it. A narrower answer would
    have to know what each test touches.
    """
    parts = {_HERE / f"{part}.py" for part in _PARTS}
    texts = [path for path in _python(ROOT) if _HERE not in path.parents or path in parts]
    return f"{digest_of(sources)}-{_digest(texts)}"


def _python(root: Path) -> list[Path]:
    return [path for folder in ("keel", "tests") for path in sorted((root / folder).rglob("*.py"))]


def _digest(paths: Any) -> str:
    texts = (path.read_bytes() for path in sorted(paths))
    return hashlib.sha256(b"".join(hashlib.sha256(text).digest() for text in texts)).hexdigest()[
        :16
    ]
