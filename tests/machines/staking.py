"""The staking machine: token rules, withdrawals, deposits, reports, and what must always hold."""

from collections.abc import Sequence
from typing import Any

from keel.models.evm import MAX_UINT256, Revert
from keel.models.staking.advances import ADVANCE_BPS, ESCAPE_DELAY, HOLD_LIMIT
from keel.models.staking.errors import EscapeClosed
from keel.models.staking.ledger import BPS
from keel.models.staking.pool import Applied, Verdict
from keel.models.staking.shares import UNIT
from keel.models.staking.tickets import MAX_STETH_WITHDRAWAL_AMOUNT
from tests.machines.drawing import (
    PART,
    Part,
    booleans,
    builds,
    integers,
    just,
    lists,
    log_scale,
    mostly,
    none,
    one_of,
    sampled_from,
    tuples,
)
from tests.machines.operators import BLAME, OPERATOR_SITUATIONS, OperatorRules
from tests.machines.rules import initialize, invariant, precondition, rule
from tests.machines.staking_cast import OPEN, SLOT, FixedVerdict, make_report
from tests.machines.staking_tokens import HOLDER

GAIN = one_of(
    builds(Part, integers(0, 10_000), integers(0, 10**9)),
    builds(Part, wei=integers(1, 60)),
)
LOSS = mostly(
    builds(Part, integers(0, 3_000), integers(1, 10**9)),
    builds(Part, integers(3_000, 1_100_000)),
)
BOUND = one_of(just(OPEN.max_gain), just(OPEN.max_gain), log_scale(1, 10**19))
SWEPT = one_of(just(Part()), builds(Part, integers(0, 10**6)))
TICKETS = mostly(
    one_of(none(), builds(Part, integers(0, 999_999), just(1))),
    sampled_from([Part(), Part(10**6, 1)]),
)
HINT = sampled_from([None, 0, 0, -1, 1, 1_000])  # no hint, right ones, wrong ones
TERMS = mostly(just((0, MAX_UINT256)), tuples(log_scale(1, 10**21), integers(-SLOT, SLOT)))
OWNER = mostly(just("its owner"), HOLDER)
POSITION = integers(0, 10**6)
AMOUNTS = lists(PART, min_size=1, max_size=4)

SILENCE = mostly(
    integers(ESCAPE_DELAY, ESCAPE_DELAY + HOLD_LIMIT),
    one_of(integers(1, ESCAPE_DELAY), integers(ESCAPE_DELAY - SLOT, ESCAPE_DELAY + SLOT)),
)
HELD = mostly(integers(0, HOLD_LIMIT + SLOT), sampled_from([-1, -(10**9), 10**12]))

KEYS = 40
"""That each of the first two operators offers."""

SITUATIONS = (
    *(f"pool.{name}" for name in (
        "submit", "approve", "transfer", "transferFrom", "transferShares", "transferSharesFrom",
        "pause", "resume", "setStakeLimit", "setFees", "handleReport",
    )),
    *(f"wrapper.{name}" for name in (
        "receive", "approve", "wrap", "wrapShares", "unwrap", "deposit", "mint", "withdraw",
        "redeem", "transfer", "transferFrom",
    )),
    *(f"queue.{name}" for name in (
        "requestWithdrawals", "requestWithdrawalsWstETH", "transferFrom", "setApprovalForAll",
        "claimWithdrawal", "claimWithdrawalsTo", "claimInAdvance", "clearAdvances",
    )),
    *OPERATOR_SITUATIONS,
    *(f"loss from {part}" for part in (
        "bonds", "insurance", "new gain", "unreleased gain", "rate",
    )),
    "report of a gain", "report of a loss", "report of nothing",
    "finalisation", "finalisation by rate", "advances netted", "advances left open",
    "advance cleared", "advance cleared with shortfall", "advance kept from by a hold",
)  # fmt: skip


