"""The whole stack in one machine: stakers, exits, reports, and the pool that trades wkETH."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from keel.chain.artifacts import Artifact
from keel.chain.deployer import Deployer
from keel.chain.sender import NodeSender
from keel.models.stableswap.pool import Block
from keel.models.stableswap.rates import RateSource
from tests.fixtures.stableswap_models import empty_house_pool
from tests.fixtures.swap import ADD, ETHER, TERMS, UNLIMITED
from tests.machines import staking_machine
from tests.machines.chain import Chain
from tests.machines.staking import SITUATIONS, StakingRules
from tests.machines.staking_cast import SLOT
from tests.machines.staking_chain import StakingChain
from tests.machines.staking_tokens import HOLDERS
from tests.machines.swap import SWAP_SITUATIONS, SwapRules
from tests.machines.swap_chain import SwapChain

CONTRACTS = (*staking_machine.CONTRACTS, "WETHMock", "StableSwapPool")
# What seldom comes to a key is left to the staking machine.
OF_STAKING = tuple(situation for situation in SITUATIONS if not situation.startswith("key "))
STACK_SITUATIONS = (*OF_STAKING, *SWAP_SITUATIONS)
WETH = 5_000 * ETHER
LIQUIDITY = (200 * ETHER, 200 * ETHER)


class StackChain(StakingChain):
    """Staking as its machine has it, and a swap pool of WETH and its wkETH."""

    def _deploy(self, artifacts):
        deployed_at, contracts = super()._deploy(artifacts)
        owner = self.addresses["owner"]
        deployer = Deployer(self.rpc, artifacts, NodeSender(self.rpc, owner))
        weth = deployer.create("weth", "WETHMock")
        wrapper = contracts["wrapper"]
        coins = (weth.address, wrapper.address, wrapper.address)
        terms = (*coins, owner, self.addresses["treasury"], *TERMS.values(), "Pool", "LP")
        swap = deployer.create("swap", "StableSwapPool", terms)
        self.swap_created = swap.call("ma_last_time") % 2**128
        for name in HOLDERS:
            account = self.addresses[name]
            weth.transact("deposit", sender=account, value=WETH)
            for coin in (weth, wrapper):
                coin.transact("approve", swap.address, UNLIMITED, sender=account)
        return deployed_at, contracts | {"weth": weth, "swap": swap}


def stack_machine(chain: Chain, artifacts: Mapping[str, Artifact]) -> Any:
    """Deploy the contracts and return the machine that plays on them."""
    stack = StackChain(chain, artifacts)
    handles = stack.contracts
    swaps = SwapChain(chain, handles["swap"], (handles["weth"], handles["wrapper"]))
    start: list[bytes] = []

    class StackMachine(SwapRules, StakingRules):
        names = stack.addresses
        swap_users = HOLDERS
        swap_fee_receiver = "treasury"

        # Staking, as on its own

        def who(self, name):
            return stack.who(name)

        def build(self):
            stack.rewind()
            self.weth = Counter(dict.fromkeys(HOLDERS, WETH))
            self.start_swap(empty_house_pool(a=TERMS["a"], created=stack.swap_created))
            return stack.build_model()

        def reopened(self):
            if start:
                stack.remember()
                self.restore(start[0])
            return bool(start)

        def opened(self):
            self._first_deposit()
            stack.remember()
            start.append(self.state())

        def prepare_report(self, verdict):
            stack.prepare_report(self.model, verdict)

        def prepare_hold(self, since):
            stack.prepare_hold(since)

        def mirror(self, call, outcome):
            if not stack.play(call, outcome, self.clock.timestamp):
                return
            if call.function == "handleReport":
                stack.require_told(self.pool.checker.context, self.clock.timestamp)
                stack.require_events(outcome)
                stack.require_same_numbers(self.model)
                stack.require_same_bonds(self.model)
            stack.require_same(self.model)

        # The swap pool on top of it

        def _first_deposit(self):
            def predict(pool, block):
                after, change = pool.add_liquidity(block, LIQUIDITY)
                return after, change.lp_amount, LIQUIDITY, change.lp_amount

            self.act_swap("staker", ADD, list(LIQUIDITY), 0, predict=predict)

        def swap_account(self, name):
            return stack.who(name)

        def swap_time(self):
            return self.clock.timestamp + SLOT

        def next_block(self):
            self.clock.timestamp += SLOT
            source = RateSource(
                rate=self.wrapper.get_rate(), confirmed_loss=self.pool.confirmed_loss
            )
            return Block(
                number=chain.block_number + 1, timestamp=self.clock.timestamp, source=source
            )

        def coins_of(self, name, coin):
            return self.weth[name] if coin == 0 else self.wrapped(name)

        def move_coin(self, coin, giver, taker, amount):
            if coin == 0:
                self.weth[giver] -= amount
                self.weth[taker] += amount
            else:
                self.wrapper.transfer(self.who(giver), self.who(taker), amount)

        def send_coin(self, name, coin, amount):
            self.clock.timestamp += SLOT
            call = handles["weth" if coin == 0 else "wrapper"].prepare(
                "transfer", handles["swap"].address, amount
            )
            chain.transact(stack.who(name), call, self.clock.timestamp)
            self.move_coin(coin, name, "swap", amount)

        def mirror_swap(self, name, function, arguments, block, outcome):
            if swaps.play_quoted(stack.who(name), function, arguments, block, outcome):
                swaps.require_same(self.swap, block, self.swap_balances())
                stack.require_same(self.model)

        def teardown(self):
            stack.require_same_getters(self.model)
            self.require_everybody_can_leave()
            super().teardown()

    return StackMachine
