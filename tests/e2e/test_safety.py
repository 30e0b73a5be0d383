# SPDX-License-Identifier: Apache-2.0
"""Faults are leases: whatever ends one, what it held goes on to the real answer, and nothing is armed again by itself."""

import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress

import grpc
import pytest

from control import messages, state
from murphyd import environment
from wire import Broken, Client, Upstream, get

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nreal"
HANG = "hang,target=tool"


@pytest.fixture
def own(murphyd):
    """A daemon of the test's own with a route `up`."""
    with Upstream(OK) as server:
        daemon = murphyd(f'[route.up]\nupstream = "{server.origin}"\n')
        daemon.server = server
        yield daemon


@contextmanager
def hanging(run, url=None):
    """A request that a fault is holding; `answer()` waits for what comes of it."""
    with Client(url or run.urls["up"]) as client:
        client.request(b"POST", b"/act", b"Content-Length: 2", body=b"{}")
        run.await_injection("FIRED")
        yield client


def halt(daemon, reason="enough"):
    return daemon.daemon.safety.Halt(messages("safety_service").HaltRequest(reason=reason))


def resume(daemon, reason):
    return daemon.daemon.safety.Resume(messages("safety_service").ResumeRequest(reason=reason))


def status(daemon):
    return daemon.daemon.safety.GetStatus(messages("safety_service").GetStatusRequest())


def test_a_halt_releases_what_hangs_to_the_real_answer(own):
    with own.run("hang") as run:
        with hanging(run) as client:
            assert not own.server.requests
            assert halt(own).released == 1
            assert client.answer().body == b"real"
        # And nothing is injected any more.
        assert get(run.urls["up"]).body == b"real"
        run.await_exchanges(2)
    assert [state(i) for i in run.injections if i.exchange] == ["EXPIRED"]


def test_a_halt_outlives_a_restart_and_ends_with_a_reason(own):
    halt(own, "the bill")
    own.restart()
    assert status(own).halt.halted and status(own).halt.reason == "the bill"
    with own.run("status,code=503") as run:
        assert get(run.urls["up"]).body == b"real"
        with pytest.raises(grpc.RpcError) as refused:
            resume(own, "")
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT and "reason" in refused.value.details()
        assert get(run.urls["up"]).body == b"real"
        resume(own, "paid")
        assert get(run.urls["up"]).status == 503
    own.kill()
    own.start()
    assert not status(own).halt.halted


def test_the_end_of_a_lease_releases_what_hangs(own):
    """Closing the stream is what the death of a controller looks like."""
    with own.run("hang") as run:
        with hanging(run) as client:
            run._beats.put(False)
            assert client.answer().body == b"real"
        assert get(run.urls["up"]).body == b"real"


def test_guard_max_duration_releases_what_hangs_while_nothing_arrives(own):
    toml = ('schema = "murphy.scenario/v1"\nname = "short"\n[guard]\nmax_duration = "700ms"\n'
            '[[rule]]\nid = "h"\nhang = {}\n')
    with own.run(toml=toml) as run:
        with hanging(run) as client:
            assert client.answer().body == b"real"
        assert get(run.urls["up"]).body == b"real"
    assert [state(i) for i in run.injections] == ["EXPIRED"]
    assert "max_duration" in run.injections[0].detail


def test_a_one_off_fault_ends_with_its_time_and_releases(own):
    with own.run() as run:
        arm = messages("fault_service").ArmFaultRequest(fault="hang", run=run.id, ttl={"nanos": 700_000_000})
        own.daemon.faults.ArmFault(arm)
        with hanging(run) as client:
            assert client.answer().body == b"real"
        assert not own.daemon.faults.ListFaults(messages("fault_service").ListFaultsRequest()).faults


def test_a_disarmed_one_off_fault_releases(own):
    with own.run() as run:
        armed = own.daemon.faults.ArmFault(messages("fault_service").ArmFaultRequest(fault="hang", run=run.id)).fault
        with hanging(run) as client:
            own.daemon.faults.DisarmFault(messages("fault_service").DisarmFaultRequest(id=armed.id))
            assert client.answer().body == b"real"


