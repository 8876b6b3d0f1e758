"""Market, swap pool, queue and validators, day by day."""

from keel.report.charts import ACCENT, MUTED, SECOND, lines, percent
from keel.report.section import Chart, Section
from keel.sim.records import RunRecord

_SETTLED = 3
"""Days until the buffer holds no stake from before the window."""


def section(record: RunRecord) -> Section:
    """Charts of what every run has."""
    return Section(parts=(*_market(record), *_staking(record)))


def _market(record: RunRecord) -> tuple[Chart, Chart]:
    days, replay = record.days, record.is_history
    when = [day.day for day in days]
    shares = [("our pool", ACCENT, percent(day.pool_share for day in days))]
    if replay:
        shares.insert(0, ("the real pool", MUTED, percent(day.real_share for day in days)))
    return (
        Chart(
            title="Discount of staked ether",
            figure=lines(
                when,
                (
                    "the market in 2022" if replay else "the market",
                    MUTED,
                    percent(day.market_ratio - 1 for day in days),
                ),
                ("our pool", ACCENT, percent(day.pool_price - 1 for day in days)),
                ("our pool's price oracle", SECOND, percent(day.pool_ema - 1 for day in days)),
                suffix=" %",
            ),
            caption="Ether per staked ether, less one. The seller trades once a day towards the "
            "day's median; the oracle is the pool's moving average, read at the end of the same "
            "day, when the redemption vault has bought too.",
        ),
        Chart(
            title="What the pool holds",
            figure=lines(when, *shares, suffix=" %"),
            caption="Staked ether's part of the balances, at redemption value, at the market's "
            "price."
            + (
                " The real pool's readings end on 22 June 2022. With the same A, the price alone "
                "decides the mix."
                if replay
                else ""
            ),
        ),
    )


def _staking(record: RunRecord) -> tuple[Chart, ...]:
    days = record.days
    when = [day.day for day in days]
    queue = lines(
        when,
        ("waiting in the queue", SECOND, [day.queued for day in days]),
        ("in the buffer", ACCENT, [day.buffered for day in days]),
    )
    top = max(max(day.queued for day in days), *(day.buffered for day in days[_SETTLED:]), 1.0)
    queue.update_yaxes(range=[-0.03 * top, 1.1 * top])
    return (
        Chart(
            title="Exchange rate",
            figure=lines(when, ("ether per share", ACCENT, [day.rate for day in days])),
            caption="Each report's gain is released over the day after it: a slope, no steps. A "
            "loss counts at once.",
        ),
        Chart(
            title="The withdrawal queue",
            figure=queue,
            caption="Ether. More people leave the deeper the discount; the buffer pays first, "
            "exits of validators after. On the first days it still holds what was staked before "
            "the window.",
        ),
        Chart(
            title="Pooled ether",
            figure=lines(when, ("pooled ether", ACCENT, [day.pooled for day in days])),
            caption="Everything that belongs to holders of kETH and wkETH.",
        ),
        Chart(
            title="Validators of the pool",
            figure=lines(
                when,
                ("with a balance, or a deposit on its way", ACCENT, [d.validators for d in days]),
            ),
            caption="Entry, exit and sweep take the time that the protocol's churn gives them.",
        ),
    )
