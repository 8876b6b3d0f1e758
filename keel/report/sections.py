"""The parts of a run's report, in the order in which they are shown."""

from collections.abc import Callable

from keel.report import days, escape, gauge, options, vault
from keel.report.section import Section
from keel.sim.records import RunRecord

_SECTIONS: tuple[Callable[[RunRecord], Section], ...] = (
    days.section,
    escape.section,
    vault.section,
    gauge.section,
    options.section,
)


def sections(record: RunRecord) -> list[Section]:
    """All of them; one with nothing to say is empty."""
    return [section(record) for section in _SECTIONS]
