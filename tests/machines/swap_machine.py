"""The swap pool's machine: two mock coins, a rate that moves, lies and fails, on a chain."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from keel.chain.artifacts import Artifact
from keel.models.stableswap.pool import Block
from keel.models.stableswap.rates import RateSource
from tests.fixtures.stableswap_models import empty_house_pool
from tests.fixtures.swap import ADD, ETHER, UNLIMITED, WAD, SwapDesk
from tests.machines.chain import Chain
from tests.machines.drawing import booleans, floats, integers, mapped, mostly, tuples
from tests.machines.rules import initialize, rule
from tests.machines.staking_chain import address_of
from tests.machines.swap import SWAP_SITUATIONS, SwapRules
from tests.machines.swap_chain import SwapChain

CONTRACTS = ("RateTokenMock", "StableSwapPool")
SITUATIONS = (*SWAP_SITUATIONS, "rate moved", "source broken", "source mended")
USERS = ("provider", "trader", "other")
FUNDS = 10**27
STEP = mapped(integers(9_900, 10_100), lambda bps: bps / 10_000)


def swap_machine(chain: Chain, artifacts: Mapping[str, Artifact]) -> Any:
    """Deploy a pool of coins that each user has and approves, and return what plays on it."""
    accounts = {name: address_of(name) for name in ("owner", "receiver", *USERS)}
    for account in accounts.values():
        chain.set_balance(account, 10**6 * ETHER)
    desk = SwapDesk(
        chain.rpc, artifacts, accounts["owner"], accounts["provider"], accounts["trader"]
    )
    desk.use(desk.new_pool(receiver=accounts["receiver"]))
    created = desk.call("ma_last_time") % 2**128
    accounts["swap"] = desk.pool.address
    for account in map(accounts.get, USERS):
        for coin in desk.coins:
            held = coin.call("balanceOf", account)
            coin.transact("mint", account, FUNDS - held, sender=account)
            coin.transact("approve", desk.pool.address, UNLIMITED, sender=account)
    swap_chain = SwapChain(chain, desk.pool, desk.coins)
    start = [chain.snapshot()]

    class SwapMachine(SwapRules, RuleBasedStateMachine):
        acted, refused = Counter(), Counter()
        names = accounts
        swap_users = USERS

        def __init__(self) -> None:
            super().__init__()
            chain.revert(start[0])
            start[0] = chain.snapshot()
            self.time = chain.timestamp
            self.rate, self.confirmed_loss, self.broken = WAD, (0, 0), False
            self.coins = [Counter(dict.fromkeys(USERS, FUNDS)) for _ in range(2)]
            self.start_swap(empty_house_pool(a=100, created=created))

        def swap_account(self, name):
            return accounts[name]

        def swap_time(self):
            return self.time + 12

        def next_block(self):
            self.time += 12
            rate = None if self.broken else self.rate
            source = RateSource(rate=rate, confirmed_loss=self.confirmed_loss)
            return Block(number=chain.block_number + 1, timestamp=self.time, source=source)

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
            call = contract.prepare(function, *arguments)
            chain.transact(accounts[name], call, self.time)

        def mirror_swap(self, name, function, arguments, block, outcome):
            if swap_chain.play_quoted(accounts[name], function, arguments, block, outcome):
                swap_chain.require_same(self.swap, block, self.swap_balances())

        @initialize(balances=tuples(*[integers(10**20, 10**24)] * 2))
        def first_deposit(self, balances):
            def predict(pool, block):
                after, change = pool.add_liquidity(block, balances)
                return after, change.lp_amount, balances, change.lp_amount

            self.act_swap("provider", ADD, list(balances), 0, predict=predict)

        @rule(factor=mostly(STEP, floats(0.5, 2)))
        def move_rate(self, factor):
            self.rate = min(9 * WAD, max(WAD // 5, int(self.rate * factor)))
            self._own(desk.coins[1], "setRate", self.rate)
            self.acted["rate moved"] += 1

        @rule(factor=floats(0.5, 1.1), age=integers(0, 60))
        def tell_loss(self, factor, age):
            """True or not: what the source says of its last loss need not be what its rate does."""
            self.confirmed_loss = (int(self.rate * factor), self.time - age)
            self._own(desk.coins[1], "setConfirmedLoss", *self.confirmed_loss)
            self.acted["loss told"] += 1

        @rule(broken=booleans())
        def break_source(self, broken):
            self.broken = broken
            self._own(desk.coins[1], "setMode", 1 if broken else 0)
            self.acted["source broken" if broken else "source mended"] += 1

        @rule(seconds=integers(1, 3 * 86_400), blocks=integers(1, 6))
        def wait(self, seconds, blocks):
            for _ in range(blocks):
                self.time += seconds // blocks + 1
                chain.rpc.mine_at(self.time)

        def teardown(self):
            self.require_everybody_can_leave()

    return SwapMachine
