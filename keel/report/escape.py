"""The stale-oracle escape's part of a report."""

from keel.report.section import Section, Table
from keel.sim.records import RunRecord


def section(record: RunRecord) -> Section:
    """Advances that a keeper had to bring back; empty if there were none."""
    escape = record.escape
    if not escape.cleared:
        return Section()
    rows = [
        ("Advances left open by a loss", f"{escape.cleared}, cleared by a keeper"),
        ("Back in the pool", f"{escape.returned:.4f} ether"),
        ("Not covered by their tickets", f"{escape.shortfall:.4f} ether: the next report's loss"),
    ]
    title = "The escape: advances brought back"
    return Section(title=title, parts=(Table(title=title, rows=rows),))
