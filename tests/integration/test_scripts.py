"""The scripts as a user runs them: what they refuse, and that they leave nothing behind."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from keel.chain.anvil import free_port
from keel.chain.rpc import NodeUnreachable, Rpc
from keel.sim.catalogue import BACKTEST, PLANS, STUDIES

ROOT = Path(__file__).parents[2]


def run(*command, **environment):
    return subprocess.run(
        ["ape", "run", *command],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "has no header"),
        ("a,b\n", "has no header"),
        (
            "date,eth_usd,steth_eth,steth_share,eth_vol\n2022-05-01,x,1,,\n",
            "line 2: could not convert",
        ),
        ("date,eth_usd,steth_eth,steth_share,eth_vol\n2022-05-01,1,0.9,,\n", "fewer than two days"),
    ],
)
def test_demo__bad_csv__reverts(tmp_path, text, complaint):
    table = tmp_path / "mine.csv"
    table.write_text(text)
    outcome = run("demo", "--csv", str(table))
    assert outcome.returncode == 1
    assert complaint in outcome.stderr
    assert "Next: see" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_demo__days_outside_the_table__reverts():
    outcome = run("demo", "--from", "2021-01-01", "--to", "2021-01-05")
    assert outcome.returncode == 1
    assert "the data reach from 2022-05-01 to 2022-07-31" in outcome.stderr


def test_demo__unknown_scenario__reverts():
    outcome = run("demo", "--scenario", "boredom")
    assert outcome.returncode == 1
    assert "no scenario 'boredom'. Next: choose one of june-2022, depeg-cover" in outcome.stderr


def test_demo__window_of_a_scenario__reverts():
    outcome = run("demo", "--scenario", "run", "--quick")
    assert outcome.returncode == 1
    assert "run has a window and prices of its own" in outcome.stderr


def test_demo__liquidity_studies__need_no_chain(tmp_path):
    page = tmp_path / "studies.html"
    table = tmp_path / "pool.csv"
    table.write_text("date,steth_eth,steth_share\n2022-06-01,0.98,0.68\n2022-06-16,0.94,0.81\n")
    outcome = run(
        "demo", "--scenario", "liquidity-studies", "--from", "2022-06-01", "--to", "2022-06-20",
        "--pool-csv", str(table), "--report", str(page),
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr
    assert "2 readings from pool.csv" in outcome.stdout
    assert "Vault, ether" in outcome.stdout
    assert "2022-06-16" in page.read_text()


def test_demo__bad_readings_of_the_pool__reverts(tmp_path):
    table = tmp_path / "pool.csv"
    table.write_text("date\n")
    outcome = run("demo", "--scenario", "liquidity-studies", "--pool-csv", str(table))
    assert outcome.returncode == 1
    assert "pool.csv has no header with date, steth_eth, steth_share" in outcome.stderr


def test_demo__readings_of_the_pool_for_a_run__reverts(tmp_path):
    outcome = run("demo", "--scenario", "run", "--pool-csv", str(tmp_path / "pool.csv"))
    assert outcome.returncode == 1
    assert "run takes no readings of the real pool. Next: leave out --pool-csv" in outcome.stderr


def test_demo__covered_calls__of_a_user(tmp_path):
    """Another form of number, no share of the pool, a delta of one's own; rounds in a table."""
    table, page = tmp_path / "mine.csv", tmp_path / "calls.html"
    rows = [f"2022-06-{day:02},1{day:02}0,1,,0.9" for day in range(1, 31)]
    table.write_text("\n".join(["date,eth_usd,steth_eth,steth_share,eth_vol", *rows]))
    outcome = run(
        "demo", "--scenario", "covered-calls", "--csv", str(table), "--delta", "0.15",
        "--report", str(page),
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr
    assert "3 June 2022 to 24 June 2022, 3 weeks" in outcome.stdout
    assert "Prices: mine.csv" in page.read_text()
    assert len((tmp_path / "calls.csv").read_text().splitlines()) == 1 + 3


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("covered-calls", "--delta", "0.6"), "a delta target of 0.6. Next: give hundredths"),
        (("run", "--delta", "0.2"), "run takes no delta targets. Next: leave out --delta"),
    ],
)
def test_demo__covered_calls__that_can_not_be_played__reverts(arguments, complaint):
    outcome = run("demo", "--scenario", *arguments)
    assert outcome.returncode == 1
    assert complaint in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_demo__help__lists_every_scenario():
    outcome = run("demo", "--help")
    for name in (*PLANS, BACKTEST, STUDIES):
        assert f"\n    {name} " in outcome.stdout


