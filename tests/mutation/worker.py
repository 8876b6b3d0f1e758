"""A process that compiles and tries one mutant after the other."""

import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import pytest

from tests.mutation.aim import aimed, machines_for, targets_for
from tests.mutation.build import Build
from tests.mutation.operators import Mutant
from tests.mutation.record import Result, Status
from tests.mutation.solc import CompilationFailed, Solc
from tests.mutation.sources import Sources
from tests.mutation.surroundings import Surroundings
from tests.mutation.trial import Trial


@dataclass(frozen=True)
class Limits:
    """Seconds of processor time for a mutant, compiler included."""

    fast: float = 12.0
    slow: float = 90.0


@dataclass
class Bench:
    """What a worker starts from: built and tried without a mutant before it was forked."""

    sources: Sources
    surroundings: Surroundings
    knowledge: Any
    items: Sequence[pytest.Item]
    seconds: Mapping[str, float]
    limits: Limits


def work(bench: Bench, pipe: Connection) -> None:
    """Answer mutants with results until told none."""
    with Solc() as solc:
        build = Build(solc, bench.sources)
        build.learn(bench.knowledge)
        while True:
            told = pipe.recv()
            if told is None:
                break
            mutant, kills, first, more = told
            result = tried(bench, build, solc, mutant, kills, first)
            if more and result.status == Status.ALIVE:
                result = tried(bench, build, solc, mutant, kills, fast=False)
            pipe.send(result)


def tried(
    bench: Bench,
    build: Build,
    solc: Solc,
    mutant: Mutant,
    kills: Mapping[str, int],
    first: str = "",
    *,
    fast: bool = True,
) -> Result:
    """Compile a mutant and see whether something notices it, this test before all others."""
    begun, spent = time.monotonic(), solc.seconds
    targets = targets_for(bench.sources, mutant, all_of_them=not fast)
    try:
        artifacts = build.mutated(mutant, targets)
    except CompilationFailed as failure:
        return Result(mutant, Status.INVALID, said=str(failure).partition("\n")[0])
    compiling = solc.seconds - spent
    usual = bench.surroundings.artifacts
    if all(
        artifact.creation_code == usual[name].creation_code for name, artifact in artifacts.items()
    ):
        return Result(mutant, Status.SAME_CODE, seconds=compiling)
    mixed = usual | artifacts
    limit = bench.limits.fast if fast else bench.limits.slow
    machines = machines_for([*artifacts], all_of_them=not fast)
    items = aimed(bench.items, bench.seconds, mutant, kills, all_of_them=not fast)
    trial = Trial(usual, mixed, bench.surroundings.stage, max(1.0, limit - compiling))
    verdict = trial.judge(machines, items, first)
    status = Status.KILLED if verdict.killer else Status.ALIVE
    return Result(
        mutant,
        status,
        verdict.killer,
        verdict.said,
        fast,
        round(compiling + verdict.seconds, 2),
        round(time.monotonic() - begun, 2),
    )


def run_worker(bench: Bench, pipe: Connection, others: Sequence[Connection]) -> None:
    """The whole life of a forked worker: nothing of the parent's is ended or flushed twice."""
    for other in others:
        other.close()
    try:
        work(bench, pipe)
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        pass
    except BaseException:
        traceback.print_exc()  # of the parent's side only the pipe's end is seen
    finally:
        sys.stderr.flush()
        os._exit(0)
