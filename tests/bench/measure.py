# SPDX-License-Identifier: Apache-2.0
"""Load, CPU and memory. As a program, run as an agent inside a run, it measures $MURPHY_ROUTE_UP and prints a JSON line:

    measure.py wrk PID SECONDS CONNECTIONS [BLOCKS]      one line for each block
    measure.py streams PID PROGRAM CONNECTIONS
    measure.py bodies PID COUNT SIZE
"""
import concurrent.futures
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

HERE = pathlib.Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of a process, all its threads together."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1])


def forget_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_kib(pid):
    """The most memory since it was forgotten."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", text)[1])


def bodies(url, count, size):
    """Posts as many bodies at once, and reads the answers; how many bytes these are."""
    parts = urlsplit(url)
    head = f"POST {parts.path}/tool HTTP/1.1\r\nHost: bench\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n"

    def post(_):
        with socket.create_connection((parts.hostname, parts.port)) as agent:
            agent.sendall(head.encode() + b"x" * size)
            return sum(iter(lambda: len(agent.recv(1 << 20)), 0))

    with concurrent.futures.ThreadPoolExecutor(count) as agents:
        return sum(agents.map(post, range(count)))


def microseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7}[unit]


def wrk(url, connections, seconds, pid, failures=False):
    """One wrk thread that posts 1 KiB of JSON; the CPU is of the process `pid`, for each request."""
    before = cpu_seconds(pid)
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(HERE / "post.lua"), url],
                         stdout=subprocess.PIPE, check=True, text=True).stdout
    spent = cpu_seconds(pid) - before
    if "Non-2xx" in out and not failures:
        raise RuntimeError(f"{url} did not answer 200:\n{out}")
    requests = int(re.search(r"(\d+) requests in", out)[1])
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), "requests": requests, "cpu_us": 1e6 * spent / requests,
            "p50_us": microseconds(re.search(r"\n +50%\s+(\S+)", out)[1]), "p99_us": microseconds(re.search(r"\n +99%\s+(\S+)", out)[1])}


def streams(program, url, connections, pid):
    """Reads event streams to their end; memory when all are open, and CPU, of the process `pid`."""
    parts = urlsplit(url)
    before, memory = cpu_seconds(pid), rss_kib(pid)
    reader = subprocess.Popen([program, "read", str(parts.port), parts.path or "/", str(connections)], stdout=subprocess.PIPE, text=True)
    opened = reader.stdout.readline()
    open_kib = (rss_kib(pid) - memory) / connections
    rest = reader.stdout.read()
    reader.wait()
    result = json.loads(rest or opened)
    return {"events": result["events"], "broken": result["broken"], "seconds": result["seconds"], "open_kib": open_kib,
            "cpu_us": 1e6 * (cpu_seconds(pid) - before) / max(result["events"], 1)}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")


def main():
    kind, pid, *rest = sys.argv[1:]
    url = os.environ["MURPHY_ROUTE_UP"]
    if kind == "streams":
        print(json.dumps(streams(rest[0], url + "/", int(rest[1]), int(pid))), flush=True)
        return
    if kind == "bodies":
        print(json.dumps({"bytes": bodies(url, int(rest[0]), int(rest[1]))}), flush=True)
        return
    for _ in range(int(rest[2]) if len(rest) > 2 else 1):
        print(json.dumps(wrk(url + "/json", int(rest[1]), int(rest[0]), int(pid), failures=True)), flush=True)


if __name__ == "__main__":
    main()
