"""`ape run deploy` on a chain that claims Sepolia's id: planned, killed, gone on with."""

import json
import os
import re
import subprocess
import time

from tests.fixtures.live import ALIAS, OWNER, ROOT, environment


def command(*options, script="deploy"):
    return ["ape", "run", script, "--network", "ethereum:sepolia:node", *options]


def run(url, *options, script="deploy"):
    return subprocess.run(
        command(*options, script=script),
        cwd=ROOT,
        env=environment(url),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def planned(outcome):
    """Names of the steps in a plan's table."""
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    rows = re.findall(r"^│ (\w[\w. /]+?) +│ [\d,]+ +│", outcome.stdout, re.MULTILINE)
    return [row for row in rows if not re.match(r"\d+ steps", row)]


def nonce(rpc, account):
    return int(rpc.call("eth_getTransactionCount", account, "latest"), 16)


def test_deploy__no_address_of_a_node__reverts():
    env = {name: value for name, value in os.environ.items() if name != "KEEL_SEPOLIA_RPC"}
    outcome = subprocess.run(
        command(), cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert outcome.returncode == 1
    assert "keel: KEEL_SEPOLIA_RPC is not set. Next: export KEEL_SEPOLIA_RPC=" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_deploy__dead_node__reverts():
    outcome = run("http://127.0.0.1:1")
    assert outcome.returncode == 1
    assert "Next: check the address and that the node runs" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_deploy__broadcast_without_an_account__reverts(sepolia):
    outcome = run(sepolia.url, "--broadcast")
    assert outcome.returncode == 1
    assert "no account named. Next: add --account ALIAS" in outcome.stderr


def test_deploy__account_without_ether__reverts(sepolia, deployer_account, tmp_path):
    funds = sepolia.balance(deployer_account)
    sepolia.set_balance(deployer_account, 0)
    manifest = tmp_path / "sepolia.json"
    options = ("--account", ALIAS, "--broadcast", "--manifest", str(manifest))
    planned, unplanned = run(sepolia.url, *options), run(sepolia.url, *options, "--no-plan")
    sepolia.set_balance(deployer_account, funds)
    assert planned.returncode == unplanned.returncode == 1
    assert "the account holds 0.00000 ether, the plan takes" in planned.stderr
    assert "Next: send it the rest" in planned.stderr
    assert "nsufficient funds" in unplanned.stderr
    assert "Next: check the account's ether, then run the same command" in unplanned.stderr
    assert "Traceback" not in planned.stderr + unplanned.stderr


def test_deploy__plans_then_survives_being_killed_then_has_nothing_to_do(
    sepolia, deployer_account, live_config, tmp_path
):
    manifest = tmp_path / "sepolia.json"
    options = ("--account", ALIAS, "--config", live_config, "--manifest", str(manifest))
    plan = planned(run(sepolia.url, *options))
    assert plan[0] == "StakingPool"
    assert plan[-1] == "CoveredCallsVault.transferOwnership"
    assert nonce(sepolia, deployer_account) == 0
    assert not manifest.exists()

    said = tmp_path / "said.txt"
    with said.open("w") as log:
        process = subprocess.Popen(
            command(*options, "--broadcast"),
            cwd=ROOT,
            env=environment(sepolia.url),
            stdout=log,
            stderr=log,
        )
    deadline = time.monotonic() + 300
    while nonce(sepolia, deployer_account) < 4:
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.02)
    process.kill()
    process.wait()

    left = planned(run(sepolia.url, *options))
    sent = nonce(sepolia, deployer_account)  # by now the node has what was on its way to it
    assert 4 <= sent < len(plan)
    assert left == plan[sent:]
    finished = run(sepolia.url, *options, "--broadcast")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    handed_over = sum(step.endswith(".transferOwnership") for step in plan)
    assert finished.stdout.count("0x79ba5097") == handed_over > 5, "what the owner has to accept"
    assert nonce(sepolia, deployer_account) == len(plan)
    pool = json.loads(manifest.read_text())["contracts"]["StakingPool"]["address"]
    pending = sepolia.call("eth_call", {"to": pool, "data": "0xe30c3978"}, "latest")
    assert int(pending, 16) == int(OWNER, 16)

    assert "Nothing is left to send" in run(sepolia.url, *options).stdout
    assert run(sepolia.url, *options, "--broadcast").returncode == 0
    assert nonce(sepolia, deployer_account) == len(plan)

    terms = ("--config", live_config, "--manifest", str(manifest))
    outcome = run(sepolia.url, *terms, script="verify")
    assert outcome.returncode == 1
    assert f"{2 * handed_over} differences" in outcome.stdout
    assert "pendingOwner" in outcome.stdout
    assert "Traceback" not in outcome.stderr
    sepolia.impersonate(OWNER)
    sepolia.set_balance(OWNER, 10**18)
    calls = re.findall(r"(0x[0-9a-fA-F]{40}) +│ (0x79ba5097) ", finished.stdout)
    assert len(calls) == handed_over
    for to, data in calls:
        accept = {"from": OWNER, "to": to, "data": data}
        assert sepolia.receipt(sepolia.call("eth_sendTransaction", accept))["status"] == "0x1"
    outcome = run(sepolia.url, *terms, script="verify")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "Nothing differs. Compared: 26 code, 19 arguments" in outcome.stdout


def test_verify__without_a_deployment__reverts(sepolia, tmp_path):
    outcome = run(sepolia.url, "--manifest", str(tmp_path / "none.json"), script="verify")
    assert outcome.returncode == 1
    assert "Next: deploy first, or say --manifest FILE" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_deploy__configuration_of_another_network__reverts(sepolia, tmp_path):
    outcome = run(sepolia.url, "--config", str(ROOT / "deployments" / "hoodi.yaml"))
    assert outcome.returncode == 1
    assert "the configuration is for hoodi, the node is sepolia's. Next: name" in outcome.stderr
