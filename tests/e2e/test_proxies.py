# SPDX-License-Identifier: Apache-2.0
"""Upstreams behind a company's proxy: found in the environment or the configuration, passed through, and blamed by name."""

import base64
import functools
import os
import socket
import ssl
import subprocess
import sys
import time

import pytest

from forward_proxy import ForwardProxy
from murphyd import Murphyd, environment
from processes import running
from wire import Client, Upstream, get

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SECRET = "hush@me"
USER = "agent:" + SECRET


def variables(**proxies: str) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if "_proxy" not in name.lower()}, **proxies}


def routes(**urls: str) -> str:
    return "".join(f'[route.{name}]\nupstream = "{url}"\n' for name, url in urls.items())


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """A certificate for `origin.test`, and what serves with it and notes the names that were asked for."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=origin.test", "-addext", "subjectAltName=DNS:origin.test", "-keyout", folder / "key.pem",
                    "-out", folder / "cert.pem"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    context.names = []
    context.sni_callback = lambda _, name, __: context.names.append(name)
    context.file = folder / "cert.pem"
    context.wrap = functools.partial(context.wrap_socket, server_side=True)
    return context


@pytest.fixture(params=["passed", "observed"])
def reached(request):
    """`reached(daemon, route)`: the URL of a route in a run that nobody observes, or in one that is."""
    runs = []

    def url(daemon, route: str) -> str:
        if request.param == "passed":
            return f"{daemon.gateway}/r/default/{route}"
        runs.append(daemon.run("status,code=500,nth=99").__enter__())
        url.run = runs[-1]
        return runs[-1].urls[route]

    url.run = None
    yield url
    for run in runs:
        run.__exit__(None, None, None)


def test_a_tls_origin_is_reached_through_a_tunnel(murphyd, reached, tls):
    with Upstream(OK, wrap=tls.wrap) as origin, ForwardProxy({"origin.test:8443": origin.port}, USER) as proxy:
        config = f'[gateway]\nworkers = 1\nca_file = "{tls.file}"\n' + routes(up="https://origin.test:8443/base")
        quoted = proxy.url.replace(SECRET, SECRET.replace("@", "%40"))
        daemon = murphyd(config, env=variables(HTTPS_PROXY=quoted))
        with Client(reached(daemon, "up")) as client:
            assert client.ask(b"POST", b"/x", b"Content-Length: 3", body=b"abc").body == b"ok"
            body = bytes(range(256)) * 4096
            assert client.ask(b"POST", b"/y", b"Content-Length: %d" % len(body), body=body).body == b"ok"
        assert [(r.first, r.value("host"), r.body) for r in origin.requests] == [
            (b"POST /base/x HTTP/1.1", b"origin.test:8443", b"abc"), (b"POST /base/y HTTP/1.1", b"origin.test:8443", body)]
        assert tls.names[-1] == "origin.test"
        # One tunnel for both, and not a word more in its request.
        assert proxy.asked == [b"CONNECT origin.test:8443 HTTP/1.1\r\nHost: origin.test:8443\r\n"
                               b"Proxy-Authorization: Basic " + base64.b64encode(USER.encode()) + b"\r\n\r\n"]


def test_a_plain_origin_is_asked_for_in_absolute_form(murphyd, reached):
    with Upstream(OK) as origin, ForwardProxy({"origin.test:80": origin.port}, USER) as proxy:
        daemon = murphyd("[gateway]\nworkers = 1\n" + routes(up="http://origin.test/base"),
                         env=variables(http_proxy=proxy.url.replace(SECRET, SECRET.replace("@", "%40"))))
        with Client(reached(daemon, "up")) as client:
            assert client.ask(b"GET", b"/x?y=/").body == b"ok"
            assert client.ask(b"GET", b"").body == b"ok"
        lines = proxy.asked[0].split(b"\r\n")
        assert lines[:3] == [b"GET http://origin.test/base/x?y=/ HTTP/1.1",
                             b"Proxy-Authorization: Basic " + base64.b64encode(USER.encode()), b"Host: origin.test"]
        # The connection to the proxy is kept, and each request on it is whole.
        assert len(proxy.asked) == 1 and origin.requests[1].first == b"GET http://origin.test/base HTTP/1.1"


def test_the_configuration_wins_and_what_it_leaves_out_is_reached_directly(murphyd):
    with Upstream(OK) as origin, ForwardProxy({"origin.test:80": origin.port}) as proxy, ForwardProxy({}) as other:
        config = (f'[gateway]\nproxy = "{proxy.url}"\nno_proxy = [".near.test", "10.0.0.0/8"]\nconnect_timeout = "2s"\n' +
                  routes(up="http://origin.test", near="http://a.near.test", loopback=origin.origin))
        daemon = murphyd(config, env=variables(http_proxy=other.url, HTTPS_PROXY=other.url))
        assert get(f"{daemon.gateway}/r/default/up").body == b"ok"
        assert get(f"{daemon.gateway}/r/default/loopback").body == b"ok"
        assert b"proxy" not in get(f"{daemon.gateway}/r/default/near").body
        assert len(proxy.asked) == 1 and not other.asked
        none = murphyd('[gateway]\nproxy = ""\nconnect_timeout = "2s"\n' + routes(up="http://origin.test"),
                       env=variables(HTTP_PROXY=other.url))
        assert b"could not be resolved" in get(f"{none.gateway}/r/default/up").body
        assert not other.asked


REFUSALS = {
    "407": b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
    "403": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnope", "502": b"HTTP/1.0 502 Bad Gateway\r\n\r\nhtml",
    "302": b"HTTP/1.1 302 Found\r\nLocation: http://login.test/\r\nContent-Length: 0\r\n\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n", "half a head": b"HTTP/1.1 200 Connection estab", "nothing": b"",
    "endless interim answers": b"HTTP/1.1 102 Processing\r\n\r\n" * 100, "endless head": b"HTTP/1.1 200 OK\r\n" + b"X-A: y\r\n" * 20_000,
    "bytes behind the answer": b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    "not TLS behind it": b"HTTP/1.1 200 OK\r\n\r\n",
}


@pytest.fixture(scope="module")
def behind(binaries, tls, tmp_path_factory):
    """A daemon behind a proxy that plays what a test says; it has half a second for a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        config = ('[gateway]\nworkers = 1\nconnect_timeout = "500ms"\n' + f'ca_file = "{tls.file}"\n' +
                  routes(up="https://origin.test", plain="http://origin.test"))
        with Murphyd(binaries, tmp_path_factory.mktemp("m"), config,
                     env=variables(https_proxy=f"http://agent:hush@{address}", http_proxy=f"http://agent:hush@{address}")) as daemon:
            daemon.listener, daemon.proxy = listener, address.encode()
            yield daemon


