# SPDX-License-Identifier: Apache-2.0
"""Thousands of slow streams: CPU of each small event, and memory of an open stream; passed, observed, and HAProxy beside it."""
from measure import rss_kib, streams
from peers import haproxy
from scenarios import idle_rules

EVENTS, PACE_US = 50, 200_000


def measure(bench):
    program, count = bench.streams_program, bench.streams
    with bench.stream_upstream(EVENTS, PACE_US) as upstream:
        with haproxy(bench.folder, upstream) as (url, pid):
            late = streams(program, url, count, pid)
        with haproxy(bench.folder, upstream, at_once=True) as (url, pid):
            peer = streams(program, url, count, pid)
        url = bench.daemon.route("slow", upstream)
        start = rss_kib(bench.daemon.pid)
        passed = streams(program, url + "/", count, bench.daemon.pid)
        bench.daemon.restart()
        observed = bench.daemon.measure(idle_rules(bench.folder, 1), upstream, "streams", program, count)[0]
    rows = {"haproxy, each part at once": peer, "haproxy, parts kept back": late, "passed": passed, "observed": observed}
    for label, figures in rows.items():
        bench.say(f"{label}, {count} streams",
                  f"{figures['cpu_us']:>8.2f} µs of CPU an event, {figures['cpu_us'] / peer['cpu_us']:.2f}× HAProxy; "
                  f"{figures['open_kib']:.1f} KiB a stream; {figures['broken'] or 'none'} dropped")
    bench.say("murphyd with no connection", f"{start / 1024:>8.1f} MiB")
