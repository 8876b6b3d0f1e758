"""What the staking machine compares: whatever changes in a model alone is seen, and named."""

from copy import deepcopy
from dataclasses import replace

import pytest

from tests.machines.chain import AnvilChain
from tests.machines.drawing import Part
from tests.machines.driver import Step, replay
from tests.machines.revm import RevmChain
from tests.machines.staking_machine import staking_machine

PARTS = [Part(10_000)] * 4
ALWAYS = (0, 2**256 - 1)
REPORT = {"growth": Part(100), "seen": True, "swept": Part(), "hint": 0, "blame": ()}
STEPS = [
    Step("start_validators", {}),
    Step("request", {"name": "staker", "owner": "staker", "parts": PARTS, "terms": ALWAYS}),
    Step("report_gain", {**REPORT, "bound": 10**19, "tickets": Part(500_000, 1)}),
    Step("set_operator", {"name": "staker", "operator": "spender", "approved": True}),
    Step("claim", {"name": "its owner", "position": 0, "stray": 0}),
]


def staker(model):
    return next(a for a, b in model.pool.allowances if b == model.wrapper.address)


def of_ledger(name):
    def change(model):
        ledger = model.pool.ledger
        model.pool.ledger = replace(ledger, **{name: getattr(ledger, name) + 1})

    return change


def of_last_ticket(**changes):
    def change(model):
        model.queue.tickets[-1] = replace(model.queue.tickets[-1], **changes)

    return change


def of_checkpoint(**changes):
    def change(model):
        model.queue.checkpoints[-1] = replace(model.queue.checkpoints[-1], **changes)

    return change


def more(mapping):
    def change(model):
        table = mapping(model)
        key = next(iter(table))
        table[key] = table[key] + 1 if table[key] < 2**255 else 7

    return change


CHANGES = {
    "buffered": (of_ledger("buffered"), "pool.getBalances"),
    "consensus layer": (of_ledger("consensus_layer"), "pool.getBeaconStat"),
    "in flight": (of_ledger("deposited_ether"), "pool.getBalances"),
    "validators": (of_ledger("validators"), "pool.getBeaconStat"),
    "deposited validators": (of_ledger("deposited_validators"), "pool.getBeaconStat"),
    "carried gain": (of_ledger("carried_gain"), "pool.getBalances"),
    "locked gain": (of_ledger("locked_gain"), "pool.getBalances"),
    "total shares": (
        lambda m: setattr(m.pool, "total_exact_shares", m.pool.total_exact_shares + 1),
        "pool.exchangeRate",
    ),
    "losses": (lambda m: setattr(m.pool, "loss_count", 9), "wrapper.lossCount"),
    "paused": (lambda m: setattr(m.pool, "paused", True), "pool.isStakingPaused"),
    "fees": (lambda m: setattr(m.pool, "fees", m.pool.fees[::-1]), "pool.getFees"),
    "limit": (
        lambda m: setattr(m.pool, "stake_limit", replace(m.pool.stake_limit, level=5)),
        "pool.getCurrentStakeLimit",
    ),
    "shares": (more(lambda m: m.pool.exact_shares), "exact shares of"),
    "allowance": (more(lambda m: m.pool.allowances), "allowance of"),
    "wrapped": (more(lambda m: m.wrapper.balances), "units of"),
    "wrapped allowance": (more(lambda m: m.wrapper.allowances), "allowance of units of"),
    "supply": (
        lambda m: setattr(m.wrapper, "total_supply", m.wrapper.total_supply + 1),
        "wrapper.totalSupply",
    ),
    "nominal": (of_last_ticket(nominal=101), "queue.unfinalizedStETH"),
    "shares of a ticket": (of_last_ticket(exact_shares=1), "sums up to ticket 4"),
    "rate of a ticket": (of_last_ticket(request_rate=1), "owner and rate of ticket 4"),
    "time of a ticket": (of_last_ticket(requested_at=1), "sums up to ticket 4"),
    "owner of a ticket": (
        lambda m: m.queue.owners.__setitem__(4, m.pool.address),
        "owner and rate of ticket 4",
    ),
    "approval of a ticket": (
        lambda m: m.queue.approvals.__setitem__(4, m.pool.address),
        "approval for ticket 4",
    ),
    "operator": (lambda m: m.queue.operators.clear(), "operator of"),
    "new operator": (
        lambda m: m.queue.operators.add((staker(m), staker(m))),
        "operator of",
    ),
    "claim": (lambda m: m.queue.owners.pop(2), "owner and rate of ticket 2"),
    "checkpoint": (of_checkpoint(rate_ray=1), "checkpoint 1"),
    "boundary": (of_checkpoint(boundary_id=0), "checkpoint 1"),
    "locked ether": (
        lambda m: setattr(m.queue, "locked_ether_amount", m.queue.locked_ether_amount + 1),
        "queue.getLockedEtherAmount",
    ),
    "vault": (lambda m: setattr(m.pool.withdrawal_vault, "ether_amount", 1), "withdrawals"),
    "rewards": (lambda m: setattr(m.pool.rewards_vault, "ether_amount", 1), "rewards"),
}


@pytest.fixture(scope="module", params=["anvil", "in process"])
def played(request, artifacts):
    """A stage on which the steps were played, and the model in the same state."""
    chain = RevmChain()
    if request.param == "anvil":
        chain = AnvilChain(request.getfixturevalue("fast_rpc"))
    machine_class = staking_machine(chain, artifacts)
    models = []

    class Kept(machine_class):
        def teardown(self):
            models.append(self.model)

    replay(Kept, STEPS)
    assert models[0].queue.get_last_finalized_request_id() == 3
    return Kept.stage, models[0]


def test_require_same__as_played(played):
    stage, model = played
    stage.require_same(deepcopy(model))


@pytest.mark.parametrize("change", CHANGES)
def test_require_same__sees(played, change):
    stage, model = played
    make, named = CHANGES[change]
    changed = deepcopy(model)
    make(changed)
    with pytest.raises(AssertionError) as seen:
        stage.require_same(changed)
    assert named in str(seen.value)
