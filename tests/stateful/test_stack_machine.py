"""The whole stack in one machine: stakers, exits, reports, and the pool that trades wkETH."""

from collections import Counter

import pytest

from keel.chain.deployer import Deployer
from keel.chain.sender import NodeSender
from keel.models.stableswap.pool import Block
from keel.models.stableswap.rates import RateSource
from tests.fixtures.stableswap_models import empty_house_pool
from tests.fixtures.swap import ADD, ETHER, TERMS, UNLIMITED
from tests.machines.campaign import run_campaign
from tests.machines.chain import AnvilChain
from tests.machines.staking import KEYS, SITUATIONS, StakingRules
from tests.machines.staking_cast import SLOT
from tests.machines.staking_chain import StakingChain
from tests.machines.staking_tokens import HOLDERS
from tests.machines.swap import SWAP_SITUATIONS, SwapRules
from tests.machines.swap_chain import SwapChain

WETH = 5_000 * ETHER
LIQUIDITY = (200 * ETHER, 200 * ETHER)


class StackChain(StakingChain):
    """Staking as its machine has it, and a swap pool of WETH and its wkETH."""

    def _deploy(self, artifacts, keys):
        deployed_at, contracts = super()._deploy(artifacts, keys)
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


@pytest.fixture(scope="module")
def stack_chain(fast_rpc, artifacts):
    return StackChain(AnvilChain(fast_rpc), artifacts, keys=KEYS)


def test_stack_machine__contracts_equal_the_models(stack_chain, record_property):
    chain = stack_chain
    swaps = SwapChain(chain.rpc, chain.contracts["swap"])
    first_block: list[int] = []

    class StackMachine(SwapRules, StakingRules):
        swap_users = HOLDERS
        swap_fee_receiver = "treasury"

        # Staking, as on its own

        def who(self, name):
            return chain.who(name)

        def build(self):
            self.opening = True
            self.weth = Counter(dict.fromkeys(HOLDERS, WETH))
            self.start_swap(empty_house_pool(a=TERMS["a"], created=chain.swap_created))
            return chain.build_model()

        def opened(self):
            self._first_deposit()
            self.opening = False
            chain.remember()

        def prepare_report(self, verdict):
            chain.prepare_report(self.model, verdict)

        def mirror(self, call, outcome):
            if self._is_replayed():
                return
            if not chain.play(call, outcome, self.clock.timestamp):
                return  # refused, as predicted
            if call.function == "handleReport":
                chain.require_events(outcome)
            chain.require_same(self.model)

        def _is_replayed(self):
            return self.opening and chain.remembers  # the same for each example

        # The swap pool on top of it

        def _first_deposit(self):
            def predict(pool, block):
                after, change = pool.add_liquidity(block, LIQUIDITY)
                return after, change.lp_amount, LIQUIDITY, change.lp_amount

            self.act_swap("staker", ADD, list(LIQUIDITY), 0, predict=predict)

        def swap_account(self, name):
            return chain.who(name)

        def swap_time(self):
            return self.clock.timestamp + SLOT

        def next_block(self):
            self.clock.timestamp += SLOT
            if self.opening and chain.remembers:
                number = first_block[0]
            else:
                number = int(chain.rpc.call("eth_blockNumber"), 16) + 1
            if self.opening:
                first_block[:] = [number]
            source = RateSource(rate=self.wrapper.get_rate(), losses=self.pool.loss_count)
            return Block(number=number, timestamp=self.clock.timestamp, source=source)

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
            handle = chain.contracts["weth" if coin == 0 else "wrapper"]
            chain.rpc.call("evm_setNextBlockTimestamp", self.clock.timestamp)
            pool = chain.contracts["swap"].address
            handle.transact("transfer", pool, amount, sender=chain.who(name))
            self.move_coin(coin, name, "swap", amount)

        def mirror_swap(self, name, function, arguments, block, outcome):
            if self._is_replayed():
                return
            swaps.play(chain.who(name), function, arguments, block, outcome)
            if int(chain.rpc.call("eth_blockNumber"), 16) == block.number:
                swaps.require_same(self.swap, block)
                chain.require_same(self.model)

        def teardown(self):
            chain.require_same_tickets(self.model)
            self.require_everybody_can_leave()
            super().teardown()

    run_campaign(StackMachine, (*SITUATIONS, *SWAP_SITUATIONS), examples=150, steps=60)
    acted, refused = StackMachine.acted.total(), StackMachine.refused.total()
    record_property(
        "measured",
        f"stack machine: {acted} calls acted, {refused} refused as predicted; "
        f"SWAP-1 off by {StackMachine.worst_rounding} wei at worst",
    )
