"""What the staking machine compares: whatever changes in a model alone is seen, and named."""

from copy import deepcopy
from dataclasses import replace

import pytest

from keel.models.staking.keys import Key, Operator, Status
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


def of_operator(**changes):
    def change(model):
        for name, value in changes.items():
            setattr(model.registry.operators[0], name, value)

    return change


def of_key(**changes):
    def change(model):
        keys = model.registry.operators[0].keys
        keys[3] = keys[3]._replace(**changes)

    return change


def count_one_more(model, name):
    operator = model.registry.operators[0]
    setattr(operator, name, getattr(operator, name) + 1)


def left_open(model):
    model.queue.book.paid[1] = 1
    model.queue.book.open.add(1)


CHANGES = {
    "buffered": (of_ledger("buffered"), "intake"),
    "consensus layer": (of_ledger("consensus_layer"), "consensus layer"),
    "in flight": (of_ledger("deposits_seen"), "consensus layer"),
    "validators": (of_ledger("validators"), "consensus layer"),
    "deposited validators": (of_ledger("deposited_validators"), "reporting"),
    "carried gain": (of_ledger("carried_gain"), "reporting"),
    "locked gain": (of_ledger("locked_gain"), "schedule"),
    "total shares": (
        lambda m: setattr(m.pool, "total_exact_shares", m.pool.total_exact_shares + 1),
        "totals",
    ),
    "losses": (lambda m: setattr(m.pool, "loss_count", 9), "pool's losses"),
    "last loss": (lambda m: setattr(m.pool, "confirmed_loss", (10**18, 9)), "pool's losses"),
    "paused": (lambda m: setattr(m.pool, "paused", True), "intake"),
    "fees": (lambda m: setattr(m.pool, "fees", m.pool.fees[::-1]), "pool's fee 0"),
    "limit": (
        lambda m: setattr(m.pool, "stake_limit", replace(m.pool.stake_limit, level=5)),
        "intake",
    ),
    "shares": (more(lambda m: m.pool.exact_shares), "exact shares of"),
    "allowance": (more(lambda m: m.pool.allowances), "allowance of"),
    "wrapped": (more(lambda m: m.wrapper.balances), "units of"),
    "wrapped allowance": (more(lambda m: m.wrapper.allowances), "allowance of units of"),
    "supply": (
        lambda m: setattr(m.wrapper, "total_supply", m.wrapper.total_supply + 1),
        "units of all",
    ),
    "nominal": (of_last_ticket(nominal=101), "sums up to ticket 4"),
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
        "queue's head",
    ),
    "shortfall": (of_ledger("shortfall"), "consensus layer"),
    "release": (of_ledger("release_end"), "schedule"),
    "time of a report": (lambda m: setattr(m.pool, "applied_at", 1), "reporting"),
    "advance": (lambda m: m.queue.book.paid.__setitem__(4, 1), "advance on ticket 4"),
    "advance left open": (left_open, "advances left open"),
    "rate of an advance": (lambda m: setattr(m.queue.book, "highest_rate", 1), "highest rate"),
    "ticket": (lambda m: m.queue.tickets.append(m.queue.tickets[-1]), "head"),
    "manager": (of_operator(manager="0x" + "12" * 20), "operator's manager 0"),
    "stopped": (of_operator(stopped=True), "operator's manager 0"),
    **{name: (of_operator(**{name: True}), "operator's counts 0") for name in ("poor", "short")},
    "in line": (of_operator(offering=False), "operator's counts 0"),
    "strikes": (of_operator(strikes=1), "operator's counts 0"),
    **{
        name: (lambda m, name=name: count_one_more(m, name), "operator's counts 0")
        for name in ("fill", "active", "bonded", "earning", "unused")
    },
    "awaiting": (lambda m: count_one_more(m, "awaiting"), "registry's sums"),
    "key's status": (of_key(status=Status.EXITING), "operator 0's key 3"),
    "key asked to exit": (of_key(exit_requested_at=1), "operator 0's key 3"),
    "key slashed": (of_key(slashed=True), "operator 0's key 3"),
    "key charged": (of_key(late_exit_charged=True), "operator 0's key 3"),
    "key's signature": (of_key(signature=bytes(96)), "operator 0's key 3"),
    "one key more": (lambda m: m.registry.operators[0].add(Key(b"", b"1" * 96)), "0's key 40"),
    "one key less": (lambda m: m.registry.operators[0].keys.pop(), "operator 0's key 39"),
    "one operator more": (
        lambda m: m.registry.operators.append(Operator("0x00")),
        "registry's operators",
    ),
    "nonce": (lambda m: setattr(m.registry, "nonce", 0), "registry's nonce"),
    "news": (lambda m: setattr(m.registry, "last_news", (9, 9)), "registry's news"),
    "exit period": (lambda m: setattr(m.registry, "exit_period", 1), "exit period"),
    "exit manager": (lambda m: setattr(m.registry, "exit_manager", "0x01"), "exit manager"),
    "confirmed": (lambda m: m.registry.confirmed.append((0, 7)), "confirmed keys"),
    "bond": (more(lambda m: m.bonds.shares), "bonds' shares 0"),
    "earning": (more(lambda m: m.bonds.earning), "bonds' earning 0"),
    "all earning": (lambda m: setattr(m.bonds, "all_earning", 1), "bonds' earning"),
    "unshared": (lambda m: setattr(m.bonds, "unshared", -1), "bonds' accounted"),
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
