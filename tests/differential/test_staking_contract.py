"""Single operations of the staking contracts against their models, to the wei, at random rates.

The pool is put into a random state, used, and forgotten: `eth_simulateV1` takes a state, a time and
hundreds of calls at once. `play` demands equality with the model; the tests then hold the model's
numbers to what is promised. What long sequences do is the staking machine's subject.
"""

import re
from collections import Counter
from dataclasses import astuple, replace
from random import Random

import pytest

from keel.chain.reports import report_data
from keel.models.rounding import mul_div_up
from keel.models.staking.advances import ESCAPE_DELAY
from keel.models.staking.ledger import RELEASE_PERIOD, Report
from keel.models.staking.pool import Verdict
from keel.models.staking.shares import MAX_AMOUNT, UNIT
from keel.models.staking.tickets import MIN_STETH_WITHDRAWAL_AMOUNT, RATE_SCALE
from tests.fixtures.staking import ETHER, ZERO
from tests.fixtures.staking_worlds import Step, draw_world, log_uniform
from tests.machines.staking_cast import FEE_RECIPIENTS
from tests.machines.staking_chain import REPORT_HASH, address_of
from tests.machines.staking_tokens import HOLDERS

TRANSFERS = 10_000
TRIPS = 1_200
HOLDER = address_of(HOLDERS[0])
EVERYBODY = [address_of(name) for name in (*HOLDERS, "newcomer")]

BY_ETHER = (
    "pool.toSharesDown", "pool.toSharesUp", "pool.getSharesByPooledEth",
    "wrapper.getWstETHByStETH", "wrapper.convertToShares", "wrapper.previewDeposit",
    "wrapper.previewWithdraw", "pool.toEtherDown", "pool.toEtherUp",
)  # fmt: skip
BY_SHARES = (
    "pool.getPooledEthByShares", "pool.getPooledEthBySharesRoundUp",
    "wrapper.getStETHByWstETH", "wrapper.convertToAssets", "wrapper.previewMint",
    "wrapper.previewRedeem",
)  # fmt: skip
PLAIN = (
    "pool.getTotalPooledEther", "pool.getTotalShares", "pool.getUnreleasedGain",
    "wrapper.getRate", "wrapper.stEthPerToken", "wrapper.tokensPerStEth",
)  # fmt: skip


def snake(name):
    """Name of the model's function of a contract's."""
    plain = name.replace("WstETH", "Wsteth").replace("StETH", "Steth")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", plain).lower()


def view(twins, name, *arguments):
    """A view, and what the model says it returns now."""
    contract, _, function = name.partition(".")
    expected = getattr(getattr(twins, contract), snake(function))(*arguments)
    return Step(contract, function, arguments), expected


