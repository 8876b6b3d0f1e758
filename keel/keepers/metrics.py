"""What a keeper counts, as Prometheus reads it."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample


class Metrics:
    """Counters and gauges of one keeper.

    Parameters
    ----------
    keeper : str
        A label of each.
    """

    def __init__(self, keeper: str) -> None:
        self.registry = CollectorRegistry()
        self._labels = {"keeper": keeper}
        labels = tuple(self._labels)
        self._decisions = Counter(
            "keel_decisions", "Actions by what became of them", (*labels, "outcome"),
            registry=self.registry,
        )  # fmt: skip
        self._gas = Counter("keel_gas_wei", "Wei paid for gas", labels, registry=self.registry)
        self._failures = Counter(
            "keel_failures", "Ticks that failed", labels, registry=self.registry
        )
        self._block = Gauge("keel_block", "Last processed block", labels, registry=self.registry)
        self._figures = Gauge(
            "keel_figure", "What the strategy sees", (*labels, "figure"), registry=self.registry
        )
        self._breaker = Gauge(
            "keel_breaker_open", "Whether the circuit breaker holds", labels, registry=self.registry
        )

    def serve(self, port: int, host: str = "127.0.0.1") -> None:
        """Answer `/metrics`."""
        start_http_server(port, addr=host, registry=self.registry)

    def decided(self, outcome: str) -> None:
        """One more action that ended so."""
        self._decisions.labels(**self._labels, outcome=outcome).inc()

    def paid(self, wei: int) -> None:
        """Gas."""
        self._gas.labels(**self._labels).inc(wei)

    def failed(self) -> None:
        """A tick failed."""
        self._failures.labels(**self._labels).inc()

    def processed(self, block: int, *, breaker_open: bool) -> None:
        """A tick ended."""
        self._block.labels(**self._labels).set(block)
        self._breaker.labels(**self._labels).set(breaker_open)

    def show(self, figures: dict[str, float]) -> None:
        """What the strategy sees."""
        for name, value in figures.items():
            self._figures.labels(**self._labels, figure=name).set(value)


class Together(Collector):
    """The metrics of all keepers that a process runs now, each told apart by its label.

    Parameters
    ----------
    keepers : callable
        Whose metrics they are, when somebody asks.
    """

    def __init__(self, keepers: Callable[[], Iterable[Metrics]]) -> None:
        self._keepers = keepers

    def serve(self, port: int, host: str = "127.0.0.1") -> None:
        """Answer `/metrics`."""
        start_http_server(port, addr=host, registry=self)

    def collect(self) -> Iterable[Metric]:
        """One family for each name."""
        families: dict[str, Metric] = {}
        for keeper in self._keepers():
            for family in keeper.registry.collect():
                samples: list[Sample] = families.setdefault(family.name, family).samples
                if families[family.name] is not family:
                    samples += family.samples
        return families.values()
