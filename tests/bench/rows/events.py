# SPDX-License-Identifier: Apache-2.0
"""CPU of each event of one fast stream: passed, observed, and under a fault that changes nothing yet. HAProxy beside it."""
import statistics

from measure import streams
from peers import haproxy
from scenarios import idle_rules, rule

EVENTS = 100_000
UNDER = {"under slow_events of no delay": 'slow_events = { delay = "0s" }',
         "under stall_stream, never reached": 'stall_stream = { position = { events = 1000000 } }',
         "under error_event, never reached": 'error_event = { position = { events = 1000000 } }'}


def measure(bench):
    def median(take):
        return statistics.median(take()["cpu_us"] for _ in range(bench.rounds))

    with bench.stream_upstream(EVENTS, 0) as upstream:
        with haproxy(bench.folder, upstream) as (url, pid):
            bench.say("haproxy", f"{median(lambda: streams(bench.streams_program, url, 1, pid)):>8.2f} µs of CPU")
        url = bench.daemon.route("fast", upstream)
        bench.say("passed", f"{median(lambda: streams(bench.streams_program, url + '/', 1, bench.daemon.pid)):>8.2f} µs of CPU")
        scenarios = {"observed": idle_rules(bench.folder, 1)}
        scenarios |= {label: rule(bench.folder, f"under-{n}", fault) for n, (label, fault) in enumerate(UNDER.items())}
        for label, scenario in scenarios.items():
            spent = median(lambda: bench.daemon.measure(scenario, upstream, "streams", bench.streams_program, 1)[0])
            bench.say(label, f"{spent:>8.2f} µs of CPU")
