"""The scenarios that `make demo SCENARIO=…` knows."""

from dataclasses import dataclass
from datetime import date, timedelta

from keel.errors import KeelError
from keel.sim.incidents import CALM, Incident
from keel.sim.market import MarketDay
from keel.sim.options.weeks import Cover, CoveredCalls
from keel.sim.product import Product

REPLAY = "june-2022"
STUDIES = "liquidity-studies"
"""Not a run: see `keel.sim.studies`."""
BACKTEST = "covered-calls"
"""A run of its own: see `keel.sim.backtest`."""
_FIRST_DAY = date(2025, 6, 1)
_ETHER_USD = 2_500.0
_STRUCK_ON = 3


class UnknownScenario(KeelError):
    """No scenario of this name."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A scenario: the market's prices, or made-up ones and a blow on the fourth day.

    Attributes
    ----------
    title : str
        One line, for lists and headings.
    story : str
        What happens and what to look at; empty for the plain replay of history.
    days : int
        Length of the window; 0 takes the market's.
    panic : float
        Discount on the day of the blow; it halves every two days.
    options : tuple of Product
        Option vaults that are played beside the other products.
    """

    name: str
    title: str
    story: str = ""
    days: int = 0
    panic: float = 0.0
    incident: Incident = CALM
    options: tuple[type[Product], ...] = ()

    @property
    def is_history(self) -> bool:
        """Whether the prices are the market's."""
        return not self.days

    def window(self) -> list[MarketDay]:
        """Days with the plan's own prices: par, and a discount that fades after the blow."""
        return [
            MarketDay(
                day=_FIRST_DAY + timedelta(days=number),
                ether_usd=_ETHER_USD,
                ratio=1 - self._discount(number - self.incident.day),
            )
            for number in range(self.days)
        ]

    def _discount(self, since: int) -> float:
        return self.panic * 0.5 ** (since / 2) if since >= 0 else 0.0


_PLANS = (
    Plan(name=REPLAY, title="summer 2022 as it was, day by day", options=(CoveredCalls,)),
    Plan(
        name="depeg-cover",
        title="a holder of staked ether insures it through summer 2022",
        story="A vault of WETH writes cover: each week puts on the market ratio of staked ether, "
        "struck three percent below par, or two below the market once that is lower. A holder "
        "buys them for all of a stake, as far as the pool's depth lets cover be written, at the "
        "model's price or above, and is paid what the ratio's mean before each expiry is below "
        "the strike.",
        options=(Cover,),
    ),
    Plan(
        name="slashing-1",
        title="1 % of all validators are slashed",
        story="One validator in a hundred is slashed, here and in the whole network. Each loses "
        "1/4096 of its stake at once, what it misses until it may leave, and three times the "
        "slashed share, 3 %, at the midpoint 18 days later. The first report that counts the "
        "midpoint lowers the rate; the bounds let it pass, no second quorum is asked.",
        days=42,
        panic=0.005,
        incident=Incident(day=_STRUCK_ON, slashed=10_000),
    ),
    Plan(
        name="slashing-5",
        title="5 % of all validators are slashed",
        story="One validator in twenty is slashed, here and in the whole network. The correlated "
        "penalty is 15 % of their stake; the pool loses less than 1 % of its ether. Tickets that "
        "no report has settled yet share the loss, settled ones do not.",
        days=42,
        panic=0.02,
        incident=Incident(day=_STRUCK_ON, slashed=50_000),
    ),
    Plan(
        name="slashing-50",
        title="50 % of all validators are slashed, and finality is lost",
        story="Half of all validators are slashed: a bug in a client that half the network runs. "
        "Nothing is final any more, and the inactivity leak takes about half of the slashed "
        "stake within 18 days; the midpoint takes the rest. Losses soon pass the checker's bounds; "
        "from then on each report with a loss needs the second quorum. The exit queue is months "
        "long: tickets wait for what sweep and rewards bring.",
        days=42,
        panic=0.2,
        incident=Incident(day=_STRUCK_ON, slashed=500_000),
    ),
    Plan(
        name="outage",
        title="the oracle is silent for three days",
        story="No member reports for three days. Stakes, transfers, trades, requests and claims go "
        "on; the rate stands still, and no ticket is settled. The report after it brings three "
        "days' gain at once, within bounds that grow with the time, and releases it over a day.",
        days=14,
        incident=Incident(day=_STRUCK_ON, silence=3),
    ),
    Plan(
        name="outage-10",
        title="the oracle is silent for ten days, and a holder loses patience",
        story="No member reports for ten days. A holder who queued on the first of them takes nine "
        "tenths of the ticket from the buffer as soon as a week has passed: the stale-oracle "
        "escape. Tickets ahead keep what they may ask for. The first report nets the advance, the "
        "claim pays the rest, and in the end everybody has got the nominal.",
        days=21,
        panic=0.01,
        incident=Incident(day=_STRUCK_ON, silence=10),
    ),
    Plan(
        name="outage-50",
        title="half are slashed while the oracle is silent, and an advance is too large",
        story="The members fall silent for nineteen days, and on the first of them half of all "
        "validators are slashed; the market doesn't notice. A holder who queued that day takes "
        "nine tenths of the ticket in advance after a week, at the last rate that anybody "
        "reported. The report that comes takes nearly half of the rate: the ticket is worth less "
        "than its advance, and nothing is netted. A keeper brings back what it is worth, the "
        "holder needn't come; what it lacks is part of the next report's loss.",
        days=26,
        panic=0.01,
        incident=Incident(day=_STRUCK_ON, slashed=500_000, silence=19),
    ),
    Plan(
        name="run",
        title="half of the supply asks for its ether at once",
        story="Half of the crowd's staked ether asks to leave within one day. Operators exit as "
        "many validators as that takes; the protocol's exit queue, the delay of 27 hours and the "
        "sweep of all validators decide when the ether comes. Tickets are paid in order and in "
        "full.",
        days=21,
        panic=0.03,
        incident=Incident(day=_STRUCK_ON, asked=500_000),
    ),
)
PLANS = {plan.name: plan for plan in _PLANS}


def plan_of(name: str) -> Plan:
    """The scenario of a name; raises `UnknownScenario`."""
    try:
        return PLANS[name]
    except KeyError:
        known = ", ".join((*PLANS, BACKTEST, STUDIES))
        raise UnknownScenario(f"no scenario {name!r}", f"choose one of {known}") from None
