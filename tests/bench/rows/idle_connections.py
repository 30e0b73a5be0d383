# SPDX-License-Identifier: Apache-2.0
"""Memory of a connection on which nothing happens."""
import socket

from measure import rss_kib


def measure(bench):
    port = int(bench.daemon.gateway.rsplit(":", 1)[1])
    before = rss_kib(bench.daemon.pid)
    idle = []
    for _ in range(bench.streams):
        idle.append(socket.create_connection(("127.0.0.1", port)))
        idle[-1].sendall(b"GET /none HTTP/1.1\r\nHost: bench\r\n\r\n")
        idle[-1].recv(4096)
    bench.say(f"{bench.streams} idle connections", f"{(rss_kib(bench.daemon.pid) - before) / bench.streams:>8.1f} KiB each")
    for connection in idle:
        connection.close()