def test_disarming_a_one_off_fault_leaves_what_others_hold(murphyd):
    with Upstream(OK) as server:
        daemon = murphyd(f'[gateway]\nworkers = 1\n[route.up]\nupstream = "{server.origin}"\n')
        arm = lambda name: daemon.daemon.faults.ArmFault(
            messages("fault_service").ArmFaultRequest(fault=f"hang,target=tool:up.{name}", run=run.id)).fault
        disarm = lambda fault: daemon.daemon.faults.DisarmFault(messages("fault_service").DisarmFaultRequest(id=fault.id))
        with daemon.run() as run, Client(run.urls["up"]) as one, Client(run.urls["up"]) as two:
            first, second = arm("one"), arm("two")
            one.request(b"POST", b"/one", b"Content-Length: 2", body=b"{}")
            two.request(b"POST", b"/two", b"Content-Length: 2", body=b"{}")
            run.await_injection("FIRED", 2)
            disarm(first)
            assert one.answer().body == b"real"
            run.await_exchanges(1)
            assert len(server.requests) == 1
            disarm(second)
            assert two.answer().body == b"real"


def test_the_end_of_a_run_releases_what_hangs(own):
    with own.run("hang") as run:
        with Client(run.urls["up"]) as client:
            client.request(b"POST", b"/act", b"Content-Length: 2", body=b"{}")
            run.await_injection("FIRED")
            run.__exit__(None, None, None)
            assert client.answer().body == b"real"
            run.__exit__ = lambda *_: None


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_restart_comes_back_with_nothing_armed(own, how):
    run = own.run("status,code=503")
    assert get(run.urls["up"]).status == 503
    own.daemon.faults.ArmFault(messages("fault_service").ArmFaultRequest(fault="status,code=500"))
    getattr(own, how)()
    own.start()
    # What the agent still calls goes through, and is on the record as late.
    assert get(f"{own.gateway}/r/{run.id}/up").body == b"real"
    assert get(f"{own.gateway}/r/default/up").body == b"real"
    with own.run():
        pass  # its end flushes the journal
    listed = own.daemon.journal.ListExchanges(messages("journal_service").ListExchangesRequest(run=run.id)).exchanges
    assert any(record.late and record.status == 200 for record in listed)
    ended = own.daemon.runs.GetRun(messages("run_service").GetRunRequest(id=run.id)).run
    assert ended.state == messages("exchange").RunState.Value("RUN_STATE_FINISHED")


AGENT = """
import os, sys, urllib.request
try:
    answer = urllib.request.urlopen(os.environ["MURPHY_ROUTE_UP"] + "/act", timeout=30).read()
except Exception as error:
    answer = repr(error).encode()
open(sys.argv[1], "wb").write(answer)
"""


def test_a_killed_controller_disarms_within_its_lease(own, tmp_path):
    """`kill -9` of `murphy run` while a fault holds its agent's request: the agent gets the real answer."""
    result = tmp_path / "answer"
    command = [own.build / "tools" / "murphy" / "murphy", "run", "--fault", "hang", "--route", f"up={own.server.origin}", "--",
               sys.executable, "-c", AGENT, result]
    watch = own.daemon.journal.Watch(messages("journal_service").WatchRequest())
    fired, answered = threading.Event(), threading.Event()

    def look():
        try:
            for event in (answer.event for answer in watch):
                if event.injection.fault == "hang":
                    fired.set()
                if event.exchange.upstream_status == 200:
                    answered.set()
        except grpc.RpcError:
            pass

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    controller = subprocess.Popen([str(part) for part in command], env=environment(own.build, own.directory),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert fired.wait(20)
        controller.send_signal(signal.SIGKILL)
        assert answered.wait(20), "the lease has ended, and the request went on"
    finally:
        controller.kill()
        controller.wait()
        watch.cancel()
        looking.join()
    assert status(own).active_runs <= 1 and not status(own).halt.halted


def test_stopping_the_daemon_lets_what_is_on_its_way_finish(own, gate):
    def script(connection):
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        gate.wait()
        connection.send(b"late")

    own.server.script = script
    with Client(f"{own.gateway}/r/default/up") as client:
        client.request()
        client.until(b"\r\n\r\n")
        own.process.terminate()
        with pytest.raises(OSError):
            while True:  # until it no longer takes connections
                Client(own.gateway).close()
        gate.set()
        assert client.exactly(4) == b"late"
    assert own.process.wait(15) == 0


def test_stopping_the_daemon_stops_faults_before_it_has_taken_leave_of_everybody(own):
    answers = []
    # Its run watches and holds a lease: the daemon has patience with both. It cannot be finished any more.
    with suppress(grpc.RpcError), own.run("rate_limit") as run:
        own.process.terminate()
        with suppress(OSError, Broken):
            while True:  # until it no longer takes connections
                answers.append(get(run.urls["up"]).status)
    assert own.process.wait(15) == 0
    assert answers[-1] == 200 and 429 not in answers[answers.index(200):]
