# SPDX-License-Identifier: Apache-2.0
"""Agents that take every file descriptor that they can get: they are refused in words, and the off switch works."""

import contextlib
import resource
import select

from wire import Broken, Client, Upstream, get

LIMIT = 256
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))


def crowd(url: str) -> tuple[list[Client], list]:
    """Connections with a request each, as many as nobody can have: those that nothing comes to any more, and what came to others."""
    waiting, answers = [Client(url) for _ in range(LIMIT)], []
    for client in waiting:
        with contextlib.suppress(OSError):  # refused, and closed
            client.request()
    while ready := select.select([client.socket for client in waiting], [], [], 1)[0]:
        for client in [client for client in waiting if client.socket in ready]:
            waiting.remove(client)
            with contextlib.suppress(Broken), client:  # a refusal may be lost with the reset behind it
                answers.append(client.answer())
    return waiting, answers


def test_a_halt_gets_through_when_agents_have_every_descriptor(murphyd, gate):
    with Upstream(lambda connection: (connection.request(), gate.wait(30))) as server:
        daemon = murphyd(f'[gateway]\nworkers = 2\n[route.up]\nupstream = "{server.origin}"\n', preexec_fn=limited)
        waiting, refused = crowd(f"{daemon.gateway}/r/default/up")
        assert waiting and len(waiting) < LIMIT - 64
        for answer in refused:
            assert answer.status == 503 and answer.value("x-murphy-origin") == b"internal" and b"ulimit -n" in answer.body, answer
        for command in (("halt", "too many"), ("status",), ("resume", "fewer")):
            done = daemon.murphy(*command, timeout=20)
            assert done.returncode == 0, done
        for client in waiting:
            client.close()
        gate.set()
        server.script = OK
        daemon.murphy("status", timeout=20)
        assert any(get(f"{daemon.gateway}/r/default/up").status == 200 for _ in range(50))
        assert daemon.process.poll() is None


def test_idle_connections_to_upstreams_make_room(murphyd):
    with Upstream(OK) as server:
        daemon = murphyd(f'[gateway]\nworkers = 1\npool_size = 1000\n[route.up]\nupstream = "{server.origin}"\n', preexec_fn=limited)
        for _ in range(3):
            clients, answers = crowd(f"{daemon.gateway}/r/default/up")
            assert not clients and {answer.status for answer in answers} <= {200, 503}
            assert sum(answer.status == 200 for answer in answers) > 20
