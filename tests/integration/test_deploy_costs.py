"""What a testnet costs by README.md is what the files that ship send."""

from dataclasses import dataclass, replace

import pytest

from keel.chain.config import NETWORKS
from keel.chain.deploy import acceptances, deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.sender import NodeSender
from keel.chain.settings import load_settings
from tests.fixtures.live import ETHER_USD, OWNER, ROOT, live_chain
from tests.fixtures.priced import add_liquidity, price_ether
from tests.fixtures.staking import ETHER

GWEI = 10**9
PRICE = 2 * GWEI
SLOT = 12
CONTRACTS, CALLS = 10_000, 1_000
"""Figures are rounded: addresses of a deployer, and comments in the code of contracts, change
hundreds of gas.
"""


@dataclass(frozen=True)
class Bill:
    """Gas of each transaction, in the groups that the README has; wei."""

    contracts: list[int]
    wiring: list[int]
    members: list[int]
    handed_over: list[int]
    accepted: list[int]
    markets: dict[str, list[int]]
    bootstrap: int


def bill(artifacts, name, ether_usd=None):
    """By deploying from the network's file, to an owner who isn't the deployer."""
    steps = {}

    def note(step, receipt):
        if receipt is not None:
            steps[step] = int(receipt["gasUsed"], 16)

    with live_chain(artifacts, NETWORKS[name], ether_usd) as rpc:
        payer, owner = rpc.accounts[1:3]
        # An average's gas depends on the time since its last entry: let that not be this machine's.
        rpc.call("anvil_setBlockTimestampInterval", SLOT)
        settings = load_settings(ROOT / "deployments" / f"{name}.yaml", payer)
        assert settings.gas_price == PRICE
        config = replace(settings.stack, owner=owner)
        deployer = Deployer(rpc, artifacts, NodeSender(rpc, payer), progress=note)
        stack = deploy_stack(deployer, config)
        first = dict(steps)
        steps.clear()
        add_liquidity(stack, payer)
        if ether_usd is not None:
            rpc.impersonate(OWNER)
            rpc.set_balance(OWNER, ETHER)
            price_ether(stack, OWNER)
        deploy_stack(deployer, config)
        accepted = [
            int(rpc.receipt(sent)["gasUsed"], 16)
            for call in acceptances(deployer, owner).values()
            for sent in [rpc.call("eth_sendTransaction", call.as_transaction(owner))]
        ]

    def taken(chosen):
        return [first.pop(step) for step in list(first) if chosen(step)]

    return Bill(
        contracts=taken(lambda step: step in deployer.manifest.contracts),
        members=taken(lambda step: ".addMember " in step),
        handed_over=taken(lambda step: step.endswith(".transferOwnership")),
        wiring=taken(lambda step: True),
        accepted=accepted,
        markets={
            vault: [steps[f"listFeed {feed}"], steps[f"openMarket {vault}"]]
            for vault, feed in (("CoveredCalls", "wkETH"), ("Cover", "peg"))
            if f"openMarket {vault}" in steps
        },
        bootstrap=config.bootstrap,
    )


@pytest.fixture(scope="module")
def bills(artifacts):
    """Of Sepolia and of Hoodi."""
    return bill(artifacts, "sepolia", ETHER_USD), bill(artifacts, "hoodi")


def cells(counts, gas, between=" or ", after=""):
    """Columns of a row: transactions, gas, ether."""
    return (
        between.join(map(str, counts)),
        between.join(f"{each:,}" for each in gas) + after,
        between.join(f"{each * PRICE / ETHER:.4f}" for each in gas) + after,
    )


def nearest(gas, unit):
    return (sum(gas) + unit // 2) // unit * unit


def at_most(gas, unit):
    return -(-max(gas) // unit) * unit


def expected(sepolia, hoodi):
    """Rows of the README's table by how they begin."""
    both = (sepolia, hoodi)
    members = at_most(sepolia.members + hoodi.members, CALLS)
    accepted = at_most(sepolia.accepted + hoodi.accepted, CALLS)
    return {
        "contracts on Sepolia": cells(
            [len(each.contracts) for each in both],
            [nearest(each.contracts, CONTRACTS) for each in both],
        ),
        "wiring, roles, fees": cells([len(sepolia.wiring)], [nearest(sepolia.wiring, CALLS)]),
        "members of the oracle": cells(["one each"], [members], after=" each"),
        "hand-over to `owner`": cells(
            [len(each.handed_over) for each in both],
            [nearest(each.handed_over, CALLS) for each in both],
        ),
        "bootstrap stake": ("with the first", "", f"{sepolia.bootstrap / ETHER:g}"),
        "accept ownership": cells(["one a contract"], [accepted], after=" each"),
        "markets of calls and of cover": cells(
            ["two each"],
            [nearest(sepolia.markets[vault], CALLS) for vault in ("CoveredCalls", "Cover")],
            between=" and ",
        ),
    }


def test_readme__has_what_a_testnet_costs(bills):
    sepolia, hoodi = bills
    assert len(sepolia.members) == len(hoodi.members) == 2
    assert {len(gas) for gas in sepolia.markets.values()} == {2}
    assert len(sepolia.accepted) == len(sepolia.handed_over)
    assert (len(sepolia.wiring), sepolia.bootstrap) == (len(hoodi.wiring), hoodi.bootstrap)
    lines = (ROOT / "README.md").read_text().splitlines()
    assert any(f"| ether at {PRICE // GWEI} gwei |" in line for line in lines)
    write = []
    for begins, wanted in expected(sepolia, hoodi).items():
        (row,) = [line for line in lines if line.startswith(f"| {begins}")]
        if tuple(cell.strip() for cell in row.split("|")[2:5]) != wanted:
            write.append(f"| {begins} … | {' | '.join(wanted)} |")
    assert not write, "README.md, section on testnets; write\n" + "\n".join(write)
