# SPDX-License-Identifier: Apache-2.0
"""10,000 runs that nobody ends: what they cost while nothing happens, and what they cost others."""
import subprocess
import time

from measure import cpu_seconds, rss_kib, wrk

RUNS = 10_000


def measure(bench):
    daemon = bench.daemon
    daemon.restart()
    url = f"{daemon.gateway}/r/default/up/json"
    before = wrk(url, 32, bench.seconds, daemon.pid)
    memory = rss_kib(daemon.pid)
    subprocess.run([str(bench.build / "tests/bench/start_runs"), daemon.control, str(RUNS)], check=True)
    kib = (rss_kib(daemon.pid) - memory) / RUNS
    # Their leases, of seconds, end; what stays is what they cost for good.
    time.sleep(8)
    spent, began = cpu_seconds(daemon.pid), time.monotonic()
    time.sleep(5)
    share = (cpu_seconds(daemon.pid) - spent) / (time.monotonic() - began)
    after = wrk(url, 32, bench.seconds, daemon.pid)
    bench.say(f"{RUNS:,} idle runs", f"{100 * share:>8.1f} % of a core; {kib:.1f} KiB each")
    bench.say("pass-through beside them", f"{after['rate']:>8.0f} req/s, {after['rate'] / before['rate']:.2f}× without them")
    daemon.restart()
