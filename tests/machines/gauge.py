"""Rules of the gauge: each is predicted by the model, then `mirror` makes it elsewhere."""

from collections import Counter
from fractions import Fraction
from typing import Any

from keel.models.evm import Clock, Revert
from keel.models.gauge.errors import TransferFromFailed
from keel.models.gauge.gauge import DAY, MAX_DURATION, MIN_DURATION, Gauge
from keel.models.gauge.streams import MIN_STAKED, ONE
from tests.machines.drawing import (
    PART,
    integers,
    just,
    log_scale,
    mostly,
    one_of,
    sampled_from,
)
from tests.machines.rules import initialize, note, precondition, rule

FUNDS = 2**97
"""Of the LP token and of each reward, for each who stakes or funds: more than the gauge takes."""

FINE = 2**192
"""Fixed-point one of the exact ledger, far finer than the gauge's own."""
NEGLIGIBLE = FINE >> 64
"""More than all that the exact ledger can have rounded off."""

MODES = ("plain", "silent", "revert", "return false", "take fee")
FAILING = ("revert", "return false")
SITUATIONS = (
    *(f"gauge.{name}" for name in (
        "stake", "unstake", "claim", "claimAll", "fund", "setDistributor", "addReward",
    )),
    "stake for another", "idle wait", "staked wait", "held back", "all left and came back",
)  # fmt: skip
STAKE = mostly(
    one_of(log_scale(1, 10**6), log_scale(MIN_STAKED - 1, 10**26)),
    sampled_from([0, MIN_STAKED, 2**96 - 1, 2**96]),
)
FUNDING = mostly(log_scale(1, 10**27), sampled_from([0, 1, 2**96 - 1, 2**96]))
TOKEN = mostly(integers(0, 2), just(3))
DURATION = mostly(
    integers(MIN_DURATION, 60 * DAY),
    sampled_from([0, MIN_DURATION - 1, MAX_DURATION, MAX_DURATION + 1]),
)