def test_devnet__port_in_use__reverts():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        outcome = run("devnet", "--port", str(taken.getsockname()[1]))
    assert outcome.returncode == 1
    assert "is in use. Next: choose another with --port" in outcome.stderr


def test_devnet__answers_and_ends_with_its_node():
    port = free_port()
    rpc = Rpc(f"http://127.0.0.1:{port}")
    process = subprocess.Popen(
        ["ape", "run", "devnet", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        printed = ""
        deadline = time.monotonic() + 300
        while "rpc.balance(" not in printed:  # the last line
            assert time.monotonic() < deadline, printed
            line = process.stdout.readline()
            assert line, printed
            printed += line
        assert rpc.chain_id == 31337
        assert rpc.block()["number"] != "0x0"
        _try_what_it_says(printed, rpc)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=120)
    with pytest.raises(NodeUnreachable):
        rpc.call("eth_chainId")


def _try_what_it_says(printed, rpc):
    """Paste the lines that the devnet prints into the two consoles that it names."""
    console, python = (
        [line.strip() for line in block.splitlines()[1:] if line.startswith("    ")]
        for block in printed.split("make run CMD=")[1:]
    )
    assert f"ape console --network {rpc.url}'" in printed
    sent = rpc.call("eth_getTransactionCount", rpc.accounts[3], "latest")
    for command in (
        ["ape", "console", "--network", rpc.url, "--code", "; ".join(console)],
        ["python", "-c", "\n".join(python)],
    ):
        outcome = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr
        assert "Error" not in outcome.stdout + outcome.stderr
    assert rpc.call("eth_getTransactionCount", rpc.accounts[3], "latest") != sent


def test_deploy__unknown_account__reverts():
    outcome = run("deploy", "--network", "ethereum:local:foundry", "--account", "nobody-has-this")
    assert outcome.returncode == 1
    assert "no account 'nobody-has-this'. Next: import it" in outcome.stderr


def test_deploy__local__writes_a_manifest(tmp_path):
    manifest = tmp_path / "local.json"
    outcome = run("deploy", "--network", "ethereum:local:foundry", "--manifest", str(manifest))
    assert outcome.returncode == 0, outcome.stderr
    assert '"StakingPool"' in manifest.read_text()


def test_fuzz__one_example_again(tmp_path):
    outcome = run("fuzz", "--seed", "7", "--example", "3", "--corpus", str(tmp_path))
    assert outcome.returncode == 0, outcome.stderr
    assert "machine staking, seed 7" in outcome.stdout
    assert "1 examples" in outcome.stdout
    assert "report_gain" in outcome.stdout


def test_fuzz__too_short_to_see_everything__fails(tmp_path):
    few = ("--calls", "50", "--workers", "1", "--corpus", str(tmp_path))
    outcome = run("fuzz", "--seed", "7", *few)
    assert outcome.returncode == 1
    assert "rule never acted: " in outcome.stdout or "never seen: " in outcome.stdout
    assert "Traceback" not in outcome.stderr


def test_fuzz__example_of_no_seed__refused():
    outcome = run("fuzz", "--example", "3")
    assert outcome.returncode == 2
    assert "--example needs the --seed" in outcome.stderr


def test_bench__chosen_speeds(tmp_path):
    path = tmp_path / "bench.json"
    outcome = run("bench", "--only", "pricing", "--json", str(path))
    assert outcome.returncode == 0, outcome.stderr
    figures = json.loads(path.read_text())
    assert set(figures) == {"speed"}
    assert [speed["unit"] for speed in figures["speed"]] == ["options/s"] * 2
    assert all(speed["value"] > 0 for speed in figures["speed"])
    assert "Black-Scholes" in outcome.stdout


def test_scripts__all_load():
    outcome = run("--help")
    assert outcome.returncode == 0
    assert "Exception while parsing" not in outcome.stderr + outcome.stdout
    for script in (ROOT / "scripts").glob("*.py"):
        assert f"\n  {script.stem} " in outcome.stdout
