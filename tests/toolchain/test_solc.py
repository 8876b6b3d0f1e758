"""The compiler behind `.ci/solc.mjs`, and a cache that forgets nothing it read."""

import json
import os
import subprocess
from pathlib import Path

import pytest

POOL = 'pragma solidity 0.8.30; import {LIMIT} from "lib/Limit.sol"; contract Pool { %s }'
BODY = "function limit() external pure returns (uint256) { return LIMIT; }"


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def base(tmp_path):
    base = tmp_path / "base"
    (base / "lib").mkdir(parents=True)
    (base / "lib" / "Limit.sol").write_text("uint256 constant LIMIT = 7;")
    return base


@pytest.fixture
def solc(cache):
    executable = Path(os.environ["KEEL_ROOT"]) / ".ci" / "solc.mjs"

    def solc(*arguments, stdin=""):
        return subprocess.run(
            [str(executable), *arguments],
            input=stdin,
            env=os.environ | {"KEEL_SOLC_CACHE": str(cache)},
            capture_output=True,
            text=True,
        )

    return solc


@pytest.fixture
def compile_pool(solc, base):
    def compile_pool(body=BODY):
        job = {
            "language": "Solidity",
            "sources": {"Pool.sol": {"content": POOL % body}},
            "settings": {"outputSelection": {"*": {"*": ["evm.bytecode.object"]}}},
        }
        done = solc("--standard-json", "--base-path", str(base), stdin=json.dumps(job))
        assert done.returncode == 0
        return json.loads(done.stdout)

    return compile_pool


def code(output):
    return output["contracts"]["Pool.sol"]["Pool"]["evm"]["bytecode"]["object"]


def errors(output):
    return [error["message"] for error in output["errors"] if error["severity"] == "error"]


def outputs(cache):
    return sorted(cache.glob("*.gz"))


def test_version__is_the_pinned_one(solc):
    first, again = solc("--version"), solc("--version")
    assert first.stdout.splitlines()[1].startswith("Version: 0.8.30+commit.")
    assert again.stdout == first.stdout


def test_compile__again__comes_from_the_cache(compile_pool, cache):
    first = compile_pool()
    (stored,) = outputs(cache)
    written = stored.stat().st_ino
    assert compile_pool() == first
    assert [path.stat().st_ino for path in outputs(cache)] == [written]


def test_compile__after_its_input_changed__is_new(compile_pool, cache):
    first = compile_pool()
    assert code(compile_pool(BODY.replace("LIMIT;", "LIMIT + 1;"))) != code(first)
    assert len(outputs(cache)) == 2


def test_compile__after_an_import_changed__is_new(compile_pool, base, cache):
    first = compile_pool()
    (base / "lib" / "Limit.sol").write_text("uint256 constant LIMIT = 8;")
    second = compile_pool()
    assert code(second) != code(first)
    (base / "lib" / "Limit.sol").write_text("uint256 constant LIMIT = 7;")
    assert compile_pool() == first
    assert len(outputs(cache)) == 2


def test_compile__after_a_missing_import_appeared__is_new(compile_pool, base):
    source = (base / "lib" / "Limit.sol").read_text()
    (base / "lib" / "Limit.sol").unlink()
    (error,) = errors(compile_pool())
    assert "File not found" in error
    (base / "lib" / "Limit.sol").write_text(source)
    assert code(compile_pool())


def test_compile__failed__is_not_kept(compile_pool, cache):
    assert errors(compile_pool("nonsense"))
    assert outputs(cache) == []


def test_compile__with_a_damaged_cache__compiles_again(compile_pool, cache):
    first = compile_pool()
    (stored,) = outputs(cache)
    stored.write_bytes(stored.read_bytes()[:-9])
    assert compile_pool() == first


@pytest.mark.parametrize("name", ["../Secret.sol", "{outside}/Secret.sol"])
def test_import__outside_the_base_path__is_refused(solc, tmp_path, base, name):
    (tmp_path / "Secret.sol").write_text("uint256 constant LIMIT = 7;")
    source = POOL.replace("lib/Limit.sol", name.format(outside=tmp_path)) % BODY
    job = {"language": "Solidity", "sources": {"Pool.sol": {"content": source}}}
    done = solc("--standard-json", "--base-path", str(base), stdin=json.dumps(job))
    (error,) = errors(json.loads(done.stdout))
    assert "not found" in error


@pytest.mark.parametrize("arguments", [(), ("--bin",), ("--standard-json", "--base-path")])
def test_unknown_arguments__are_refused_in_one_line(solc, arguments):
    done = solc(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("solc: ")
    assert len(done.stderr.splitlines()) == 1