class GaugeRules:
    """What stakers, distributors and the owner do, and GAUGE-1 to GAUGE-5."""

    acted: Counter[str]
    refused: Counter[str]
    subject = "gauge"
    worst_left_behind = Fraction(0)

    @classmethod
    def measured(cls) -> dict[str, float]:
        """What a campaign tells of its worst."""
        most = float(cls.worst_left_behind)
        return {"GAUGE-1, most units left behind for each checkpoint": most}

    gauge: Gauge
    time: Clock
    stakers: tuple[str, ...]
    distributor: str
    owner: str
    available: tuple[str, ...]
    """Tokens that may be put on the list."""

    def start_gauge(self, gauge: Gauge, time: Clock) -> None:
        self.gauge, self.time = gauge, time
        self.lp = Counter(dict.fromkeys(self.stakers, FUNDS))
        self.modes = dict.fromkeys(self.available, "plain")
        self.tokens: dict[str, Counter[str]] = {
            token: Counter({self.distributor: FUNDS}) for token in self.available
        }
        self.exact: Counter[tuple[str, str]] = Counter()
        self.streams: dict[str, tuple[int, int]] = {}
        self.lag: Counter[str] = Counter()
        self.shifted: Counter[str] = Counter()
        self.received: Counter[tuple[str, str]] = Counter()
        self.emptied = False

    def mirror(self, sender: str, function: str, arguments: tuple[Any, ...], outcome: Any) -> None:
        """Repeat the call elsewhere; `outcome` is its result, or a `Revert`."""

    def mirror_mode(self, token: str, mode: str) -> None:
        """Change how a token behaves."""

    # Acting

    def act(self, sender: str, function: str, *arguments: Any, predict: Any) -> bool:
        """Let 12 s pass; predict on a copy of the model; mirror; check what must hold."""
        self.pass_time(12)
        after = self.gauge.copy()
        try:
            outcome = predict(after)
        except Revert as refusal:
            name = type(refusal).__name__
            self.refused[f"{function}: {name}"] += 1
            note(f"{function} refused: {name}")
            self.mirror(sender, function, arguments, refusal)
            return False
        self.gauge = after
        self.acted[f"gauge.{function}"] += 1
        self.mirror(sender, function, arguments, outcome)
        self.require_invariants()
        return True

    def pass_time(self, seconds: int) -> None:
        """Move the clock, and the exact ledger with it."""
        staked = self.gauge.total_staked
        if staked >= MIN_STAKED:
            self._stream_exactly(seconds, staked)
        self.time.timestamp += seconds

    def _stream_exactly(self, seconds: int, staked: int) -> None:
        for token, (remaining, left) in self.streams.items():
            flowing = min(seconds, left)
            if not flowing:
                continue
            flow = remaining * flowing // left
            self.streams[token] = (remaining - flow, left - flowing)
            for account, stake in self.gauge.stakes.items():
                if stake:
                    self.exact[account, token] += flow * stake // staked

    def require_invariants(self) -> None:
        assert sum(self.gauge.stakes.values()) == self.gauge.total_staked, "GAUGE-3"
        assert self.gauge.total_staked == self.lp["gauge"], "GAUGE-3"
        for token, reward in self.gauge.rewards.items():
            owed = sum(self.gauge.earned(account, token) for account in self.stakers)
            stream = reward.stream.advanced(self.gauge.clock, self.gauge.total_staked)
            left = reward.funded - reward.paid - owed - Fraction(stream.remaining, ONE)
            # One more for each staker: `earned` rounds as a checkpoint would.
            checkpoints = reward.settlements.total() + len(self.stakers)
            assert 0 <= left < checkpoints, f"GAUGE-1: {left} of {token} left behind"
            type(self).worst_left_behind = max(
                type(self).worst_left_behind, Fraction(left, checkpoints)
            )
            assert self.tokens[token]["gauge"] == reward.funded - reward.paid, "GAUGE-1"
            shifted = self._shifted(token, stream) + NEGLIGIBLE
            for account in self.stakers:
                got = self.gauge.earned(account, token) + self.received[account, token]
                off = self.exact[account, token] - got * FINE
                most = (reward.settlements[account] + 1) * FINE + shifted
                assert -shifted < off < most, f"GAUGE-2: {account} {token}"

    def _shifted(self, token, now):
        """What steps of the integral left to later seconds, perhaps to others, or took back."""
        remaining, _ = self.streams.get(token, (0, 0))
        lag = now.remaining * (FINE // ONE) - remaining
        shifted = self.shifted[token] + abs(lag - self.lag[token])
        if now == self.gauge.rewards[token].stream:  # the gauge has taken this step
            self.lag[token], self.shifted[token] = lag, shifted
        return shifted

    # Stakers

    @rule(position=integers(0, 2), other=integers(0, 5), amount=STAKE)
    def stake(self, position, other, amount):
        sender = self.stakers[position]
        self._stake(sender, amount, self.stakers[other] if other < 3 else sender)

    def _stake(self, sender, amount, receiver):
        before = self.gauge.total_staked

        def predict(gauge):
            gauge.stake(sender, amount, receiver)
            if amount > self.lp[sender]:
                raise TransferFromFailed()

        if self._act_on_lp(sender, "stake", amount, receiver, predict=predict, gain=amount):
            self.acted["stake for another"] += sender != receiver
            came_back = self.emptied and before < MIN_STAKED <= self.gauge.total_staked
            self.acted["all left and came back"] += came_back

    def _act_on_lp(self, sender, function, amount, receiver, *, predict, gain):
        giver, taker = (sender, "gauge") if gain > 0 else ("gauge", receiver)

        def predict_and_move(gauge):
            predict(gauge)
            self.lp[giver] -= amount
            self.lp[taker] += amount

        return self.act(sender, function, amount, receiver, predict=predict_and_move)

    @precondition(lambda self: self.gauge.total_staked)
    @rule(position=integers(0, 2), part=PART)
    def unstake(self, position, part):
        staked = [account for account in self.stakers if self.gauge.stakes[account]]
        sender = staked[position % len(staked)]
        self._unstake(sender, part.of(self.gauge.stakes[sender]))

    @rule(seconds=log_scale(1, 60 * DAY))
    def everybody_leaves_for_a_while(self, seconds):
        for account in self.stakers:
            if self.gauge.stakes[account]:
                self._unstake(account, self.gauge.stakes[account])
        self.pass_time(seconds)

    def _unstake(self, sender, amount):
        def predict(gauge):
            gauge.unstake(sender, amount, sender)

        done = self._act_on_lp(sender, "unstake", amount, sender, predict=predict, gain=-amount)
        self.emptied |= done and self.gauge.total_staked < MIN_STAKED
        return done

    @rule(position=integers(0, 2), choice=TOKEN)
    def claim(self, position, choice):
        sender, token = self.stakers[position], self._token(choice)

        def predict(gauge):
            amount = gauge.claim(sender, token, sender, fails=self.modes[token] in FAILING)
            self._pay(sender, token, amount)
            return amount

        self.act(sender, "claim", token, sender, predict=predict)

    @rule(position=integers(0, 2))
    def claim_all(self, position):
        self._claim_all(self.stakers[position])

    def _claim_all(self, sender):
        failing = [token for token in self.gauge.rewards if self.modes[token] in FAILING]

        def predict(gauge):
            amounts = gauge.claim_all(sender, sender, failing=failing)
            for token, amount in zip(gauge.rewards, amounts, strict=True):
                self._pay(sender, token, amount)
            held_back = any(gauge.earned(sender, token) for token in failing)
            self.acted["held back"] += held_back
            return amounts

        return self.act(sender, "claimAll", sender, predict=predict)

    def _pay(self, account, token, amount):
        arriving = amount - amount // 10 if self.modes[token] == "take fee" else amount
        self.tokens[token]["gauge"] -= amount
        self.tokens[token][account] += arriving
        self.received[account, token] += amount

    def _token(self, choice: int) -> str:
        return self.available[choice]

    # Distributors and the owner

    @rule(choice=TOKEN, amount=FUNDING, duration=DURATION, by=integers(0, 9))
    def fund(self, choice, amount, duration, by):
        token = self._token(choice)
        self._fund(self.stakers[0] if by == 9 else self.distributor, token, amount, duration)

    def _fund(self, sender, token, amount, duration):
        mode = self.modes[token]

        def predict(gauge):
            received = amount - amount // 10 if mode == "take fee" else amount
            if mode in FAILING or amount > self.tokens[token][sender]:
                received = None
            before = gauge.rewards[token].stream.rate if token in gauge.rewards else 0
            running = token in gauge.rewards and gauge.stream_of(token)[2]
            promised = token in gauge.rewards and gauge.stream_of(token)[1]
            gauge.fund(sender, token, amount, duration, received=received)
            if running:
                # What could not be divided stays in the stream: the rate may only have grown.
                assert gauge.rewards[token].stream.rate >= before, "GAUGE-5"
                assert not promised or gauge.stream_of(token)[2] >= running, "GAUGE-5"
            self.tokens[token][sender] -= amount
            self.tokens[token]["gauge"] += received
            exact, _ = self.streams.get(token, (0, 0))
            self.streams[token] = (exact + received * FINE, gauge.stream_of(token)[2])
            return received

        self.act(sender, "fund", token, amount, duration, predict=predict)

    @rule(choice=TOKEN, by=sampled_from(["owner", "distributor"] * 3 + ["staker"]))
    def set_distributor(self, choice, by):
        token = self._token(choice)
        sender = {"owner": self.owner, "distributor": self.distributor}.get(by, self.stakers[0])

        def predict(gauge):
            gauge.set_distributor(sender, token, self.distributor)

        self.act(sender, "setDistributor", token, self.distributor, predict=predict)

    @initialize(stake=log_scale(MIN_STAKED, 10**24), funding=log_scale(10**6, 10**24))
    def open_gauge(self, stake, funding):
        """All tokens but the last, and something to earn."""
        for token in self.available[:-1]:
            self._add_reward(token)
        self._stake(self.stakers[0], stake, self.stakers[0])
        for token in self.available[:2]:
            self._fund(self.distributor, token, funding, 7 * DAY)

    @precondition(lambda self: self.available[-1] not in self.gauge.rewards)
    @rule(known=mostly(just(False), just(True)))
    def add_reward(self, known):
        self._add_reward(self.available[0 if known else -1])

    def _add_reward(self, token):
        def predict(gauge):
            gauge.add_reward(token, self.distributor)

        self.act(self.owner, "addReward", token, self.distributor, predict=predict)

    # The world

    @rule(choice=TOKEN, mode=sampled_from(MODES))
    def change_token(self, choice, mode):
        token = self._token(choice)
        self.modes[token] = mode
        self.mirror_mode(token, mode)

    @rule(seconds=log_scale(1, 60 * DAY))
    def wait(self, seconds):
        staked = self.gauge.total_staked >= MIN_STAKED
        self.acted["staked wait" if staked else "idle wait"] += 1
        self.pass_time(seconds)

    def require_everybody_can_leave(self) -> None:
        """GAUGE-4: with all tokens broken every stake goes out; mended, all that is owed does."""
        for token in self.gauge.rewards:
            self.modes[token] = "revert"
            self.mirror_mode(token, "revert")
        for account in self.stakers:
            stake = self.gauge.stakes[account]
            assert not stake or self._unstake(account, stake), "GAUGE-4"
        for token in self.gauge.rewards:
            self.modes[token] = "plain"
            self.mirror_mode(token, "plain")
        for account in self.stakers:
            assert self._claim_all(account)
            assert not any(self.gauge.earned(account, token) for token in self.gauge.rewards)
