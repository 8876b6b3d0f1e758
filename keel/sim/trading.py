"""Trades in the swap pool, each checked against its quote."""

from dataclasses import dataclass

from keel.chain.contract import read_all
from keel.sim.checks import Checks
from keel.sim.curve_price import balances_at_price
from keel.sim.world import ETHER, World

WAD = 10**18
_LEAST_TRADE = ETHER // 10
"""A smaller step towards the market's price isn't worth its fee."""


@dataclass
class Trading:
    """The seller that keeps the pool at the market's price, and single swaps of others."""

    world: World
    checks: Checks
    sold: int = 0
    """Units of wkETH that the seller has sold, less those bought back."""

    def trade_towards(self, ratio: float) -> None:
        """The seller brings the pool to the market's price, selling wkETH or buying it back."""
        world, swap, seller = self.world, self.world.stack.swap, self.world.cast.seller
        (_, rate), weth, wketh, virtual_price, supply, amplification = read_all(
            [
                swap.view("stored_rates"),
                swap.view("balances", 0),
                swap.view("balances", 1),
                swap.view("get_virtual_price"),
                swap.view("totalSupply"),
                swap.view("A"),
            ]
        )
        invariant = virtual_price * supply // WAD
        price = ratio / self.lag()
        _, target = balances_at_price(amplification, float(invariant), price)
        wanted = int(target) - wketh * rate // WAD
        if abs(wanted) < _LEAST_TRADE:
            return
        if wanted > 0:
            i, j, dx = 1, 0, min(wanted * WAD // rate, world.wketh_of(seller))
        else:
            i, j, dx = 0, 1, int(swap.call("get_dx", 0, 1, -wanted * WAD // rate))
            dx = min(dx, int(world.stack.weth.call("balanceOf", seller)), weth)
        if dx < _LEAST_TRADE:
            return  # nothing left to sell, or to buy with
        got = self.exchange(seller, i, j, dx)
        self.sold += dx if i == 1 else -got

    def lag(self) -> float:
        """The pool's rate against the redemption rate: it follows in bounded steps, with trades."""
        stack = self.world.stack
        (_, stored), rate = read_all([stack.swap.view("stored_rates"), stack.wketh.view("getRate")])
        return float(stored / rate)

    def price(self) -> float:
        """Ether per staked ether in the swap pool now."""
        return float(self.world.stack.swap.call("get_p", 0) / WAD * self.lag())

    def exchange(self, who: str, i: int, j: int, dx: int) -> int:
        """Swap, and check that the quote of the same block is what comes."""
        world, swap = self.world, self.world.stack.swap
        name = "exchange(int128,int128,uint256,uint256)"
        receipt = world.act(who, swap, name, i, j, dx, 0)
        number = int(receipt["blockNumber"], 16)
        (event,) = swap.events(receipt, "TokenExchange")
        got = int(event.values["tokens_bought"])
        # The state before, seen from the block of the swap: the pool's rate moves between blocks.
        block = {"number": hex(number), "time": world.rpc.block(hex(number))["timestamp"]}
        quote = world.rpc.call(
            "eth_call",
            {"to": swap.address, "data": "0x" + swap.abi.encode_call("get_dy", i, j, dx).hex()},
            hex(number - 1),
            {},
            block,
        )
        self.checks.expect_equal("SWAP-3", "tokens bought", got, int(quote, 16))
        return got
