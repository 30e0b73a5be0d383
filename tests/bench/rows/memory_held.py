# SPDX-License-Identifier: Apache-2.0
"""Memory of bodies that are held, all together, beside their limit of 256 MiB: before, at most, and afterwards."""
import contextlib
import socket
import threading
import time

from measure import forget_peak, peak_kib, rss_kib
from scenarios import idle_rules, rule

COUNT = 100
SIZE = 8_000_000
UPLOADS = {"uploads, observed": None}
ANSWERS = {"answers, observed": None, "answers, held by a fault": 'wrong_value = { pointer = "/amount", kind = "unit" }'}


@contextlib.contextmanager
def upstream(request, answer):
    """Serves COUNT requests, and the last byte of each answer when all of them have had the rest."""
    together = threading.Barrier(COUNT)

    def serve(connection):
        with connection:
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(1 << 20)
            left = request - len(received.split(b"\r\n\r\n", 1)[1])
            while left > 0:
                left -= len(connection.recv(1 << 20))
            body = b'{"amount": 1, "text": "' + b"x" * answer + b'"}'
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:-1])
            together.wait()
            connection.sendall(body[-1:])

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=COUNT) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def measure(bench):
    for cases, request, answer in ((UPLOADS, SIZE, 2), (ANSWERS, 2, SIZE)):
        for label, fault in cases.items():
            scenario = rule(bench.folder, f"held-{label.split()[-1]}", fault) if fault else idle_rules(bench.folder, 1)
            with upstream(request, answer) as url:
                bench.daemon.restart()
                pid = bench.daemon.pid
                before = rss_kib(pid)
                forget_peak(pid)
                (result,) = bench.daemon.measure(scenario, url, "bodies", COUNT, request)
                if result["bytes"] < COUNT:
                    raise RuntimeError(f"{COUNT} answers of {answer} bytes, and {result['bytes']} bytes came")
                time.sleep(1)
                bench.say(label, f"{before >> 10:>5} MiB before {peak_kib(pid) >> 10:>5} at most {rss_kib(pid) >> 10:>5} afterwards")
