"""What happens to the sources and tokens of options, whoever acts."""

from collections import Counter
from typing import Any

from keel.models.evm import Clock
from keel.models.options.settlement import (
    DAY,
    DISPUTE_WINDOW,
    PHASE_SHIFT,
    Sources,
    expiry_after,
)
from tests.machines.drawing import (
    floats,
    integers,
    just,
    log_scale,
    mostly,
    one_of,
    sampled_from,
)
from tests.machines.rules import rule

WAD = 10**18
WINDOW = 3_600
TOKEN_MODES = ("plain", "silent", "revert", "return false", "take fee")
AROUND_EXPIRY = sampled_from(
    [-WINDOW - 1, -WINDOW, -1_800, -60, -1, 0, 1, 60, DISPUTE_WINDOW - 1, DISPUTE_WINDOW]
)
FAULTS = ("zero", "negative", "incomplete", "gap", "phase")
FACTOR = mostly(floats(0.9, 1.1), floats(0.2, 4.0))


class OptionWorld:
    """Time, rounds, rates, ratios, and tokens that break and mend."""

    acted: Counter[str]
    sources: Sources
    time: Clock
    aggregator: str
    wketh: str
    market: str
    feeds: dict[str, bytes]
    tokens: tuple[str, ...]
    modes: dict[str, str]
    phase: int
    number: int

    def mirror_world(self, what: str, *values: Any) -> None:
        """Change what a source or a token does."""

    def _observe(self, feed: bytes) -> None:
        raise NotImplementedError

    @rule(seconds=mostly(log_scale(1, 4 * 3_600), log_scale(1, 3 * DAY)))
    def wait(self, seconds):
        self.time.timestamp += seconds

    @rule(offset=one_of(AROUND_EXPIRY, just(DISPUTE_WINDOW)))
    def wait_for_expiry(self, offset):
        """Until 12 s before, because each call lets them pass."""
        target = expiry_after(self.time.timestamp) + offset - 12
        self.time.timestamp = max(self.time.timestamp, target)

    @rule(factor=FACTOR, fault=one_of(just("none"), sampled_from(FAULTS)))
    def push_round(self, factor, fault):
        feed = self.sources.aggregators[self.aggregator]
        last = max((answer for answer, _ in feed.rounds.values()), default=10**11)
        price = feed.rounds.get(feed.latest, (0, 0))[0]
        price = price if price > 0 else last
        answer = min(10**20, max(10**3, int(price * factor)))
        self.number += 2 if fault == "gap" else 1
        if fault == "phase":
            self.phase, self.number = self.phase + 1, 1
            self.acted["new phase"] += 1
        answer = {"zero": 0, "negative": -answer}.get(fault, answer)
        time = 0 if fault == "incomplete" else self.time.timestamp
        self.acted["round without answer"] += answer <= 0 or time == 0
        round_id = self.phase << PHASE_SHIFT | self.number
        feed.rounds[round_id] = (answer, time)
        feed.latest = round_id
        self.mirror_world("round", round_id, answer, time)

    @rule(factor=FACTOR)
    def move_rate(self, factor):
        rate = self.sources.rates[self.wketh] or WAD
        self.acted["rate fell"] += factor < 1
        self._set_rate(min(12 * WAD, max(WAD // 20, int(rate * factor))))

    def _set_rate(self, rate):
        self.sources.rates[self.wketh] = rate
        self.mirror_world("rate", rate)

    @rule(ratio=mostly(floats(0.5, 1.1), floats(0.001, 12.0)))
    def move_ratio(self, ratio):
        self.sources.ratios[self.market] = int(ratio * WAD)
        self.acted["ratio below one" if ratio < 1 else "ratio above one"] += 1
        self.mirror_world("ratio", int(ratio * WAD))

    @rule(source=integers(0, 2))
    def break_a_source(self, source):
        """For the next observation."""
        feeds = list(self.feeds.values())
        sources = self.sources
        if source == 0:
            rate, sources.rates[self.wketh] = sources.rates[self.wketh], None
            self.mirror_world("rate", None)
        elif source == 1:
            ratio, sources.ratios[self.market] = sources.ratios[self.market], None
            self.mirror_world("ratio", None)
        else:
            sources.aggregators[self.aggregator].fails = True
            self.mirror_world("aggregator fails", True)
        for feed in feeds[:3]:
            self._observe(feed)
        if source == 0:
            self._set_rate(rate)
        elif source == 1:
            sources.ratios[self.market] = ratio
            self.mirror_world("ratio", ratio)
        else:
            sources.aggregators[self.aggregator].fails = False
            self.mirror_world("aggregator fails", False)

    @rule(position=integers(0, 1), mode=sampled_from(TOKEN_MODES), stays=integers(0, 3))
    def change_token(self, position, mode, stays):
        token = self.tokens[position]
        self._set_mode(token, "plain" if stays else mode)

    def _set_mode(self, token, mode):
        self.modes[token] = mode
        self.mirror_world("token", token, mode)