def assert_blames_the_proxy(answer, daemon, status: int = 502) -> None:
    assert answer.status == status, answer
    assert answer.value("x-murphy-origin") == b"upstream"
    assert daemon.proxy in answer.body and b"hush" not in answer.body and b"agent" not in answer.body, answer.body


@pytest.mark.parametrize("said", REFUSALS.values(), ids=REFUSALS)
def test_a_proxy_that_gives_no_tunnel_is_named(behind, reached, said):
    with Upstream(lambda connection: connection.answer(said), behind.listener):
        answer = get(reached(behind, "up"))
        assert_blames_the_proxy(answer, behind)
        if said.startswith(b"HTTP/1.1 407"):
            assert b"does not take the user and the password" in answer.body
        if reached.run is not None:
            record = reached.run.await_exchanges(1)[0]
            assert behind.proxy.decode() in record.failure and "hush" not in record.failure and record.status == 502


def test_a_proxy_that_wants_a_password_for_a_plain_request_is_named(behind, reached):
    with Upstream(REFUSALS["407"], behind.listener):
        assert_blames_the_proxy(get(reached(behind, "plain")), behind)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_proxy_that_closes_between_any_two_bytes_is_named(behind, how):
    whole = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"
    server = Upstream(None, behind.listener)
    with server, Client(f"{behind.gateway}/r/default/up") as client:
        for size in range(len(whole) + 1):
            server.script = lambda connection, size=size: (connection.answer(whole[:size]), getattr(connection, how)())
            assert_blames_the_proxy(client.ask(), behind)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 Conn", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["at once", "in its answer", "in the tunnel"])
def test_a_proxy_that_stalls_has_the_one_deadline(behind, reached, said):
    with Upstream(lambda connection: (connection.answer(said), connection.await_end()), behind.listener):
        url, began = reached(behind, "up"), time.monotonic()
        assert_blames_the_proxy(get(url), behind, 504)
        assert 0.4 < time.monotonic() - began < 5


