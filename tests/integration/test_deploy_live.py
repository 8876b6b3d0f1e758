"""`ape run deploy` on a chain that claims Sepolia's id: planned, killed, gone on with."""

import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from eth_account import Account

from keel.chain.anvil import Anvil
from keel.chain.config import NETWORKS
from keel.chain.deployer import Deployer
from keel.chain.rpc import Rpc
from keel.chain.sender import NodeSender

ROOT = Path(__file__).parents[2]
SEPOLIA = NETWORKS["sepolia"]
ALIAS = "keel-test-deployer"
OWNER = "0x00000000000000000000000000000000000000AA"


@pytest.fixture(scope="module")
def sepolia(artifacts):
    """Sepolia's chain id, deposit contract and WETH."""
    with Anvil(0, "--chain-id", str(SEPOLIA.chain_id)) as anvil:
        rpc = Rpc(anvil.url)
        deployer = Deployer(rpc, artifacts, NodeSender(rpc, rpc.accounts[0]))
        for mock, address in (
            ("DepositContractMock", SEPOLIA.deposit_contract),
            ("WETHMock", SEPOLIA.weth),
        ):
            code = rpc.code(deployer.create(mock, mock).address)
            rpc.call("anvil_setCode", address, "0x" + code.hex())
        yield rpc


@pytest.fixture(scope="module")
def deployer_account(sepolia):
    """An encrypted ape account with ether, for as long as the tests run."""
    account = Account.create()
    sepolia.set_balance(account.address, 10 * 10**18)
    keyfile = Path(os.environ["APE_DATA_FOLDER"]) / "accounts" / f"{ALIAS}.json"
    keyfile.parent.mkdir(parents=True, exist_ok=True)
    keyfile.write_text(
        json.dumps(Account.encrypt(account.key, "a passphrase", kdf="pbkdf2", iterations=2))
    )
    yield account.address
    keyfile.unlink()


def command(*options):
    return ["ape", "run", "deploy", "--network", "ethereum:sepolia:node", *options]


def environment(url):
    return {
        **os.environ,
        "COLUMNS": "200",
        "KEEL_SEPOLIA_RPC": url,
        f"APE_ACCOUNTS_{ALIAS}_PASSPHRASE": "a passphrase",
    }


def run(url, *options):
    return subprocess.run(
        command(*options),
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
    return rows[:-1]  # the last is their sum


def nonce(rpc, account):
    return int(rpc.call("eth_getTransactionCount", account, "latest"), 16)


def test_deploy__no_address_of_a_node__reverts():
    env = {name: value for name, value in os.environ.items() if name != "KEEL_SEPOLIA_RPC"}
    outcome = subprocess.run(
        command(), cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
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
    outcome = run(sepolia.url, "--account", ALIAS, "--broadcast", "--manifest", str(manifest))
    sepolia.set_balance(deployer_account, funds)
    assert outcome.returncode == 1
    assert "nsufficient funds" in outcome.stderr
    assert "Next: check the account's ether, then run the same command" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_deploy__plans_then_survives_being_killed_then_has_nothing_to_do(
    sepolia, deployer_account, tmp_path
):
    manifest = tmp_path / "sepolia.json"
    options = ("--account", ALIAS, "--owner", OWNER, "--manifest", str(manifest))
    plan = planned(run(sepolia.url, *options))
    assert plan[0] == "StakingPool"
    assert plan[-1] == "RedemptionVault.transferOwnership"
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
    deadline = time.monotonic() + 120
    while nonce(sepolia, deployer_account) < 4:
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.02)
    process.kill()
    process.wait()

    sent = nonce(sepolia, deployer_account)
    assert planned(run(sepolia.url, *options)) == plan[sent:]
    finished = run(sepolia.url, *options, "--broadcast")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert nonce(sepolia, deployer_account) == len(plan)
    pool = json.loads(manifest.read_text())["contracts"]["StakingPool"]["address"]
    pending = sepolia.call("eth_call", {"to": pool, "data": "0xe30c3978"}, "latest")
    assert int(pending, 16) == int(OWNER, 16)

    assert "Nothing is left to send" in run(sepolia.url, *options).stdout
    assert run(sepolia.url, *options, "--broadcast").returncode == 0
    assert nonce(sepolia, deployer_account) == len(plan)
