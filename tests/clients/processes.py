# SPDX-License-Identifier: Apache-2.0
"""Starts the programs that the tests talk to, each on a port of its own."""

import contextlib
import json
import select
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STANDIN = ROOT / "tools" / "standin"
START_TIMEOUT = 60
STOP_TIMEOUT = 15


def read_line(process) -> str:
    """The first line that a program prints; empty when it ends, or takes too long."""
    ready, _, _ = select.select([process.stdout], [], [], START_TIMEOUT)
    return process.stdout.readline() if ready else ""


@contextlib.contextmanager
def running(command: list, **options):
    """A program that prints one line of JSON when it is ready; yields the process and that line. Ended with SIGTERM."""
    process = subprocess.Popen([str(part) for part in command], text=True, stdout=subprocess.PIPE, **options)
    try:
        line = read_line(process)
        if not line:
            raise RuntimeError(f"{command[0]} did not say where it listens (exit code {process.poll()})")
        yield process, json.loads(line)
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@contextlib.contextmanager
def service(name: str, *arguments):
    """`standin`, `payments` or `everything`; yields its endpoints."""
    command = [sys.executable, STANDIN / name, *arguments, "--print-endpoint", "json"]
    with running(command) as (_, endpoints):
        yield endpoints