def test_a_proxy_that_drips_has_the_one_deadline(behind):
    def drip(connection):
        connection.answer(b"HTTP/1.1 200 OK\r\n")
        while not connection.ended.wait(0.05):
            connection.send(b"X-A: y\r\n")

    with Upstream(drip, behind.listener):
        assert_blames_the_proxy(get(f"{behind.gateway}/r/default/up"), behind, 504)


def test_a_proxy_that_is_not_there_is_named(behind, murphyd):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = "127.0.0.1:%d" % gone.getsockname()[1]
    daemon = murphyd(routes(up="https://origin.test"), env=variables(HTTPS_PROXY=f"http://agent:hush@{address}"))
    daemon.proxy = address.encode()
    assert_blames_the_proxy(get(f"{daemon.gateway}/r/default/up"), daemon)


def test_the_password_is_nowhere_on_disk(behind):
    with Upstream(REFUSALS["407"], behind.listener), behind.run() as run:
        get(run.urls["up"])
        run.await_exchanges(1)
    coded = base64.b64encode(b"agent:hush")
    for file in behind.directory.rglob("*"):
        if file.is_file():
            assert b"hush" not in file.read_bytes() and coded not in file.read_bytes(), file


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"])
def test_a_variable_that_is_no_proxy_is_named_at_the_start(binaries, tmp_path, variable):
    done = subprocess.run([binaries / "daemon" / "murphyd", "--state-dir", tmp_path / "s", "--gateway", "127.0.0.1:0", "--control", ""],
                          env=variables(**{variable: "http://agent:hush@proxy.test:0"}), capture_output=True, text=True, timeout=20)
    assert done.returncode != 0 and variable in done.stderr and "hush" not in done.stderr and not done.stdout


AGENT = """
import os, urllib.request
for name in ("NEAR", "FAR"):
    print(urllib.request.urlopen(os.environ["MURPHY_ROUTE_" + name]).read().decode())
print(urllib.request.urlopen("http://elsewhere.test/").read().decode())
"""


def test_an_agent_keeps_its_proxy_and_reaches_the_gateway_without_it(binaries, tmp_path):
    """The daemon that `murphy run` starts has the proxy of whoever ran it."""
    with Upstream(OK) as origin, ForwardProxy({name: origin.port for name in ("origin.test:80", "elsewhere.test:80")}) as proxy:
        command = [binaries / "tools" / "murphy" / "murphy", "run", "--fault", "status,code=500,nth=99", "--route", "far=http://origin.test",
                   "--route", f"near={origin.origin}", "--", sys.executable, "-c", AGENT]
        env = {**environment(binaries, tmp_path / "s"), "http_proxy": proxy.url, "https_proxy": proxy.url}
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, env=env)
        assert done.stdout.split()[:3] == ["ok"] * 3, done
        assert [head.split(b" ")[1] for head in proxy.asked] == [b"http://origin.test/", b"http://elsewhere.test/"]


# It resolves what the tests' own proxy does.
REAL = """
import json, socket, sys, time
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: real("127.0.0.1" if host in ("origin.test", b"origin.test") else host, *rest, **more)
import proxy
with proxy.Proxy(["--hostname", "127.0.0.1", "--port", "0", "--num-workers", "1", "--num-acceptors", "1", "--threadless",
                  "--local-executor", "1", "--basic-auth", "agent:hush", "--log-level", "e"]) as running:
    print(json.dumps({"port": running.flags.port}), flush=True)
    time.sleep(600)
"""


def test_a_real_proxy_is_passed_through(murphyd, reached, tls):
    with (Upstream(OK, wrap=tls.wrap) as secure, Upstream(OK) as plain, running([sys.executable, "-c", REAL]) as (_, said)):
        config = (f'[gateway]\nca_file = "{tls.file}"\nproxy = "http://agent:hush@127.0.0.1:{said["port"]}"\n' +
                  routes(secure=f"https://origin.test:{secure.port}", plain=f"http://origin.test:{plain.port}"))
        daemon = murphyd(config)
        for route in ("secure", "plain"):
            url = reached(daemon, route)
            for _ in range(3):
                answer = get(url, b"/x")
                assert answer.body == b"ok", answer
    assert [request.first for request in secure.requests + plain.requests] == [b"GET /x HTTP/1.1"] * 6