class StakingRules(OperatorRules):
    """Everything that happens to the staking contracts."""

    def __init__(self) -> None:
        super().__init__()
        self.grown = 0
        self.locked = 0
        self.rate = (self.pool.get_total_pooled_ether(), self.pool.total_exact_shares)
        self.loss_reported = False

    def prepare_report(self, verdict: Verdict) -> None:
        """Make vaults and checker elsewhere like the model's."""

    def prepare_hold(self, since: int) -> None:
        """Make the oracle elsewhere answer as the model's."""

    @initialize()
    def start_validators(self):
        if self.reopened():
            return
        self.open_positions()
        self.open_operators(KEYS, 46)
        self._report(0, swept=Part(), tickets=None)
        self.opened()

    def reopened(self) -> bool:
        """Go to where every example starts, and tell so, if that is known."""
        return False

    def opened(self) -> None:
        """Every example starts from here."""

    # Withdrawals

    @rule(name=HOLDER, owner=HOLDER, parts=AMOUNTS, terms=TERMS)
    def request(self, name, owner, parts, terms):
        balance = min(self.balance(name), MAX_STETH_WITHDRAWAL_AMOUNT) // len(parts)
        self._request(
            name, "requestWithdrawals", [part.of(balance) for part in parts], owner, terms
        )

    @rule(name=HOLDER, owner=HOLDER, parts=AMOUNTS, terms=TERMS)
    def request_wrapped(self, name, owner, parts, terms):
        units = min(self.wrapped(name), MAX_STETH_WITHDRAWAL_AMOUNT) // len(parts)
        amounts = [part.of(units) for part in parts]
        self._request(name, "requestWithdrawalsWstETH", amounts, owner, terms)

    def _request(
        self, name: str, function: str, amounts: list[int], owner: str, terms: Any
    ) -> None:
        min_nominal, slack = terms
        deadline = MAX_UINT256 if slack == MAX_UINT256 else self.clock.timestamp + SLOT + slack
        twin = {
            "requestWithdrawals": self.queue.request_withdrawals,
            "requestWithdrawalsWstETH": self.queue.request_withdrawals_wsteth,
        }[function]
        self.act(
            name, f"queue.{function}", amounts, self.who(owner), min_nominal, deadline,
            twin=lambda sender: twin(
                sender, amounts, self.who(owner), min_nominal=min_nominal, deadline=deadline
            ),
        )  # fmt: skip

    @precondition(lambda self: self.queue.owners)
    @rule(name=OWNER, to=HOLDER, position=POSITION)
    def give_ticket(self, name, to, position):
        request_id = self._pick(list(self.queue.owners), position)
        owner = self.queue.owners[request_id]
        sender = owner if name == "its owner" else self.who(name)
        self.act(sender, "queue.transferFrom", owner, self.who(to), request_id)

    @rule(name=HOLDER, operator=HOLDER, approved=booleans())
    def set_operator(self, name, operator, approved):
        self.act(name, "queue.setApprovalForAll", self.who(operator), approved)

    @precondition(lambda self: self._claimable())
    @rule(name=OWNER, position=POSITION, stray=mostly(just(0), integers(-50, 50)))
    def claim(self, name, position, stray):
        request_id = max(0, self._pick(self._claimable(), position) + stray)
        owner = self.queue.owners.get(request_id, "outsider")
        sender = owner if name == "its owner" else self.who(name)
        self.act(sender, "queue.claimWithdrawal", request_id)

    @precondition(lambda self: self._claimable())
    @rule(position=POSITION, to=HOLDER, count=integers(1, 5), wrong=mostly(just(0), just(1)))
    def claim_batch(self, position, to, count, wrong):
        owner = self.queue.owners[self._pick(self._claimable(), position)]
        ids = [i for i in self._claimable() if self.queue.owners[i] == owner][:count]
        hints = self.queue.find_checkpoint_hints(ids, 1, self.queue.get_last_checkpoint_index())
        hints[-1] += wrong
        self.act(owner, "queue.claimWithdrawalsTo", ids, hints, self.who(to))

    # Advances

    @rule(seconds=SILENCE)
    def stay_silent(self, seconds):
        self.clock.timestamp += max(0, self.pool.applied_at + seconds - self.clock.timestamp)

    @precondition(lambda self: self.queue.unfinalized_request_number())
    @rule(held=HELD, to=HOLDER)
    def hold_loss(self, held, to):
        """A loss waits for its second quorum, or the oracle answers nonsense; somebody asks."""
        self.stay_silent(ESCAPE_DELAY)
        self.queue.loss_on_hold_since = max(0, self.clock.timestamp - held)
        self.prepare_hold(self.queue.loss_on_hold_since)
        last = self.queue.get_last_request_id()
        outcome = self.act(self.queue.owners[last], "queue.claimInAdvance", last, self.who(to))
        self.acted["advance kept from by a hold"] += isinstance(outcome, EscapeClosed)

    @rule(name=HOLDER, to=HOLDER, parts=AMOUNTS)
    def lose_patience(self, name, to, parts):
        """Ask for ether in a silence, and for advances on the last tickets."""
        balance = min(self.balance(name) // 4, MAX_STETH_WITHDRAWAL_AMOUNT) // len(parts)
        self._request(
            name, "requestWithdrawals", [part.of(balance) for part in parts], name, (0, MAX_UINT256)
        )
        self.stay_silent(ESCAPE_DELAY + HOLD_LIMIT)
        last = self.queue.get_last_request_id()
        for request_id in range(self.queue.get_last_finalized_request_id(), last)[-2:]:
            owner = self.queue.owners[request_id + 1]
            self.act(owner, "queue.claimInAdvance", request_id + 1, self.who(to))

    @precondition(lambda self: self.queue.unfinalized_request_number())
    @rule(
        name=OWNER,
        to=HOLDER,
        position=POSITION,
        stray=mostly(just(0), integers(-50, 50)),
        waits=mostly(just(True), just(False)),
    )
    def advance(self, name, to, position, stray, waits):
        finalized = self.queue.get_last_finalized_request_id()
        ids = range(finalized + 1, self.queue.get_last_request_id() + 1)
        request_id = max(0, self._pick(ids, position) + stray)
        owner = self.queue.owners.get(request_id, "outsider")
        if waits:
            opens_at = self.queue.escape_opens_at()
            self.clock.timestamp = max(self.clock.timestamp, opens_at - SLOT)
        self.act(
            owner if name == "its owner" else self.who(name),
            "queue.claimInAdvance", request_id, self.who(to),
        )  # fmt: skip

    @precondition(lambda self: self.queue.book.open)
    @rule(
        name=HOLDER,
        position=POSITION,
        more=lists(POSITION, min_size=0, max_size=2),
        wrong=mostly(just(0), just(1)),
    )
    def clear(self, name, position, more, wrong):
        finalized = self.queue.get_last_finalized_request_id()
        ids = {self._pick(sorted(self.queue.book.open), position)}
        ids |= {self._pick(range(1, finalized + 1), other) for other in more}
        ids = sorted(ids)
        hints = self.queue.find_checkpoint_hints(ids, 1, self.queue.get_last_checkpoint_index())
        hints[-1] += wrong
        shortfall = self.pool.ledger.shortfall
        outcome = self.act(name, "queue.clearAdvances", ids, hints)
        if not isinstance(outcome, Revert):
            self.acted["advance cleared"] += 1
            self.acted["advance cleared with shortfall"] += self.pool.ledger.shortfall > shortfall

    def _claimable(self) -> list[int]:
        finalized = self.queue.get_last_finalized_request_id()
        return sorted(i for i in self.queue.owners if i <= finalized)

    def _pick(self, ids: Sequence[int], position: int) -> int:
        return ids[position % len(ids)]

    # Reports

    @rule(growth=GAIN, bound=BOUND, seen=booleans(), swept=SWEPT, tickets=TICKETS, hint=HINT,
          blame=BLAME)  # fmt: skip
    def report_gain(self, growth, bound, seen, swept, tickets, hint, blame):
        gain = growth.of(self.pool.get_total_pooled_ether())
        verdict = Verdict(max_gain=bound, latest_request=OPEN.latest_request)
        self._report(
            gain,
            verdict=verdict,
            seen=seen,
            swept=swept,
            tickets=tickets,
            hint_error=hint,
            blame=blame,
        )

    @precondition(lambda self: self.pool.ledger.consensus_layer)
    @rule(growth=LOSS, bound=BOUND, seen=booleans(), swept=SWEPT, tickets=TICKETS, hint=HINT,
          blame=BLAME)  # fmt: skip
    def report_loss(self, growth, bound, seen, swept, tickets, hint, blame):
        loss = growth.of(self.pool.get_total_pooled_ether())
        verdict = Verdict(max_gain=bound, latest_request=OPEN.latest_request)
        self._report(
            -loss,
            verdict=verdict,
            seen=seen,
            swept=swept,
            tickets=tickets,
            hint_error=hint,
            blame=blame,
        )

    @precondition(lambda self: self.pool.ledger.consensus_layer)
    @rule(
        name=HOLDER,
        to=HOLDER,
        parts=AMOUNTS,
        loss=integers(50_000, 500_000),
        tickets=mostly(just(Part(10**6)), TICKETS),
        position=POSITION,
    )
    def report_disaster(self, name, to, parts, loss, tickets, position):
        """A silence, and a loss as only few can be at its end; all validators have left."""
        self.lose_patience(name, to, parts)
        loss = Part(loss).of(self.pool.get_total_pooled_ether())
        self._report(-loss, swept=Part(10**6), tickets=tickets)
        if self.queue.book.open and position % 2:
            self.clear(name, position, [], 0)

    @rule(
        name=mostly(just("reporter"), HOLDER),
        age=mostly(just(0), integers(1, 86_400)),
        shortfall=mostly(just(0), integers(1, 10**18)),
        tickets=TICKETS,
    )
    def report_no_growth(self, name, age, shortfall, tickets):
        latest_request = self.clock.timestamp - age if age else OPEN.latest_request
        self._report(
            0,
            name=name,
            verdict=Verdict(max_gain=OPEN.max_gain, latest_request=latest_request),
            swept=Part(10**6),
            shortfall=shortfall,
            tickets=tickets,
        )

    def _report(
        self,
        growth: int,
        *,
        name: str = "reporter",
        verdict: Verdict = OPEN,
        seen: bool = True,
        swept: Part,
        shortfall: int = 0,
        tickets: Part | None,
        hint_error: int | None = None,
        blame: Any = (),
    ) -> None:
        waiting = self.queue.unfinalized_request_number()
        finalized = self.queue.get_last_finalized_request_id()
        report = make_report(
            self.model,
            growth,
            seen=seen,
            swept=swept.of(self.pool.ledger.consensus_layer),
            last_request_id=finalized + tickets.of(waiting) if tickets and waiting else 0,
            operator_losses=self.losses_of(blame),
        )
        # The consensus layer can't lose what it doesn't hold.
        growth = self.pool.ledger.growth(report)
        self.pool.checker = FixedVerdict(verdict)
        self.pool.withdrawal_vault.ether_amount = report.withdrawal_vault_balance
        self.pool.rewards_vault.ether_amount = max(0, report.rewards_vault_balance - shortfall)
        self.prepare_report(verdict)
        before = self.pool.ledger.pooled(self.clock.timestamp + SLOT)
        were_open = len(self.queue.book.open)
        outcome = self.act(
            name, "pool.handleReport", report, self.clock.timestamp, hint_error,
            twin=lambda sender: self.pool.handle_report(
                sender, report, ref_timestamp=self.clock.timestamp - SLOT
            ),
        )  # fmt: skip
        if isinstance(outcome, Revert):
            return
        self.grown += growth
        lost = max(report.blamed, -growth)
        self.acted["advances left open"] += len(self.queue.book.open) > were_open
        self.loss_reported = lost > 0
        self._count_report(growth, outcome)
        paid = 0
        if outcome.settlement:
            paid = outcome.settlement.ether_to_lock
            self.locked += paid
        if lost:
            loss = outcome.loss
            assert loss.total == lost, "STAKE-10"
            fallen = before - self.pool.get_total_pooled_ether()
            else_gone = paid + outcome.surplus - outcome.gain.fee
            paid_by_shares = loss.from_bonds + loss.from_insurance
            assert fallen - else_gone == paid_by_shares + loss.from_rate, "STAKE-10"

    def _count_report(self, growth: int, applied: Applied) -> None:
        kind = "a loss" if growth < 0 else "a gain" if growth else "nothing"
        self.acted[f"report of {kind}"] += 1
        if applied.settlement:
            self.acted["finalisation"] += 1
            self.acted["finalisation by rate"] += any(
                checkpoint.boundary_id < checkpoint.last_request_id
                for checkpoint in applied.settlement.checkpoints
            )
            self.acted["advances netted"] += applied.settlement.netted > 0
        if applied.loss:
            for name, part in vars(applied.loss).items():
                self.acted[f"loss {name.replace('_', ' ')}"] += part > 0
            blamed = [operator_id for operator_id, held in self.bonds.shares.items() if held == 0]
            self.acted["bond exhausted"] += bool(blamed)

    # What always holds

    @invariant()
    def stake_1__shares_add_up(self):
        assert sum(self.pool.exact_shares.values()) == self.pool.total_exact_shares

    @invariant()
    def stake_2__balances_within_pooled_ether(self):
        ether, total = self.pool.get_total_pooled_ether(), self.pool.total_exact_shares
        balances = [shares * ether // total for shares in self.pool.exact_shares.values()]
        assert sum(balances) <= ether

    @invariant()
    def stake_3__rate_falls_only_by_a_loss(self):
        ether_before, shares_before = self.rate
        self.rate = ether, shares = self.pool.get_total_pooled_ether(), self.pool.total_exact_shares
        fell = ether * shares_before < ether_before * shares
        assert not fell or self.loss_reported
        self.loss_reported = False

    @invariant()
    def stake_4__wrapper_is_backed(self):
        held = self.pool.exact_shares_of(self.wrapper.address)
        assert self.wrapper.total_supply * UNIT <= held
        assert sum(self.wrapper.balances.values()) == self.wrapper.total_supply

    @invariant()
    def stake_5__ether_locked_covers_claims(self):
        finalized = self.queue.get_last_finalized_request_id()
        unclaimed = [i for i in self.queue.owners if i <= finalized]
        locked = self.queue.locked_ether_amount - self._recoverable()
        dust = locked - self.queue.claimable_now(unclaimed)
        assert 0 <= dust <= finalized

    @invariant()
    def stake_6__no_ticket_is_paid_before_it_is_final(self):
        finalized = self.queue.get_last_finalized_request_id()
        waiting = range(finalized + 1, self.queue.get_last_request_id() + 1)
        assert all([request_id in self.queue.owners for request_id in waiting])
        assert self.queue.unfinalized_request_number() == len(waiting)

    @invariant()
    def stake_7__ledger_follows_the_flows(self):
        expected = self.inflow + self.grown - self.locked
        ledger = self.pool.ledger
        held = self.pool.get_total_pooled_ether() + self.pool.get_unreleased_gain()
        assert held + ledger.carried_gain == expected
        assert min(ledger.buffered, ledger.in_flight, ledger.carried_gain) >= 0
        assert ledger.advanced == self.queue.ether_lent() >= 0

    @invariant()
    def stake_11__advances_leave_their_due_to_the_tickets_ahead(self):
        finalized, paid = self.queue.get_last_finalized_request_id(), self.queue.book.paid
        behind = sum([wei for request_id, wei in paid.items() if request_id > finalized])
        left = self.pool.ledger.buffered + behind + self._recoverable()
        waiting = self.queue.tickets[finalized:]
        for request_id, ticket in enumerate(waiting, start=finalized + 1):
            advance = paid.get(request_id, 0)
            assert advance * BPS <= ticket.nominal * ADVANCE_BPS
            left -= ticket.nominal
            behind -= advance
            assert behind == 0 or behind <= left

    def _recoverable(self) -> int:
        """Wei of open advances that the queue holds for the pool."""
        queue = self.queue
        return sum([min(queue.get_advance(i), queue.value(i)) for i in queue.book.open])

    def teardown(self):
        """STAKE-9: whatever happened, each finalised ticket is paid from what was locked."""
        for request_id in list(self.queue.book.open):
            hint = self.queue.find_checkpoint_hints(
                [request_id], 1, self.queue.get_last_checkpoint_index()
            )
            self.queue.clear_advances("outsider", [request_id], hint)
        for request_id in list(self.queue.owners):
            if request_id <= self.queue.get_last_finalized_request_id():
                owner = self.queue.owners[request_id]
                assert self.queue.claim_withdrawal(owner, request_id) >= 0
        assert 0 <= self.queue.locked_ether_amount <= self.queue.get_last_finalized_request_id()
