"""The swap pool's machine: two mock coins, a rate that moves, lies and fails, on a chain."""

from collections import Counter

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from keel.models.stableswap.pool import Block
from keel.models.stableswap.rates import RateSource
from tests.fixtures.stableswap_models import empty_house_pool
from tests.fixtures.swap import ADD, ETHER, UNLIMITED, WAD, SwapDesk
from tests.machines.campaign import run_campaign
from tests.machines.drawing import mostly
from tests.machines.staking_chain import address_of
from tests.machines.swap import SWAP_SITUATIONS, SwapRules
from tests.machines.swap_chain import SwapChain

USERS = ("provider", "trader", "other")
FUNDS = 10**27
STEP = st.integers(9_900, 10_100).map(lambda bps: bps / 10_000)


@pytest.fixture(scope="module")
def arena(fast_rpc, artifacts):
    """A pool with a user's coins and approvals, and the state to start each example from."""
    fast_rpc.call("anvil_autoImpersonateAccount", True)
    names = ("owner", "receiver", *USERS)
    accounts = {name: address_of(name) for name in names}
    for account in accounts.values():
        fast_rpc.set_balance(account, 10**6 * ETHER)
    desk = SwapDesk(
        fast_rpc, artifacts, accounts["owner"], accounts["provider"], accounts["trader"]
    )
    desk.use(desk.new_pool(receiver=accounts["receiver"]))
    created = desk.call("ma_last_time") % 2**128
    for name in USERS:
        for coin in desk.coins:
            account = accounts[name]
            held = coin.call("balanceOf", account)
            coin.transact("mint", account, FUNDS - held, sender=account)
            coin.transact("approve", desk.pool.address, UNLIMITED, sender=account)
    return desk, accounts, created


def test_swap_machine__contract_equals_the_model(arena, record_property):
    desk, accounts, created = arena
    chain = SwapChain(desk.rpc, desk.pool)
    start = [desk.rpc.snapshot()]

    class SwapMachine(SwapRules, RuleBasedStateMachine):
        acted, refused = Counter(), Counter()
        swap_users = USERS

        def __init__(self):
            super().__init__()
            desk.rpc.revert(start[0])
            start[0] = desk.rpc.snapshot()
            self.time = desk.rpc.timestamp
            self.rate, self.broken = WAD, False
            self.coins = [Counter(dict.fromkeys(USERS, FUNDS)) for _ in range(2)]
            self.start_swap(empty_house_pool(a=100, created=created))

        def swap_account(self, name):
            return accounts[name]

        def swap_time(self):
            return self.time + 12

        def next_block(self):
            self.time += 12
            number = int(desk.rpc.call("eth_blockNumber"), 16) + 1
            source = RateSource(rate=None if self.broken else self.rate)
            return Block(number=number, timestamp=self.time, source=source)

        def coins_of(self, name, coin):
            return self.coins[coin][name]

        def move_coin(self, coin, giver, taker, amount):
            self.coins[coin][giver] -= amount
            self.coins[coin][taker] += amount

        def send_coin(self, name, coin, amount):
            self._own(desk.coins[coin], "transfer", desk.pool.address, amount, name=name)
            self.move_coin(coin, name, "swap", amount)

        def _own(self, contract, function, *arguments, name="owner"):
            self.time += 12
            desk.rpc.call("evm_setNextBlockTimestamp", self.time)
            contract.transact(function, *arguments, sender=accounts[name])

        def mirror_swap(self, name, function, arguments, block, outcome):
            chain.play(accounts[name], function, arguments, block, outcome)
            latest = int(desk.rpc.call("eth_blockNumber"), 16)
            if latest == block.number:
                chain.require_same(self.swap, block)
            for coin in range(2):
                if (
                    desk.coins[coin].call("balanceOf", desk.pool.address)
                    != self.coins[coin]["swap"]
                ):
                    raise AssertionError("coins of the pool")

        @initialize(balances=st.tuples(*[st.integers(10**20, 10**24)] * 2))
        def first_deposit(self, balances):
            def predict(pool, block):
                after, change = pool.add_liquidity(block, balances)
                return after, change.lp_amount, balances, change.lp_amount

            self.act_swap("provider", ADD, list(balances), 0, predict=predict)

        @rule(factor=mostly(STEP, st.floats(0.5, 2)))
        def move_rate(self, factor):
            self.rate = min(9 * WAD, max(WAD // 5, int(self.rate * factor)))
            self._own(desk.coins[1], "setRate", self.rate)
            self.acted["rate moved"] += 1

        @rule(broken=st.booleans())
        def break_source(self, broken):
            self.broken = broken
            self._own(desk.coins[1], "setMode", 1 if broken else 0)
            self.acted["source broken" if broken else "source mended"] += 1

        @rule(seconds=st.integers(1, 3 * 86_400), blocks=st.integers(1, 6))
        def wait(self, seconds, blocks):
            for _ in range(blocks):
                self.time += seconds // blocks + 1
                desk.rpc.mine_at(self.time)

        def teardown(self):
            self.require_everybody_can_leave()

    situations = (*SWAP_SITUATIONS, "rate moved", "source broken", "source mended")
    run_campaign(SwapMachine, situations, examples=60, steps=40)
    acted, refused = SwapMachine.acted.total(), SwapMachine.refused.total()
    record_property(
        "measured",
        f"swap machine: {acted} calls acted, {refused} refused as predicted; "
        f"SWAP-1 off by {SwapMachine.worst_rounding} wei at worst",
    )
