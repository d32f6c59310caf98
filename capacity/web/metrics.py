"""What Prometheus reads. Every label is a word of a closed list or a route's template, so none can grow or leak."""

from collections.abc import Iterable, Mapping
from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from capacity import __version__
from capacity.board.pressure import Kind
from capacity.services.readers import Counters
from capacity.services.shedding import Shedding
from capacity.store.replica import Replica

REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
TICK_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
# A second sample for each counter, of no use to anybody here.
disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client has no type here
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class Metrics:
    """The instruments of one `serve` process, on a registry of their own."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._reports = Counter(
            "capacity_reports", "Reports answered, by type and outcome", ["type", "outcome"], registry=registry
        )
        self._holds = Counter(
            "capacity_holds", "Commands about holds, by verb and by outcome or the refusal's problem",
            ["verb", "outcome"], registry=registry,
        )  # fmt: skip
        self._requests = Counter(
            "capacity_http_requests", "HTTP requests answered", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "capacity_http_request_seconds", "From the request's head to its answer's end", ["route"],
            registry=registry, buckets=REQUEST_BUCKETS,
        )  # fmt: skip
        self._tick_lag = Histogram(
            "capacity_feed_tick_lag_seconds", "From the live store's answer to the last write of the tick",
            registry=registry, buckets=TICK_BUCKETS,
        )  # fmt: skip
        self.lag_numbers = Gauge(
            "capacity_recorder_lag_numbers", "Commands not yet in the ledger, over all territories", registry=registry
        )
        self.lag_seconds = Gauge(
            "capacity_recorder_lag_seconds", "For how long the ledger has been behind", registry=registry
        )
        self._asking_failed = Counter(
            "capacity_asking_failed", "Times that a figure could not be had, and stayed as it was", ["figure"],
            registry=registry,
        )  # fmt: skip
        self._oldest_pool = Gauge(
            "capacity_oldest_pool_age_seconds", "Age of the pool that was observed longest ago, by kind of site",
            ["kind"], registry=registry,
        )  # fmt: skip
        self._unreported_pools = Gauge(
            "capacity_unreported_pools", "Pools that nobody has reported on yet, by kind of site", ["kind"],
            registry=registry,
        )  # fmt: skip
        # Each combination is looked up in prometheus_client once: its search, under a lock, costs more than to count.
        self._report = cache(self._reports.labels)
        self._request = cache(self._requests.labels)
        self._duration = cache(self._seconds.labels)
        Info("capacity_build", "What is running", registry=registry).info({"version": __version__})

    def report(self, kind: str, outcome: str) -> None:
        """One report was answered."""
        self._report(kind, outcome).inc()

    def hold(self, verb: str, outcome: str, times: int = 1) -> None:
        """Commands about a hold were decided."""
        self._holds.labels(verb, outcome).inc(times)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One HTTP request was answered."""
        self._request(method if method in METHODS else "other", route, status).inc()
        self._duration(route).observe(seconds)

    def tell_ages(self, oldest_seconds: Mapping[str, float], unreported: Mapping[str, int]) -> None:
        """Show, by kind of site, the age of the pool observed longest ago and the pools never reported on."""
        self._oldest_pool.clear()
        self._unreported_pools.clear()
        for kind, seconds in oldest_seconds.items():
            self._oldest_pool.labels(kind).set(seconds)
        for kind, pools in unreported.items():
            self._unreported_pools.labels(kind).set(pools)

    def failed(self, figure: str) -> None:
        """A figure could not be had."""
        self._asking_failed.labels(figure).inc()

    def watch_feed(self, counters: Counters) -> None:
        """Show a hub's counters from now on."""
        counters.observe_tick_lag = self._tick_lag.observe
        self._registry.register(_Feed(counters))

    def watch_replica(self, replica: Replica) -> None:
        """Show how a replica is from now on."""
        self._registry.register(_OfReplica(replica))

    def watch_shedding(self, shedding: Shedding) -> None:
        """Show who is refused, and how late the event loop is, from now on."""
        self._registry.register(_Pressure(shedding))

    def text(self) -> bytes:
        """The present values in Prometheus' text format."""
        return generate_latest(self._registry)


class _Feed(Collector):
    """The feed's own counters, read when asked."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def collect(self) -> Iterable[Metric]:
        now = self._counters
        yield GaugeMetricFamily("capacity_feed_readers", "Readers of the feed at present", now.readers)
        yield CounterMetricFamily("capacity_feed_ticks", "Messages made for all readers", now.ticks)
        yield CounterMetricFamily("capacity_feed_deliveries", "Messages written to a reader", now.deliveries)
        yield CounterMetricFamily("capacity_feed_catchups", "Catch-ups written to a reader", now.catchups)
        yield CounterMetricFamily(
            "capacity_feed_boards",
            "Boards put together, or the most of one, each for all who need it",
            now.boards,
        )
        yield CounterMetricFamily("capacity_feed_skipped", "Times a slow reader was left out of a tick", now.skipped)
        yield CounterMetricFamily("capacity_feed_stalled", "Readers closed because they stopped reading", now.stalled)


class _OfReplica(Collector):
    """How the replica is, as it was last looked at; without a lag while it is away."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica

    def collect(self) -> Iterable[Metric]:
        behind = self._replica.behind
        yield GaugeMetricFamily(
            "capacity_replica_asked", "1 while reads of history go to the replica", int(self._replica.is_asked)
        )
        if behind is not None:
            yield GaugeMetricFamily("capacity_replica_lag_numbers", "Commands that the replica lacks", behind.numbers)
            yield GaugeMetricFamily(
                "capacity_replica_lag_seconds", "For how long the replica has lacked some", behind.seconds
            )
        reads = CounterMetricFamily("capacity_history_reads", "Reads of history by who answered", labels=["by"])
        for who, count in self._replica.answered.items():
            reads.add_metric([who], count)
        yield reads


class _Pressure(Collector):
    """What is under way and what was refused, read when asked."""

    def __init__(self, shedding: Shedding) -> None:
        self._shedding = shedding

    def collect(self) -> Iterable[Metric]:
        lag = "How late the event loop comes to what is due, as shedding counts it"
        yield GaugeMetricFamily("capacity_event_loop_lag_seconds", lag, self._shedding.lag_seconds)
        refused = CounterMetricFamily("capacity_shed", "Requests refused early, by kind", labels=["kind"])
        for kind in Kind:
            refused.add_metric([kind.value], self._shedding.refused[kind])
        yield refused
