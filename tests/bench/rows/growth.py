# SPDX-License-Identifier: Apache-2.0
"""A record, and reading, as a journal grows to a million exchanges (growth.cc)."""
import subprocess


def measure(bench):
    out = subprocess.run([str(bench.build / "tests/bench/growth"), str(bench.folder), str(bench.exchanges)], stdout=subprocess.PIPE,
                         check=True, text=True).stdout
    for line in out.splitlines():
        label, _, figures = line.partition(":")
        bench.say(label, figures.strip())
    (bench.folder / "growth.db").unlink()
