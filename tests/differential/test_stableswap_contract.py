"""The deployed pool against its integer model, to the wei, while the rate of wkETH moves."""

from collections import Counter
from random import Random

import pytest

from keel.chain.abi import Reverted
from keel.models.stableswap.amplification import Ramp
from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.oracle import Oracle
from keel.models.stableswap.pool import Block, Pool, Terms
from keel.models.stableswap.rates import RateSource
from tests.fixtures.stableswap_models import HOUSE_RULES
from tests.fixtures.staking import ETHER

WAD = 10**18
UNLIMITED = 2**256 - 1
STEPS = 300

EXCHANGE = "exchange(int128,int128,uint256,uint256)"
ADD = "add_liquidity(uint256[],uint256)"
REMOVE = "remove_liquidity(uint256,uint256[])"
ONE = "remove_liquidity_one_coin(uint256,int128,uint256)"
IMBALANCE = "remove_liquidity_imbalance(uint256[],uint256)"


class Shadow:
    """One user at the contract, and the model beside it."""

    def __init__(self, staking, user):
        self.staking, self.user = staking, user
        self.stack, self.swap = staking.stack, staking.stack.swap
        for token, spender in (
            (self.stack.pool, self.stack.wketh),
            (self.stack.wketh, self.swap),
            (self.stack.weth, self.swap),
        ):
            token.transact("approve", spender.address, UNLIMITED, sender=user)
        self.stack.pool.transact("submit", "0x" + "00" * 20, sender=user, value=3_000 * ETHER)
        self.stack.wketh.transact("wrap", 2_900 * ETHER, sender=user)
        self.stack.weth.transact("deposit", sender=user, value=3_000 * ETHER)
        call = self.swap.call
        amp = call("amplification_unrounded")
        self.model = Pool(
            terms=Terms(
                rules=HOUSE_RULES,
                ma_exp_time=call("ma_exp_time"),
                d_ma_time=call("D_ma_time"),
                min_price=WAD // 2,
                rate_bounded=True,
            ),
            ramp=Ramp(initial_amp=amp, future_amp=amp),
            fee=call("fee"),
            offpeg_fee_multiplier=call("offpeg_fee_multiplier"),
            rate=call("stored_rates")[1],
            rate_block=0,
            oracle=Oracle(
                price_time=call("ma_last_time") % 2**128, d_time=call("ma_last_time") >> 128
            ),
        )

    def block(self, elapsed):
        """The next block, `elapsed` seconds after the last, as the model sees it."""
        latest = self.staking.rpc.block()
        timestamp = int(latest["timestamp"], 16) + elapsed
        ether, shares = self.rate_at(timestamp)
        source = RateSource(rate=WAD * 10**9 * ether // shares)
        self.staking.rpc.call("evm_setNextBlockTimestamp", timestamp)
        return Block(number=int(latest["number"], 16) + 1, timestamp=timestamp, source=source)

    def rate_at(self, timestamp):
        call = {"to": self.stack.pool.address, "data": self.rate_data}
        answer = self.staking.rpc.call("eth_call", call, "latest", {}, {"time": hex(timestamp)})
        return self.stack.pool.abi.decode_result("exchangeRate", bytes.fromhex(answer[2:]))

    @property
    def rate_data(self):
        return "0x" + self.stack.pool.abi.encode_call("exchangeRate").hex()

    def play(self, predict, name, *arguments, elapsed):
        """Predict, call, compare; returns what happened."""
        block = self.block(elapsed)
        try:
            after, outcome = predict(self.model, block)
        except PoolError as refusal:
            with pytest.raises(Reverted, match=refusal.name):
                self.swap.transact(name, *arguments, sender=self.user)
            return "refused"
        receipt = self.swap.transact(name, *arguments, sender=self.user)
        self.model = after
        self.compare(block)
        return receipt, outcome

    def compare(self, block):
        call, model = self.swap.call, self.model
        assert (call("balances", 0), call("balances", 1)) == model.balances
        assert (call("admin_balances", 0), call("admin_balances", 1)) == model.admin_balances
        assert call("totalSupply") == model.total_supply
        assert call("stored_rates") == (WAD, model.rate_at(block))
        assert call("price_oracle", 0) == model.price_oracle(block)
        assert call("D_oracle") == model.d_oracle(block)
        assert call("get_virtual_price") == model.get_virtual_price(block)

    def first_deposit(self):
        amounts = (1_000 * ETHER, 900 * ETHER)
        self.play(lambda m, b: m.add_liquidity(b, amounts), ADD, list(amounts), 0, elapsed=12)

    def step(self, random):
        """One random operation; returns its name, or with "refused" before it."""
        kind = random.choice(("exchange", "exchange", "add", "remove", "one", "imbalance"))
        elapsed = random.choice((12, 12, 60, 3_600))
        lp = self.swap.call("balanceOf", self.user)
        if kind == "exchange":
            i, dx = random.randrange(2), size(random, 150 * ETHER)
            done = self.play(
                lambda m, b: m.exchange(b, i, dx), EXCHANGE, i, 1 - i, dx, 0, elapsed=elapsed
            )
            if done != "refused":
                (event,) = self.swap.events(done[0], "TokenExchange")
                assert event.values["tokens_bought"] == done[1].dy
        elif kind == "add":
            amounts = tuple(random.choice((0, size(random, 40 * ETHER))) for _ in range(2))
            done = self.play(
                lambda m, b: m.add_liquidity(b, amounts), ADD, list(amounts), 0, elapsed=elapsed
            )
        elif kind == "remove":
            burned = size(random, lp // 20)
            done = self.play(
                lambda m, b: m.remove_liquidity(b, burned), REMOVE, burned, [0, 0], elapsed=elapsed
            )
        elif kind == "one":
            burned, i = size(random, lp // 20), random.randrange(2)
            done = self.play(
                lambda m, b: m.remove_liquidity_one_coin(b, burned, i),
                ONE, burned, i, 0, elapsed=elapsed,
            )  # fmt: skip
        else:
            amounts = tuple(random.choice((0, size(random, 20 * ETHER))) for _ in range(2))
            done = self.play(
                lambda m, b: m.remove_liquidity_imbalance(b, amounts, max_burned=UNLIMITED),
                IMBALANCE, list(amounts), UNLIMITED, elapsed=elapsed,
            )  # fmt: skip
        return f"refused {kind}" if done == "refused" else kind


def size(random, most):
    """On a log scale, from dust up."""
    return max(1, int(10 ** random.uniform(0, len(str(most)) - 1)) % (most + 1))


@pytest.mark.parametrize("seed", [1, 2])
def test_pool__equals_its_model(staking, who, seed):
    random, shadow = Random(seed), Shadow(staking, who[1])
    shadow.first_deposit()
    acted = Counter()
    for number in range(STEPS // 2):
        if number % 40 == 20:
            staking.report(rewards=random.randrange(ETHER))
        acted[shadow.step(random)] += 1
    assert {"exchange", "add", "remove", "one", "imbalance"} <= acted.keys(), acted
    assert sum(n for name, n in acted.items() if name.startswith("refused")) < STEPS // 4, acted
