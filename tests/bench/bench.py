# SPDX-License-Identifier: Apache-2.0
"""What rows have in common: the machines under test, and how often they are looked at."""
import contextlib
import dataclasses
import pathlib
import statistics
import subprocess

from daemon import Daemon
from measure import free_port, wait_for_port, wrk


@dataclasses.dataclass
class Bench:
    build: pathlib.Path
    folder: pathlib.Path
    upstream: str
    daemon: Daemon
    rounds: int
    seconds: int
    streams: int
    injections: int
    exchanges: int

    @property
    def streams_program(self):
        return str(self.build / "tests/bench/streams")

    def say(self, label, text):
        print(f"  {label:<44}{text}", flush=True)

    @contextlib.contextmanager
    def stream_upstream(self, events, pace_us):
        port = free_port()
        server = subprocess.Popen([self.streams_program, "serve", str(port), str(events), str(pace_us)])
        try:
            wait_for_port(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()
            server.wait()


def alternate(bench, targets, connections):
    """Medians of rounds that alternate between {name: (URL, pid)}: a slow minute hits all of them."""
    rounds = {name: [] for name in targets}
    for _ in range(bench.rounds):
        for name, (url, pid) in targets.items():
            rounds[name].append(wrk(url, connections, bench.seconds, pid, failures=True))
    return {name: {key: statistics.median(result[key] for result in results) for key in results[0]} for name, results in rounds.items()}
