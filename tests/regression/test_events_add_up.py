"""An indexer that knows events alone: it must end where the contracts are, to the wei."""

import pytest

from keel.models.staking.keys import Event
from keel.models.staking.registry import DAY
from tests.fixtures.staking import ETHER, Queue


class Indexer:
    """Ledgers of pool, queue and bonds, from a state on; `read` takes the logs since."""

    def __init__(self, queue):
        self.queue, self.stack = queue, queue.staking.stack
        self.rpc = queue.staking.rpc
        self.figures = self.now()
        self.seen = int(self.rpc.block("latest")["number"], 16)
        self.names, self.nominals = set(), {}

    def now(self):
        pool = self.stack.pool
        buffered, _layer, flying, carried, unreleased = pool.call("getBalances")
        return {
            "buffered": buffered,
            "in flight": flying,
            "carried": carried,
            "gross": pool.call("totalSupply") + unreleased,
            "locked": self.queue.call("getLockedEtherAmount"),
            "lent": self.queue.call("etherLent"),
            "queued": self.queue.call("unfinalizedStETH"),
            "bonds": sum(
                self.stack.bonds.call("getBond", one)[0]
                for one in range(self.stack.registry.call("operatorCount"))
            ),
            "fund": pool.call("exactSharesOf", self.stack.insurance.address) // 10**9,
            "losses": pool.call("confirmedLoss")[2],
        }

    def read(self):
        last = int(self.rpc.block("latest")["number"], 16)
        query = {"fromBlock": hex(self.seen + 1), "toBlock": hex(last)}
        logs = {"logs": self.rpc.call("eth_getLogs", query)}
        self.seen = last
        for contract in (self.stack.pool, self.stack.queue, self.stack.bonds):
            for event in contract.events(logs):
                self.names.add(event.name)
                getattr(self, f"_{event.name}", lambda **_: None)(**event.values)

    def add(self, **changes):
        for name, change in changes.items():
            self.figures[name.replace("_", " ")] += change

    # Pool

    def _Submitted(self, amount, **_):
        self.add(buffered=amount, gross=amount)

    def _VaultsCollected(self, withdrawals, rewards):
        self.add(buffered=withdrawals + rewards)

    def _ValidatorsDeposited(self, etherAmount, **_):
        self.add(buffered=-etherAmount, in_flight=etherAmount)

    def _GainReported(self, recognised, carriedGain, **_):
        self.add(gross=recognised)
        self.figures["carried"] = carriedGain

    def _LossReported(self, loss, fromNewGain, fromRate, **parts):
        told = sum(wei for name, wei in parts.items() if name.startswith("from"))
        assert told + fromNewGain + fromRate == loss
        self.add(gross=fromNewGain - loss, losses=int(fromRate > 0))

    def _TransferShares(self, to, sharesValue, **_):
        if to.lower() == self.stack.insurance.address.lower():
            self.add(fund=sharesValue)

    def _SharesBurnt(self, account, exactShares, **_):
        if account.lower() == self.stack.insurance.address.lower():
            self.add(fund=-exactShares // 10**9)

    # Queue

    def _WithdrawalRequested(self, requestId, amountOfStETH, **_):
        self.nominals[requestId] = amountOfStETH
        self.add(queued=amountOfStETH)

    def _WithdrawalsFinalized(self, amountOfETHLocked, **event):
        self.add(buffered=-amountOfETHLocked, gross=-amountOfETHLocked, locked=amountOfETHLocked)
        for ticket in range(event["from"], event["to"] + 1):
            self.add(queued=-self.nominals[ticket])

    def _AdvancesNetted(self, etherAmount):
        self.add(buffered=etherAmount, locked=-etherAmount, lent=-etherAmount)

    def _AdvanceClaimed(self, etherAmount, **_):
        self.add(buffered=-etherAmount, lent=etherAmount)

    def _AdvanceCleared(self, returned, shortfall, **_):
        self.add(buffered=returned, locked=-returned, lent=-returned - shortfall)

    def _WithdrawalClaimed(self, amountOfETH, **_):
        self.add(locked=-amountOfETH)

    # Bonds

    def _BondDeposited(self, exactShares, **_):
        self.add(bonds=exactShares)

    def _BondWithdrawn(self, exactShares, **_):
        self.add(bonds=-exactShares)

    def _RewardsShared(self, exactShares, **_):
        self.add(bonds=exactShares)

    def _LossCharged(self, exactShares, **_):
        self.add(bonds=-exactShares)

    def _PenaltyCharged(self, exactShares, **_):
        self.add(bonds=-exactShares)


@pytest.fixture
def indexer(pinned, who):
    queue = Queue(pinned)
    queue.approve(*who)
    return Indexer(queue)


def check(indexer):
    """Rewards that nobody shared out yet are no event's: a deposit to the bonds shares them."""
    indexer.stack.bonds.transact("stakeBond", 0, sender=indexer.queue.staking.owner, value=10**9)
    indexer.read()
    found, flying = indexer.now(), indexer.figures.pop("in flight")
    # What was seen on the consensus layer is named in the report's data, not in an event.
    assert found.pop("in flight") <= flying
    fund, told = found.pop("fund"), indexer.figures.pop("fund")
    assert abs(fund - told) <= 4, "18-decimal shares, rounded in each event"
    assert found == indexer.figures
    indexer.figures |= {"in flight": flying, "fund": fund}


def test_events__tell_all_that_moves(indexer, who):
    """Stakes, gains, losses blamed and not, deposits, penalties, advances netted and cleared."""
    queue, staking, stack = indexer.queue, indexer.queue.staking, indexer.stack
    pool, registry, bonds = stack.pool, stack.registry, stack.bonds
    staking.stake(who[0], 700 * ETHER)
    staking.add_operator(who[1], keys=20, spare=2 * ETHER)
    staking.fund_validators(20)
    seen, full = {"validators": 20, "seen": 640 * ETHER}, 640 * ETHER
    staking.report(**seen, balance=full, rewards=9 * ETHER)
    check(indexer)
    staking.report(**seen, balance=full - 3 * ETHER, losses=[(0, ETHER)])
    staking.report(**seen, balance=full - 8 * ETHER, news=[(0, 0, Event.SLASHED)])
    check(indexer)
    bonds.transact("withdrawBond", 0, 10**15, who[1], sender=who[1])
    registry.transact("requestExits", 1, sender=staking.owner)
    staking.rpc.mine_at(staking.rpc.timestamp + 5 * DAY)
    staking.tell((0, 1, Event.UNDERPERFORMED))
    registry.transact("chargeLateExit", 0, 0, sender=who[2])
    check(indexer)

    tickets = queue.request(who[0], 4 * ETHER, 5 * ETHER)
    tickets += queue.request(who[1], 2 * ETHER)
    queue.stay_silent()
    queue.advance(who[0], tickets[0])
    check(indexer)
    staking.next_frame()
    staking.report(**seen, balance=full - 8 * ETHER, last=tickets[1])
    check(indexer)
    queue.transact("claimWithdrawal", tickets[0], sender=who[0])
    queue.stay_silent()
    queue.advance(who[1], tickets[2])
    staking.next_frame()
    report = staking.agree(
        staking.next_frame()[0],
        **seen,
        balance=full - 180 * ETHER,
        withdrawals=20 * ETHER,
        last=tickets[2],
        losses=[(0, 30 * ETHER)],
    )
    staking.confirm(report)
    staking.submit(report)
    check(indexer)
    queue.transact("clearAdvances", [tickets[2]], queue.hints(tickets[2]), sender=who[2])
    check(indexer)
    for ticket, owner in ((tickets[1], who[0]), (tickets[2], who[1])):
        queue.transact("claimWithdrawal", ticket, sender=owner)
    report = staking.agree(staking.next_frame()[0], **seen, balance=full - 180 * ETHER)
    staking.confirm(report)
    staking.submit(report)
    check(indexer)
    told = {name[1:] for name in vars(Indexer) if name[:1] == "_" and name[1:2].isupper()}
    assert told <= indexer.names, "each was seen"
    assert pool.call("confirmedLoss")[2] == 2