@pytest.mark.parametrize("seed", range(4))
def test_conversions__equal_the_model(worlds, seed):
    random = Random(seed)
    for _ in range(60):
        world = draw_world(random, worlds.now, spread=1_000)
        twins = worlds.model(world)
        steps = [view(twins, name) for name in PLAIN]
        for most, names in ((MAX_AMOUNT, BY_ETHER), (MAX_AMOUNT // UNIT, BY_SHARES)):
            amounts = (0, 1, most, log_uniform(random, 1, most), log_uniform(random, 1, ETHER))
            steps += [view(twins, name, amount) for name in names for amount in amounts]
        worlds.play(worlds.block(world.timestamp, steps, world=world))


@pytest.mark.parametrize("seed", range(4))
def test_transfer__recipient_gets_the_amount_or_a_wei_more(worlds, seed):
    """And the sender pays as much at most; a tenth of the transfers are of all there is."""
    random, done, first_receipts = Random(seed), 0, 0
    while done < TRANSFERS // 4:
        world = draw_world(random, worlds.now)
        twins = worlds.model(world)
        pool, steps = twins.pool, []
        for _ in range(100):
            sender, to = random.sample(EVERYBODY, 2)
            held, had = pool.balance_of(sender), pool.balance_of(to)
            if held == 0:
                continue
            amount = held if random.random() < 0.1 else log_uniform(random, 1, held)
            first_receipts += pool.exact_shares_of(to) == 0
            pool.transfer(sender, to, amount)
            left, got = pool.balance_of(sender), pool.balance_of(to)
            assert got - had in (amount, amount + 1)
            assert held - left in (amount, amount + 1)
            steps.append((Step("pool", "transfer", (to, amount), sender), True))
            steps += [view(twins, "pool.balanceOf", account) for account in (sender, to)]
            done += 1
        steps += [view(twins, "pool.exactSharesOf", account) for account in EVERYBODY]
        worlds.play(worlds.block(world.timestamp, steps, world=world))
    assert first_receipts > 0


def test_submit__shows_what_was_paid_or_a_wei_less(worlds):
    random = Random(0)
    for _ in range(60):
        world = draw_world(random, worlds.now)
        twins = worlds.model(world)
        pool, steps = twins.pool, []
        for value in (1, 2, *(log_uniform(random, 1, 1_000 * ETHER) for _ in range(10))):
            held = pool.exact_shares_of(HOLDER)
            minted = pool.submit(HOLDER, value)
            assert value - 1 <= pool.to_ether_down(minted) <= value
            assert pool.exact_shares_of(HOLDER) == held + minted
            steps.append((Step("pool", "submit", (ZERO,), HOLDER, value), minted // UNIT))
            steps.append(view(twins, "pool.exactSharesOf", HOLDER))
        worlds.play(
            worlds.block(world.timestamp, [*steps, *state(twins, world.timestamp)], world=world)
        )


class Trips:
    """Into the wrapper and out again, on the model; `steps` are for the contracts."""

    def __init__(self, twins):
        self.twins, self.steps = twins, []

    def act(self, function, *arguments):
        result = getattr(self.twins.wrapper, snake(function))(HOLDER, *arguments)
        self.steps.append((Step("wrapper", function, arguments, HOLDER), result))
        return result

    def make(self, way, amount):
        """Wei lost by putting about `amount` in and taking it all out."""
        pool, wrapper = self.twins.pool, self.twins.wrapper
        held, shares = pool.balance_of(HOLDER), pool.get_shares_by_pooled_eth(amount)
        if way == "wrap":
            assert self.act("wrap", amount) == shares
        elif way == "wrapShares":
            self.act("wrapShares", shares)
        elif way == "deposit":
            assert self.act("deposit", amount, HOLDER) == shares
        else:
            self.act("mint", shares, HOLDER)
        self.steps.append(view(self.twins, "wrapper.balanceOf", HOLDER))
        assert wrapper.balance_of(HOLDER) == shares
        if way in ("wrap", "wrapShares"):
            self.act("unwrap", shares)
        else:
            self.act("redeem", shares, HOLDER, HOLDER)
        self.steps.append(view(self.twins, "pool.balanceOf", HOLDER))
        return held - pool.balance_of(HOLDER)


@pytest.mark.parametrize("way", ["wrap", "wrapShares", "deposit", "mint"])
def test_round_trip__loses_what_rounding_may(worlds, way):
    """Wrapping moves whole shares there and back, so it loses nothing.

    ERC-4626 moves ether: a redemption leaves less than a wei behind, a `mint` takes less than one
    too many, a `deposit` less than a share's worth. At a rate below 1 that is 2 wei.
    """
    random, done = Random(way), 0
    while done < TRIPS // 4:
        world = draw_world(random, worlds.now)
        twins = worlds.model(world)
        trips, share = Trips(twins), twins.pool.to_ether_up(UNIT)
        allowed = {"wrap": 0, "wrapShares": 0, "deposit": 1 + share, "mint": 2}[way]
        for _ in range(12):
            held = twins.pool.balance_of(HOLDER)
            if held < 2 * share:
                break
            lost = trips.make(way, log_uniform(random, share, held))
            assert 0 <= lost <= allowed
            done += 1
        worlds.play(worlds.block(world.timestamp, trips.steps, world=world))


def shaken(random, world, now):
    """The same pool at another time, richer or poorer by up to a tenth."""
    change = random.randrange(-100, 101) * world.ledger.gross // 1_000
    ledger = replace(world.ledger, buffered=world.ledger.buffered + change)
    return replace(world, ledger=ledger, timestamp=now)


def requests(worlds, random, twins, world):
    """A block of requests in `world`, made on the model too."""
    worlds.enter(twins, world)
    most = min(twins.pool.balance_of(HOLDER) // 5, 1_000 * ETHER)
    amounts = [log_uniform(random, MIN_STETH_WITHDRAWAL_AMOUNT, most) for _ in range(4)]
    ids = twins.queue.request_withdrawals(HOLDER, amounts)
    step = Step("queue", "requestWithdrawals(uint256[],address)", (amounts, ZERO), HOLDER)
    return worlds.block(world.timestamp, [(step, ids)], world=world)


@pytest.mark.parametrize("seed", range(3))
def test_tickets__nominal_and_payment_equal_the_model(worlds, seed):
    """Requests at three rates, finalised at a fourth: within and across loss epochs."""
    random, by_rate, by_nominal = Random(seed), 0, 0
    for _ in range(40):
        base = draw_world(random, worlds.now, spread=2)
        twins = worlds.model(base)
        queue = twins.queue
        times = range(worlds.now, worlds.now + 36, 12)
        blocks = [
            requests(worlds, random, twins, shaken(random, base, timestamp)) for timestamp in times
        ]
        world = shaken(random, base, worlds.now + 36)
        worlds.enter(twins, world)

        ids = range(1, queue.get_last_request_id() + 1)
        last, rate = random.choice(ids), twins.pool.to_ether_down(RATE_SCALE)
        status = [astuple(row) for row in queue.get_withdrawal_status(ids)]
        settlement = queue.prefinalize(last, rate)
        sums = (
            settlement.ether_to_lock,
            settlement.exact_shares_to_burn,
            settlement.ether_to_send,
        )
        steps = [
            (Step("queue", "getWithdrawalStatus", (list(ids),)), status),
            (Step("queue", "prefinalize", (last, rate, [])), sums),
            view(twins, "queue.findBoundaries", last, rate),
            *(view(twins, "queue.presentValue", request_id) for request_id in ids),
            (Step("queue", "finalize", (last, rate, world.timestamp, []), "pool"), sums),
        ]
        queue.finalize(settlement)
        paid = [queue.present_value(request_id) for request_id in ids[:last]]
        steps += [view(twins, "queue.presentValue", request_id) for request_id in ids]
        steps.append(view(twins, "queue.claimableNow", list(ids)))
        worlds.play(*blocks, worlds.block(world.timestamp, steps, world=world))

        assert 0 <= settlement.ether_to_lock - sum(paid) < last, "less than a wei a ticket"
        nominals = [row[0] for row in status[:last]]
        by_nominal += sum(map(int.__eq__, paid, nominals))
        by_rate += sum(map(int.__lt__, paid, nominals))
    assert min(by_rate, by_nominal) > 50


@pytest.mark.parametrize("seed", range(3))
def test_advances__payment_netting_and_clearing_equal_the_model(worlds, seed):
    """Requests, advances and a finalisation at three rates, the last up to a fifth below."""
    random, kinds = Random(seed), Counter()
    for _ in range(30):
        base = draw_world(random, worlds.now, spread=2)
        twins = worlds.model(base)
        pool, queue = twins.pool, twins.queue
        first = requests(worlds, random, twins, shaken(random, base, worlds.now))
        world = shaken(random, base, worlds.now + ESCAPE_DELAY)
        # A buffer that ends somewhere in the queue.
        buffered = random.randrange(1, 2 * queue.unfinalized_steth())
        ledger = world.ledger
        layer = max(0, ledger.gross + ledger.carried_gain - buffered)
        ledger = replace(ledger, buffered=buffered, consensus_layer=layer)
        world = replace(world, ledger=ledger)
        worlds.enter(twins, world)
        ids = range(1, queue.get_last_request_id() + 1)
        steps = [view(twins, "queue.claimableAdvance", request_id) for request_id in ids]
        for request_id in random.sample(ids, 3):
            if queue.claimable_advance(request_id):
                paid = queue.claim_in_advance(HOLDER, request_id, HOLDER)
                steps.append((Step("queue", "claimInAdvance", (request_id, HOLDER)), paid))
        steps += [view(twins, "queue.presentValue", request_id) for request_id in ids]
        steps += [*state(twins, world.timestamp), view(twins, "queue.etherLent")]
        second = worlds.block(world.timestamp, steps, world=world)

        change = random.randrange(-200, 51) * pool.ledger.gross // 1_000
        layer = max(0, pool.ledger.consensus_layer + change)
        later = replace(
            world,
            ledger=replace(pool.ledger, consensus_layer=layer),
            timestamp=world.timestamp + 12,
        )
        worlds.enter(twins, later)
        last, rate = random.choice(ids), pool.to_ether_down(RATE_SCALE)
        settlement = queue.prefinalize(last, rate)
        sums = (settlement.ether_to_lock, settlement.exact_shares_to_burn, settlement.ether_to_send)
        steps = [
            (Step("queue", "prefinalize", (last, rate, [])), sums),
            (Step("queue", "finalize", (last, rate, later.timestamp, []), "pool"), sums),
        ]
        queue.finalize(settlement)
        done = ids[:last]
        due = queue.claimable_now(done) + sum(
            min(queue.get_advance(i), queue.value(i)) for i in queue.book.open
        )
        assert 0 <= queue.locked_ether_amount - due < last, "less than a wei a ticket"
        kinds["netted"] += settlement.netted > 0
        kinds["open"] += bool(queue.book.open)
        views = [view(twins, "queue.presentValue", request_id) for request_id in ids]
        hints = queue.find_checkpoint_hints(done, 1, queue.get_last_checkpoint_index())
        queue.clear_advances(HOLDER, done, hints)
        kinds["short"] += pool.ledger.shortfall > 0
        steps += [
            *views,
            (Step("queue", "clearAdvances", (list(done), hints)), ()),
            *(view(twins, "queue.presentValue", request_id) for request_id in ids),
            view(twins, "queue.etherLent"),
            (Step("queue", "getLockedEtherAmount"), queue.locked_ether_amount),
            *state(twins, later.timestamp)[1:2],
        ]
        third = worlds.block(
            later.timestamp,
            steps,
            world=later,
            balances={"queue": settlement.ether_to_send},
        )
        worlds.play(first, second, third)
    assert min(kinds[kind] for kind in ("netted", "open", "short")) > 3, kinds


def state(twins, timestamp):
    """Views of the rate, of where the ether is and of the fee's shares, at a time."""
    pool, ledger = twins.pool, twins.pool.ledger
    twins.clock.timestamp = timestamp
    rate = (pool.get_total_pooled_ether(), pool.total_exact_shares)
    layer = ledger.consensus_layer + ledger.shortfall
    places = (ledger.buffered, layer, ledger.in_flight, ledger.carried_gain)
    return [
        (Step("pool", "exchangeRate"), rate),
        (Step("pool", "getBalances"), (*places, pool.get_unreleased_gain())),
        *(view(twins, "pool.exactSharesOf", address_of(name)) for name in FEE_RECIPIENTS),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_report__fee_release_and_loss_equal_the_model(worlds, seed):
    random, seen = Random(seed), set()
    for _ in range(60):
        world = draw_world(random, worlds.now)
        twins, now, staked = worlds.model(world), world.timestamp, world.ledger.consensus_layer
        growth = random.choice((-1, 1)) * random.randrange(max(1, staked // 8))
        withdrawals, rewards = (random.randrange(max(1, (staked + growth) // 9)) for _ in range(2))
        report = Report(
            ref_slot=0,
            validators=0,
            exited_validators=0,
            cl_balance=staked + growth - withdrawals - rewards,
            deposits_seen=0,
            withdrawal_vault_balance=withdrawals,
            rewards_vault_balance=rewards,
        )
        pool, max_gain = twins.pool, log_uniform(random, 1, max(1, staked))
        pool.checker.verdict = Verdict(max_gain=max_gain, latest_request=0)
        pool.withdrawal_vault.ether_amount, pool.rewards_vault.ether_amount = withdrawals, rewards
        before = (pool.get_total_pooled_ether(), pool.total_exact_shares)
        applied = pool.handle_report(worlds.chain.who("reporter"), report, ref_timestamp=now)
        after = (pool.get_total_pooled_ether(), pool.total_exact_shares)
        if applied.loss is None or applied.loss.from_rate == 0:
            assert after[0] * before[1] >= before[0] * after[1], "the fee takes nothing of the rate"

        arguments = (*report_data(report), REPORT_HASH, now, [])
        call = (Step("pool", "handleReport", arguments, "reporter"), ())
        later = now + random.randrange(1, RELEASE_PERIOD + 10)
        worlds.play(
            worlds.block(
                now,
                [call, *state(twins, now)],
                world=world,
                balances={"withdrawals": withdrawals, "rewards": rewards},
                storage={"checker": (max_gain, 0)},
            ),
            worlds.block(later, state(twins, later)),
        )
        left = max(0, now + RELEASE_PERIOD - later)
        locked = pool.ledger.locked_gain
        assert pool.get_unreleased_gain() == mul_div_up(locked, left, RELEASE_PERIOD)
        seen.add("loss" if applied.loss else "gain")
        seen.add("carried" if pool.ledger.carried_gain else "all recognised")
    assert seen == {"gain", "loss", "carried", "all recognised"}
