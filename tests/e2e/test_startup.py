# SPDX-License-Identifier: Apache-2.0
"""Starting: one daemon per state directory and port, on loopback, with a configuration that makes sense; else a sentence."""

import socket
import subprocess

import pytest

from control import messages
from murphyd import murphy


@pytest.fixture
def refused(binaries, tmp_path_factory):
    """What murphyd says when it does not start."""

    def start(*arguments, config: str | None = None, state=None) -> str:
        folder = tmp_path_factory.mktemp("r")
        command = [binaries / "daemon" / "murphyd", "--state-dir", state or folder / "s"]
        for option in ("--gateway", "--control"):
            command += [] if option in arguments else [option, "127.0.0.1:0"]
        if config is not None:
            (folder / "murphyd.toml").write_text(config)
            command += ["--config", folder / "murphyd.toml"]
        done = subprocess.run([str(part) for part in (*command, *arguments)], capture_output=True, text=True, timeout=20)
        assert done.returncode != 0 and not done.stdout
        return done.stderr

    return start


def test_a_second_daemon_on_a_state_directory_names_the_first(shared, refused):
    said = refused(state=shared.directory)
    assert str(shared.process.pid) in said and str(shared.directory) in said and "--state-dir" in said


@pytest.mark.parametrize("option", ["--gateway", "--control"])
def test_a_port_that_is_taken_is_named_with_its_holder(refused, option):
    with socket.create_server(("127.0.0.1", 0)) as other:
        said = refused(option, f"127.0.0.1:{other.getsockname()[1]}")
        assert str(other.getsockname()[1]) in said and "process" in said and "python" in said


def test_a_second_daemon_does_not_share_the_port_of_the_first(shared, refused):
    port = shared.gateway.rsplit(":", 1)[1]
    said = refused("--gateway", f"127.0.0.1:{port}")
    assert port in said and str(shared.process.pid) in said


@pytest.mark.parametrize("option", ["--gateway", "--control"])
@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:7460", "example.com:80", "127.0.0.1", "127.0.0.1:99999"])
def test_other_addresses_are_refused_in_words(refused, option, address):
    said = refused(option, address)
    assert said.startswith("murphyd: ") and (address in said) and ("127.0.0.1" in said)


@pytest.mark.parametrize(("config", "words"), [
    ("[gatway]\nworkers = 1\n", [":1:", "gatway", "gateway"]), ("[gateway]\nworkrs = 1\n", [":2:1", "workrs", "workers"]),
    ("[gateway]\nworkers = \"two\"\n", [":2:", "workers"]), ("[gateway]\nhead_timeout = \"soon\"\n", [":2:", "head_timeout"]),
    ("[gateway]\nworkers = 1000\n", [":2:", "workers", "64"]), ("[gateway\n", [":1:"]),
    ("[route.x]\nupstream = \"nowhere\"\n", ["nowhere"]), ("[route.x]\nprovider = \"openai\"\n", ["upstream"]),
    ("[gateway]\nca_file = \"/no/such/file\"\n", ["/no/such/file"])])
def test_a_wrong_configuration_is_refused_at_its_place(refused, config, words):
    said = refused(config=config)
    for word in words:
        assert word in said, said


def test_all_mistakes_of_a_configuration_are_named_at_once(refused):
    said = refused(config='enviroment = "x"\n[gateway]\nworkrs = 1\nworkers = "two"\n')
    assert all(place in said for place in (":1:1", ":3:1", ":4:"))


def test_a_configuration_that_is_not_there_is_named(refused):
    assert "/no/such.toml" in refused("--config", "/no/such.toml")


def test_a_daemon_can_start_again_where_one_was_killed(murphyd):
    daemon = murphyd()
    daemon.kill()
    assert (daemon.directory / "endpoints.json").exists()
    daemon.start()
    daemon.daemon.safety.GetStatus(messages("safety_service").GetStatusRequest())


def test_a_stopped_daemon_leaves_no_endpoints_behind(murphyd):
    daemon = murphyd()
    daemon.stop()
    assert daemon.process.returncode == 0
    assert not (daemon.directory / "endpoints.json").exists()


def test_a_daemon_on_demand_leaves_after_its_last_lease(murphyd):
    daemon = murphyd(arguments=("--on-demand",))
    with daemon.run("latency,fixed=1ms"):
        assert daemon.process.poll() is None
    assert daemon.process.wait(20) == 0


def test_murphy_run_without_a_daemon_starts_one_that_leaves(binaries, tmp_path_factory):
    state = tmp_path_factory.mktemp("d")
    done = murphy(binaries, "run", "-o", "json", "--fault", "status,code=503", "--", "true", state=state)
    assert done.returncode == 5, done.stderr
    again = murphy(binaries, "run", "--fault", "status,code=503", "--", "true", state=state)
    assert again.returncode == 5, "the same daemon, or another one"
