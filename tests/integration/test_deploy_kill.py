"""`ape run deploy` on a chain that claims Sepolia's id, killed at every single transaction."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.killing_proxy import Death, KillingProxy
from tests.fixtures.live import ALIAS, ROOT

KILLED = -9


@pytest.fixture(scope="module")
def proxy(sepolia):
    with KillingProxy(sepolia) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def deploy(proxy, deployer_account, live_config, live_environment):
    """Run the command once, forked from a process that has loaded everything."""
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.fixtures.deploy_forks"],
        cwd=ROOT,
        env=live_environment(proxy.url),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(manifest: Path, death: Death | None = None):
        output = manifest.with_suffix(".txt")
        options = [
            "--network", "ethereum:sepolia:node", "--account", ALIAS, "--config", live_config,
            "--manifest", str(manifest), "--broadcast", "--no-plan",
        ]  # fmt: skip
        proxy.load(death) if death else proxy.spare()
        nursery.stdin.write(json.dumps([str(output), *options]) + "\n")
        nursery.stdin.flush()
        proxy.aim(int(nursery.stdout.readline()))
        return int(nursery.stdout.readline()), output.read_text()

    yield run
    nursery.stdin.close()
    nursery.wait(10)


@pytest.fixture
def undone(sepolia):
    snapshot = sepolia.snapshot()
    yield
    sepolia.revert(snapshot)


@pytest.fixture(scope="module")
def undisturbed(sepolia, proxy, deploy, tmp_path_factory):
    """Manifest of a run that nothing stopped, and how many transactions it sent."""
    snapshot, before = sepolia.snapshot(), proxy.sent
    path = tmp_path_factory.mktemp("undisturbed") / "sepolia.json"
    code, said = deploy(path)
    assert code == 0, said
    sepolia.revert(snapshot)
    return contracts(path), proxy.sent - before


def contracts(path):
    """What a manifest says of each contract, without when it came to be."""
    entries = json.loads(path.read_text())["contracts"]
    varying = ("block", "tx_hash", "runtime_hash")
    return {
        role: {name: value for name, value in entry.items() if name not in varying}
        for role, entry in entries.items()
    }


@pytest.mark.parametrize(
    "deaths",
    [(Death.UNSENT, Death.MINED), (Death.PENDING,)],
    ids=["before and after sending", "while it is pending"],
)
def test_deploy__killed_at_every_transaction__ends_as_if_it_was_not(
    deploy, undisturbed, proxy, deployer_account, sepolia, tmp_path, deaths, undone
):
    """Each run dies at its first transaction, so that each transaction is died at in each way."""
    expected, transactions = undisturbed
    manifest = tmp_path / "sepolia.json"
    before = proxy.sent
    died = {death: 0 for death in deaths}
    while proxy.sent - before < transactions:
        for death in deaths:
            code, said = deploy(manifest, death)
            assert code == KILLED, said
            died[death] += 1
        assert sum(died.values()) <= len(deaths) * transactions, "something is sent twice"
    assert set(died.values()) == {transactions}
    code, said = deploy(manifest)
    assert code == 0, said
    assert proxy.sent - before == transactions
    assert contracts(manifest) == expected
