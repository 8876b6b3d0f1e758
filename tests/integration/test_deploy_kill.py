"""`ape run deploy` on a chain that claims Sepolia's id, killed at every single transaction.

Of the first run, and of the one that opens the markets of options once they have prices.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from keel.chain.stack import Stack
from tests.fixtures.killing_proxy import Death, KillingProxy
from tests.fixtures.live import ALIAS, OWNER, ROOT
from tests.fixtures.priced import add_liquidity, price_ether
from tests.fixtures.staking import ETHER

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
def give_prices(sepolia, artifacts):
    """Make a stack's markets possible; neither of the two who do is the deployer."""

    def give(manifest: Path):
        stack = Stack.load(sepolia, artifacts, manifest)
        add_liquidity(stack, sepolia.accounts[1])
        sepolia.impersonate(OWNER)
        sepolia.set_balance(OWNER, ETHER)
        price_ether(stack, OWNER)

    return give


@pytest.fixture(scope="module")
def outcome(sepolia, artifacts):
    """What a run leaves: contracts, without when they came to be, and markets with their feeds."""

    def look(manifest: Path):
        entries = json.loads(manifest.read_text())["contracts"]
        varying = ("block", "tx_hash", "runtime_hash")
        contracts = {
            role: {name: value for name, value in entry.items() if name not in varying}
            for role, entry in entries.items()
        }
        stack = Stack.load(sepolia, artifacts, manifest)
        count = stack.clearing.call("marketCount")
        markets = [stack.clearing.call("marketAt", position) for position in range(count)]
        feeds = [stack.settlement.call("feedOf", market[0])[:2] for market in markets]
        return contracts, markets, feeds

    return look


@pytest.fixture(scope="module")
def undisturbed(sepolia, proxy, deploy, give_prices, outcome, tmp_path_factory):
    """Of the two runs that nothing stopped: what each left, and how many transactions it sent."""
    snapshot = sepolia.snapshot()
    path = tmp_path_factory.mktemp("undisturbed") / "sepolia.json"
    runs = []
    for prepare in (None, give_prices):
        if prepare:
            prepare(path)
        before = proxy.sent
        code, said = deploy(path)
        assert code == 0, said
        runs.append((outcome(path), proxy.sent - before))
    sepolia.revert(snapshot)
    return runs


@pytest.mark.parametrize(
    "deaths",
    [(Death.UNSENT, Death.MINED), (Death.PENDING,)],
    ids=["before and after sending", "while it is pending"],
)
def test_deploy__killed_at_every_transaction__ends_as_if_it_was_not(
    deploy, undisturbed, give_prices, outcome, proxy, deployer_account, tmp_path, deaths, undone
):
    """Each run dies at its first transaction, so that each transaction is died at in each way."""
    manifest = tmp_path / "sepolia.json"

    def die_at_each(expected, transactions):
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
        assert outcome(manifest) == expected

    first, markets = undisturbed
    assert markets[1] == 4, "two feeds to list, two markets to open"
    die_at_each(*first)
    give_prices(manifest)
    die_at_each(*markets)
