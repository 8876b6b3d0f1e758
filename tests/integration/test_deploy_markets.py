"""Option markets, opened by a second run of the deployment once there is a price."""

from dataclasses import replace

import pytest

from keel.chain.anvil import Anvil
from keel.chain.audit import audit
from keel.chain.config import StackConfig
from keel.chain.deploy import acceptances, deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.manifest import Manifest
from keel.chain.options import markets_left
from keel.chain.rpc import Rpc
from keel.chain.sender import NodeSender
from tests.fixtures.priced import add_liquidity, price_ether


class Deployment:
    """A stack on a node of its own."""

    def __init__(self, rpc, artifacts, path, **terms):
        self.rpc, self.artifacts, self.path = rpc, artifacts, path
        self.payer = rpc.accounts[0]
        self.config = StackConfig.single(self.payer, **terms)
        self.run()

    def run(self):
        """Deploy, or go on; what was sent."""
        sent = []
        self.deployer = Deployer(
            self.rpc, self.artifacts, NodeSender(self.rpc, self.payer), path=self.path,
            progress=lambda name, receipt: receipt and sent.append(name),
        )  # fmt: skip
        self.stack = deploy_stack(self.deployer, self.config)
        return sent

    def send(self, call, sender):
        sent = self.rpc.call("eth_sendTransaction", call.as_transaction(sender))
        assert self.rpc.receipt(sent)["status"] == "0x1"

    def add_liquidity(self):
        add_liquidity(self.stack, self.payer)

    def price_ether(self):
        price_ether(self.stack, self.payer)

    @property
    def left(self):
        manifest = self.deployer.manifest
        contracts = {role: self.deployer.contract(role) for role in manifest.contracts}
        return markets_left(self.config.options, contracts)

    def drifts(self):
        outcome = audit(self.rpc, self.artifacts, Manifest.load(self.path), self.config)
        return [(drift.role, drift.what) for drift in outcome.drifts]


@pytest.fixture
def rpc():
    with Anvil(0) as anvil:
        yield Rpc(anvil.url)


@pytest.fixture
def deployed(rpc, artifacts, tmp_path):
    return Deployment(rpc, artifacts, tmp_path / "local.json")


def test_markets__open_where_there_is_a_price_and_each_once(deployed):
    assert deployed.left == {"Cover": [], "CoveredCalls": []}
    assert deployed.run() == []
    assert deployed.drifts() == []
    deployed.add_liquidity()
    assert deployed.run() == ["listFeed peg", "openMarket Cover"]
    assert deployed.left == {"CoveredCalls": []}
    deployed.price_ether()
    assert deployed.run() == ["listFeed wkETH", "openMarket CoveredCalls"]
    assert deployed.left == {}
    assert deployed.run() == []
    assert deployed.drifts() == []
    calls, clearing = deployed.config.options.covered_calls, deployed.stack.clearing
    handle = deployed.stack.vaults["CoveredCalls"]
    market = clearing.call("marketAt", 1)
    assert market[0] == handle.feed
    assert market[3:] == (True, calls.min_strike, calls.grid, calls.max_time)


def test_markets__one_that_could_be_open_or_differs__is_a_drift(deployed):
    deployed.add_liquidity()
    assert ("SettlementOracle", "listFeed peg") in deployed.drifts()
    deployed.run()
    assert deployed.drifts() == []
    options = deployed.config.options
    cover = replace(options.cover, max_time=options.cover.max_time // 2)
    deployed.config = replace(deployed.config, options=replace(options, cover=cover))
    assert deployed.drifts() == [("OptionClearing", "openMarket Cover")]
    assert deployed.run() == ["openMarket Cover"], "with other bounds"
    assert deployed.drifts() == []
    handle = deployed.stack.vaults["Cover"]
    kind = handle.pricer.call("kind")
    market = (handle.feed, handle.asset.address, kind)
    handle.clearing.transact("closeMarket", *market, sender=deployed.payer)
    assert deployed.drifts() == [("OptionClearing", "openMarket Cover")]


def test_markets__owned_by_another__are_his_to_open(rpc, artifacts, tmp_path):
    owner = rpc.accounts[1]
    deployed = Deployment(rpc, artifacts, tmp_path / "local.json", owner=owner)
    for call in acceptances(deployed.deployer, owner).values():
        deployed.send(call, owner)
    deployed.add_liquidity()
    deployed.price_ether()
    assert deployed.run() == []
    assert deployed.drifts() == []
    calls = [call for calls in deployed.left.values() for call in calls]
    assert len(calls) == 4
    for call in calls:
        deployed.send(call, owner)
    assert deployed.left == {}
    assert deployed.run() == []
    assert deployed.drifts() == []


def test_markets__no_vault__has_no_market(rpc, artifacts, tmp_path):
    options = StackConfig.single(rpc.accounts[0]).options
    none = replace(
        options,
        cover=replace(options.cover, deployed=False),
        covered_calls=replace(options.covered_calls, deployed=False),
    )
    deployed = Deployment(rpc, artifacts, tmp_path / "local.json", options=none)
    assert deployed.stack.vaults == {}
    assert "PegVolatility" not in deployed.deployer.manifest.contracts
    assert deployed.left == {}
    assert deployed.drifts() == []
