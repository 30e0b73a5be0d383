# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the end-to-end tests: daemons with a configuration of their own, scripted upstreams, and ways to them."""

import contextlib
import socket
import threading

import pytest

from control import Run
from murphyd import Murphyd
from wire import Upstream

EMPTY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(scope="session")
def listener():
    """The port behind the route `up` of the shared daemon."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        yield listening


@pytest.fixture(scope="session")
def binaries(request):
    build = request.config.getoption("build")
    if build is None:
        pytest.skip("needs --build")
    return build


@pytest.fixture(scope="session")
def shared(binaries, listener, tmp_path_factory):
    """A daemon whose run `default` reaches the listener by the route `up`, unobserved."""
    upstream = f"http://127.0.0.1:{listener.getsockname()[1]}"
    daemon = Murphyd(binaries, tmp_path_factory.mktemp("m"), f'[gateway]\nworkers = 2\n[route.up]\nupstream = "{upstream}"\n')
    with daemon:
        yield daemon
        assert daemon.process.poll() is None, "the daemon died during the tests"


@pytest.fixture(scope="module")
def own(binaries, tmp_path_factory):
    """A daemon of the module's own, beside an upstream, `server`, that answers everything with `{}`."""
    with Murphyd(binaries, tmp_path_factory.mktemp("m")) as daemon, Upstream(EMPTY) as server:
        daemon.server = server
        yield daemon


@pytest.fixture
def murphyd(binaries, tmp_path_factory):
    """`murphyd(config, …)` starts a daemon of the test's own."""
    with contextlib.ExitStack() as daemons:

        def start(config: str = "", state=None, **options) -> Murphyd:
            return daemons.enter_context(Murphyd(binaries, state or tmp_path_factory.mktemp("m"), config, **options))

        yield start


@pytest.fixture
def upstream(listener):
    """`upstream(script)` plays at the listener until the test ends."""
    with contextlib.ExitStack() as playing:
        yield lambda script: playing.enter_context(Upstream(script, listener))


@pytest.fixture
def gate():
    """An event that a script waits for; set at the end, whatever happens."""
    event = threading.Event()
    yield event
    event.set()


# Nothing of these may touch a byte.
WAYS = {"unobserved": None, "observed": (), "armed, no match": ("status,code=500,target=model:no-such-model",),
        "armed for later": ("truncate_body,nth=9999", "cut_stream,nth=9999")}


@pytest.fixture(params=WAYS, ids=[name.replace(" ", "-").replace(",", "") for name in WAYS])
def way(request, shared):
    """The base URL of a route to the scripted upstream."""
    faults = WAYS[request.param]
    if faults is None:
        yield f"{shared.gateway}/r/default/up"
        return
    with Run(shared.daemon, {}, faults, "", 7, 0) as run:
        yield run.urls["up"]
    assert not run.delivered()
