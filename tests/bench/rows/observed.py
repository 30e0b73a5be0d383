# SPDX-License-Identifier: Apache-2.0
"""An exchange that is read, addressed, matched and journalled: what it costs with one rule and with a thousand that do not match."""
import statistics

from scenarios import idle_rules


def measure(bench):
    found = {}
    for count in (1, 1000):
        scenario = idle_rules(bench.folder, count)
        lines = [bench.daemon.measure(scenario, bench.upstream, "wrk", bench.seconds, 32)[0] for _ in range(bench.rounds)]
        found[count] = {key: statistics.median(line[key] for line in lines) for key in lines[0]}
        bench.say(f"{count} rules that do not match", f"{found[count]['rate']:>8.0f} req/s   {found[count]['cpu_us']:.1f} µs of CPU")
    bench.say("1,000 rules against one", f"{100 * (1 - found[1000]['rate'] / found[1]['rate']):.1f} % less")
