# SPDX-License-Identifier: Apache-2.0
"""Fixtures of every Python test: the services, the daemon, and runs of it. A plugin, so that other folders share them."""

import re
from pathlib import Path

import pytest

from control import Daemon, Run, generate_stubs
from processes import running, service


def pytest_addoption(parser):
    parser.addoption("--build", type=Path, help="build folder with the daemon; without it, tests of the daemon are skipped")
    parser.addoption("--services", type=Path, help="folder made by tools/demo-agent/setup")


@pytest.fixture(scope="session")
def standin():
    with service("standin") as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def payments():
    with service("payments") as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def everything(request):
    """The MCP project's reference server; skipped by name where there is no Node for it."""
    folder = request.config.getoption("services")
    if folder is None or not (folder / "node").exists():
        pytest.skip("needs Node 20 or newer and @modelcontextprotocol/server-everything (tools/demo-agent/setup)")
    with service("everything", folder) as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def daemon(request, tmp_path_factory):
    build = request.config.getoption("build")
    if build is None:
        pytest.skip("needs --build")
    murphyd = build / "daemon" / "murphyd"
    if not murphyd.exists():
        pytest.fail(f"{murphyd} does not exist: ninja -C {build} murphyd", pytrace=False)
    generate_stubs(tmp_path_factory.mktemp("stubs"))
    # The path of a Unix socket must be short, so not below pytest's folder.
    state = tmp_path_factory.mktemp("state")
    command = [murphyd, "--state-dir", state, "--gateway", "127.0.0.1:0", "--control", "127.0.0.1:0",
               "--print-endpoints", "json"]
    with running(command) as (process, endpoints):
        made = Daemon(endpoints)
        yield made
        made.close()
        assert process.poll() is None, "the daemon died during the tests"


@pytest.fixture
def customer(request) -> str:
    """A customer of the test's own, so that tests may share a ledger."""
    return re.sub(r"\W+", "-", request.node.name)[-60:]


@pytest.fixture
def run(daemon, standin, payments, request):
    """`with run('reset,first=1') as r:` arms faults and yields a run with a URL for each service in `r.urls`."""
    routes = {"openai": standin["origin"], "anthropic": standin["origin"], "payments": payments["origin"]}
    if "everything" in request.fixturenames:
        routes["everything"] = request.getfixturevalue("everything")["mcp"]

    def start(*faults: str, toml: str = "", seed: int = 7, index: int = 0, **more: str) -> Run:
        return Run(daemon, {**routes, **more}, faults, toml, seed, index)

    return start
