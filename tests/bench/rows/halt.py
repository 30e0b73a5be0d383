# SPDX-License-Identifier: Apache-2.0
"""Every tenth exchange is injected; from asking for a halt to the last injection."""
import datetime
import json
import time

from scenarios import rule


def measure(bench):
    daemon = bench.daemon
    scenario = rule(bench.folder, "each-tenth", 'latency = { fixed = "0s" }', "when = { every = 10 }")
    running = daemon.run(scenario, bench.upstream, "wrk", bench.seconds, 32)
    time.sleep(bench.seconds / 2)
    asked = time.time()
    daemon.command("halt", "benchmark")
    out = running.communicate()[0]
    daemon.command("resume", "benchmark")
    run = daemon.command("run", "list")["runs"][0]["id"]
    fired = [injection["fire_time"] for injection in daemon.command("journal", "injections", run)["injections"] if "fire_time" in injection]
    last = datetime.datetime.fromisoformat(max(fired)[:26].rstrip("Z") + "+00:00").timestamp()
    rate = json.loads(next(line for line in out.splitlines() if line.startswith("{")))["rate"]
    bench.say("last injection after a halt", f"{(last - asked) * 1e3:>8.1f} ms after it was asked for, at {rate:.0f} req/s and {len(fired)} injections")
