# SPDX-License-Identifier: Apache-2.0
"""How long a halt takes while 64 runs are being ended and 2,000 reads are in flight."""
import concurrent.futures
import http.client
import statistics
import subprocess
import urllib.parse

RUNS, READS, HALTS, EXCHANGES = 64, 2000, 200, 100


def feed(gateway):
    url = urllib.parse.urlsplit(gateway)
    connection = http.client.HTTPConnection(url.netloc)
    for number in range(EXCHANGES):
        connection.request("POST", f"{url.path}/up/json", body=b'{"n":%d}' % number, headers={"content-type": "application/json"})
        connection.getresponse().read()


def measure(bench):
    bench.daemon.restart()
    program = subprocess.Popen([str(bench.build / "tests/bench/halts"), bench.daemon.control, str(RUNS), str(READS), str(HALTS)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    gateways = [program.stdout.readline().strip() for _ in range(RUNS)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(feed, gateways))
    out, _ = program.communicate("go\n")
    took = sorted(float(line) for line in out.split())
    bench.say(f"halt behind {RUNS} FinishRun, {READS:,} reads", f"p50 {statistics.median(took):>6.1f} ms, p99 {took[int(len(took) * 0.99)]:.1f} ms")
    bench.daemon.restart()
