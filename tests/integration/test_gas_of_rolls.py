"""Gas of a week's roll in every state that its auction and its market may have been left in.

`snapshots/gas.json` measures rolls of weeks whose auction somebody has closed; nobody need have.
"""

import pytest

from keel.chain.anvil import Anvil
from keel.chain.config import StackConfig
from keel.chain.deploy import deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.gas import ANCHORS, ETHER, GasMeter
from keel.chain.rpc import Rpc
from keel.chain.sender import NodeSender
from keel.chain.vault_gas import CALLS, COVER, VaultMeter

BUDGET = ANCHORS["OptionVault.roll x200"][1]
UNLIMITED = 2**256 - 1
ADD_LIQUIDITY = "add_liquidity(uint256[],uint256)"
EXCHANGE = "exchange(int128,int128,uint256,uint256)"
BEYOND = 5_000 * ETHER
DUST = ETHER // 100


class Week(VaultMeter):
    """A vault whose auctions are left as a test wants them."""

    def begin(self):
        self._request_deposit()
        self._roll()
        self._claim()
        self.sell(4)
        self.roll()

    def sell(self, quarters):
        _id, unsold, _started, _ends = self.vault.call("lot")
        if quarters:
            self._act("buy", unsold * quarters // 4, 0, UNLIMITED, self.user, UNLIMITED)

    def close(self):
        self._rpc.mine_at(self.vault.call("lot")[3])
        self._act("closeAuction")

    def crowd(self):
        """Two hundred come and one goes."""
        for number in range(199):
            self._request_deposit(2**64 + number)
        self._request_deposit()
        self._act("requestRedeem", DUST, self.user, self.user)

    def settle_first(self):
        """Others settle the series before the roll does."""
        due, series = self.vault.call("position")[1:3]
        self._rpc.mine_at(due - 3_700)
        self._observe()
        self._rpc.mine_at(due)
        self._push_round()
        self._rpc.mine_at(due + 1_800)
        hints = self.oracle.call("hintsFor", self.feed, due)
        self._own(self.oracle, "settle", self.feed, due, hints)
        self._own(self.clearing, "settle", series)

    def deposit_beyond_the_depth(self):
        self._rpc.set_balance(self.user, 10 * BEYOND)
        self.token.transact("deposit", sender=self.user, value=BEYOND)
        self._act("requestDeposit", BEYOND, self.user, self.user)

    def trade(self, tokens):
        """On the pool whose ratio is insured: the first token for the second, or back."""
        if tokens:
            coins = (0, 1) if tokens > 0 else (1, 0)
            self.stack.swap.transact(EXCHANGE, *coins, abs(tokens) * ETHER, 0, sender=self.user)

    def roll(self):
        return self._roll()

    def roll_alone(self):
        """Of a round whose price is fixed."""
        self._push_round()
        for member in self.members[:2]:
            self.volatility.transact("submit", self._risk, sender=member)
        return self._act("roll")

    @property
    def running(self):
        return self.vault.call("position")[2] != 0


@pytest.fixture(scope="module", params=[CALLS, COVER], ids=["calls", "cover"])
def vault(request, artifacts):
    with Anvil(0, "--timestamp", "1800000000") as anvil:
        rpc = Rpc(anvil.url)
        rpc.call("anvil_setBlockTimestampInterval", 12)
        owner, user, other, *members = rpc.accounts[:8]
        config = StackConfig.single(
            owner, members=tuple(members), quorum=3, treasury="0x" + "f2" * 20
        )
        deployer = Deployer(rpc, artifacts, NodeSender(rpc, owner))
        stack = deploy_stack(deployer, config)
        GasMeter(stack, owner, user, other, tuple(members))._prepare()
        stack.swap.transact(ADD_LIQUIDITY, [300 * ETHER] * 2, 0, sender=user)
        week = Week(request.param, stack, deployer, owner, user, tuple(members))
        week.begin()
        yield week


@pytest.fixture
def week(vault):
    snapshot, rounds = vault._rpc.snapshot(), vault._rounds
    yield vault
    vault._rpc.revert(snapshot)
    vault._rounds = rounds


@pytest.mark.parametrize("crowded", [False, True], ids=["alone", "x200"])
@pytest.mark.parametrize("left", ["unsold", "part sold", "part sold, closed", "all sold"])
def test_roll__whatever_the_auction_has_left(week, left, crowded, record_property, request):
    if crowded:
        week.crowd()
    week.sell({"unsold": 0, "all sold": 4}.get(left, 2))
    if left.endswith("closed"):
        week.close()
    gas = week.roll()
    assert week.running, "the next round has begun"
    record_property("measured", f"roll, {request.node.callspec.id}: {gas:,} gas")
    assert gas <= BUDGET


@pytest.mark.parametrize("vault", [COVER], ids=["cover"], indirect=True)
@pytest.mark.parametrize("tilt", [0, -150, -280, 290])
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
def test_roll_of_a_cover__beyond_the_depth(week, tilt, closed, record_property):
    """More assets than there is room for, a pool out of balance, every share claimed."""
    week.deposit_beyond_the_depth()
    week.sell(2)
    if closed:
        week.close()
    week.trade(tilt)
    gas = week.roll()
    assert week.running, "the next round has begun"
    how = "closed" if closed else "open"
    record_property("measured", f"roll of a cover beyond the depth, {how}, {tilt:+}: {gas:,} gas")
    assert gas <= BUDGET


def test_roll__of_a_series_that_others_have_settled(week, record_property):
    week.sell(2)
    week.settle_first()
    gas = week.roll_alone()
    assert week.running, "the next round has begun"
    record_property("measured", f"roll, settled by others: {gas:,} gas")
    assert gas <= BUDGET
