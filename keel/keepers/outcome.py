"""What came of a trial: each report, push, round and look, and what should not have been."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from keel.keepers.audit import Audit
from keel.keepers.outages import Outage

RETURN = 20
"""Blocks in which the discount must be back, from when the arbitrageur is there."""
ROLL = 20
"""Blocks in which prices are fixed, series settled and rounds rolled, from when both are there."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One report: how long after the reference slot it was applied, and how long it could be."""

    ref_slot: int
    applied: bool
    seconds: int
    allowed: int


@dataclass(frozen=True, kw_only=True)
class Push:
    """One push of the seller; discounts as parts, in blocks how long it took to come back."""

    ether: float
    before: float
    deepest: float
    band: float
    after: float
    blocks: int | None


@dataclass(frozen=True, kw_only=True)
class Roll:
    """The end of a vault's round: blocks from when it could be; None if it didn't come."""

    vault: str
    due: int
    sold: float
    settled: int | None
    rolled: int | None


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A vault's volatility on one day, and what prices realised; stale: nothing is sold."""

    vault: str
    at: int
    volatility: float
    realised: float
    stale: bool


@dataclass
class Outcome:
    """All figures of a trial."""

    days: int
    seed: int
    seconds: float = 0.0
    blocks: int = 0
    missed: int = 0
    """Blocks that some keeper didn't look at in time."""
    kills: dict[str, int] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)
    node_restarts: int = 0
    frames: list[Frame] = field(default_factory=list)
    pushes: list[Push] = field(default_factory=list)
    rolls: list[Roll] = field(default_factory=list)
    forecasts: list[Forecast] = field(default_factory=list)
    audit: Audit | None = None

    @property
    def problems(self) -> list[str]:
        """What should not have been; empty if all is well."""
        late = [f"slot {f.ref_slot} was not reported" for f in self.frames if not f.applied]
        late += [
            f"slot {f.ref_slot} was reported late"
            for f in self.frames
            if f.applied and f.seconds > f.allowed
        ]
        far = [
            f"a push of {p.ether:.1f} ether left the discount at {p.after:.4%}"
            for p in self.pushes
            if p.blocks is None
        ]
        late += [
            f"{roll.vault} was settled or rolled late on {datetime.fromtimestamp(roll.due, UTC)}"
            for roll in self.rolls
            if any(blocks is None or blocks > ROLL for blocks in (roll.settled, roll.rolled))
        ]
        late += [
            f"the volatility of {each.vault} was stale on {datetime.fromtimestamp(each.at, UTC)}"
            for each in self.forecasts
            if each.stale
        ]
        return late + far + (self.audit.problems if self.audit else ["no audit was made"])

    def summary(self) -> str:
        """The figures as text."""
        found = self.audit or Audit()
        slowest = max((frame.seconds for frame in self.frames), default=0)
        returns = [push.blocks for push in self.pushes if push.blocks is not None]
        deepest = max((push.deepest for push in self.pushes), default=0.0)
        lines = [
            f"{self.days} days, {self.blocks} blocks in {self.seconds:.0f} s; "
            f"{sum(self.kills.values())} keepers killed, the node restarted {self.node_restarts}x",
            f"outages: {len(self.outages)} of "
            f"{sum(each.blocks for each in self.outages)} blocks, the longest of "
            f"{max((each.blocks for each in self.outages), default=0)}",
            f"reports: {sum(f.applied for f in self.frames)} of {len(self.frames)} in their frame, "
            f"the slowest {slowest / 60:.0f} minutes after its slot",
            f"pushes: {len(returns)} of {len(self.pushes)} back within {RETURN} blocks, the "
            f"slowest in {max(returns, default=0)}; the deepest discount was {deepest:.3%}",
            f"rounds: {sum(r.rolled is not None for r in self.rolls)} of {len(self.rolls)} ended, "
            f"the slowest {max((r.rolled or 0 for r in self.rolls), default=0)} blocks after it "
            f"could be; {sum(r.sold for r in self.rolls):.2f} options had been sold",
            f"volatilities: fresh on {sum(not f.stale for f in self.forecasts)} of "
            f"{len(self.forecasts)} looks, " + self._volatilities(),
            f"transactions: {sum(found.transactions.values())}, replaced {found.replaced}; "
            + ", ".join(f"{state} {count}" for state, count in sorted(found.outcomes.items())),
            f"tickets: {found.tickets}, claimed {found.claimed}, waiting {found.waiting}",
        ]
        return "\n".join([*lines, *(f"NOT WELL: {problem}" for problem in self.problems)])

    def _volatilities(self) -> str:
        """Least and most of each, beside what prices realised."""
        texts = []
        for vault in sorted({each.vault for each in self.forecasts}):
            ours = [each for each in self.forecasts if each.vault == vault]
            said, real = [each.volatility for each in ours], [each.realised for each in ours]
            texts.append(
                f"{vault} {min(said):.1%} to {max(said):.1%} with {min(real):.1%} to "
                f"{max(real):.1%} realised"
            )
        return "; ".join(texts)

    def save(self, path: Path) -> None:
        """As JSON."""
        body = asdict(self) | {"problems": self.problems}
        path.write_text(json.dumps(body, indent=2) + "\n")
