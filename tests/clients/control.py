# SPDX-License-Identifier: Apache-2.0
"""Murphy's control API for the tests: a daemon, and runs that wait for events instead of sleeping."""

import importlib
import queue
import sys
import threading
import uuid
from pathlib import Path

import grpc
from google.protobuf import descriptor_pool
from grpc_tools import protoc

from processes import ROOT

EVENT_TIMEOUT = 20
LEASE_SECONDS = 10


def generate_stubs(folder: Path) -> None:
    """Compiles the protos into `folder` and makes them importable."""
    protos = sorted((ROOT / "proto" / "murphy" / "v1").glob("*.proto"))
    include = Path(protoc.__file__).parent / "_proto"
    arguments = ["protoc", f"-I{ROOT / 'proto'}", f"-I{include}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
    if protoc.main(arguments + [str(proto) for proto in protos]) != 0:
        raise RuntimeError("the protos do not compile")
    sys.path.insert(0, str(folder))


def messages(name: str):
    return importlib.import_module(f"murphy.v1.{name}_pb2")


class Daemon:
    """A murphyd and its services: `daemon.experiments.CreateExperiment(…)`."""

    def __init__(self, endpoints: dict):
        self.endpoints = endpoints
        self.gateway = endpoints["gateway"]
        self._channel = grpc.insecure_channel("unix:" + endpoints["control"]["unix"])
        for attribute, file, service in (("analyses", "analysis_service", "AnalysisService"),
                                         ("experiments", "experiment_service", "ExperimentService"),
                                         ("runs", "run_service", "RunService"),
                                         ("faults", "fault_service", "FaultService"),
                                         ("journal", "journal_service", "JournalService"),
                                         ("safety", "safety_service", "SafetyService"),
                                         ("schedules", "schedule_service", "ScheduleService")):
            module = importlib.import_module(f"murphy.v1.{file}_pb2_grpc")
            setattr(self, attribute, getattr(module, service + "Stub")(self._channel))

    def close(self) -> None:
        self._channel.close()

    def create_experiment(self, *faults: str, toml: str = "", seed: int = 7, validate_only: bool = False):
        module = messages("experiment_service")
        source = module.ScenarioSource(name="test.toml", text=toml, inline_faults=faults)
        return self.experiments.CreateExperiment(module.CreateExperimentRequest(
            request_id=uuid.uuid4().hex, source=source, seed=seed, validate_only=validate_only))


class Run:
    """One run: armed while the block lasts, its injections and outcome known afterwards."""

    def __init__(self, daemon: Daemon, routes: dict[str, str], faults: tuple[str, ...], toml: str, seed: int, index: int,
                 arm: str = "TREATMENT"):
        self._daemon = daemon
        self._module = messages("run_service")
        experiment = ""
        if faults or toml:
            experiment = daemon.create_experiment(*faults, toml=toml, seed=seed).experiment.id
        started = daemon.runs.StartRun(self._module.StartRunRequest(
            request_id=uuid.uuid4().hex, experiment=experiment, index=index, routes=routes, arm="ARM_" + arm,
            lease={"seconds": LEASE_SECONDS}))
        self.id = started.run.id
        self.urls = dict(started.route_urls)
        self.injections: list = []
        self.outcome = None
        self.report = None
        self.exit_code: int | None = 0
        self.hung = False
        self._changed = threading.Condition()
        self._events: list = []
        self._beats: queue.Queue = queue.Queue()

    def __enter__(self):
        self._lease = self._daemon.runs.HoldLease.future(self._heartbeats())
        watch = messages("journal_service").WatchRequest(run=self.id)
        self._stream = self._daemon.journal.Watch(watch)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._wait(lambda: any(event.WhichOneof("kind") == "synced" for event in self._events), "the watch to be live")
        return self

    def __exit__(self, kind, error, trace):
        request = self._module.FinishRunRequest(run=self.id, exit_code=self.exit_code, hung=self.hung,
                                               interrupted=kind is not None)
        if self.report:
            self._daemon.runs.ReportOutcome(self._module.ReportOutcomeRequest(run=self.id, report=self.report))
        finished = self._daemon.runs.FinishRun(request)
        self.injections = list(finished.injections)
        self.outcome = finished.run.outcome
        self._beats.put(False)
        # A block may be over before the daemon has seen the first heartbeat.
        if (error := self._lease.exception(EVENT_TIMEOUT)) and error.code() != grpc.StatusCode.FAILED_PRECONDITION:
            raise error
        self._stream.cancel()
        self._reader.join()

    def _heartbeats(self):
        beat = self._module.HoldLeaseRequest(run=self.id)
        yield beat
        while True:
            try:
                if self._beats.get(timeout=LEASE_SECONDS / 3) is False:
                    return
            except queue.Empty:
                yield beat

    def _read(self) -> None:
        try:
            for answer in self._stream:
                with self._changed:
                    self._events.append(answer.event)
                    self._changed.notify_all()
        except grpc.RpcError as error:
            if error.code() not in (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE):
                raise

    def _wait(self, met, what: str) -> None:
        with self._changed:
            assert self._changed.wait_for(met, EVENT_TIMEOUT), f"waited {EVENT_TIMEOUT} s for {what}: {self._events}"

    def await_injection(self, state: str, count: int = 1) -> list:
        """Waits until `count` injections have been in that state; returns them."""
        number = messages("exchange").InjectionState.Value("INJECTION_STATE_" + state)

        def reached():
            seen = {e.injection.id: e.injection for e in self._events
                    if e.WhichOneof("kind") == "injection" and e.injection.state == number}
            return list(seen.values())

        self._wait(lambda: len(reached()) >= count, f"{count} injections {state}")
        return reached()

    def await_exchanges(self, count: int) -> list:
        """Waits until `count` exchanges have ended; returns them in the order of their ends."""

        def ended():
            return [event.exchange for event in self._events if event.WhichOneof("kind") == "exchange"]

        self._wait(lambda: len(ended()) >= count, f"{count} exchanges")
        return ended()

    def delivered(self, fault: str | None = None) -> list:
        """After the block: the injections that the agent got."""
        return [i for i in self.injections if state(i) == "DELIVERED" and fault in (None, i.fault)]


def state(injection) -> str:
    return _word("InjectionState", injection.state)


def recovery(injection) -> str:
    return _word("RecoveryLayer", injection.recovery)


def outcome_class(run: Run) -> str:
    return _word("OutcomeClass", run.outcome.outcome_class)


def _word(enum: str, number: int) -> str:
    """`DELIVERED` for INJECTION_STATE_DELIVERED."""
    values = descriptor_pool.Default().FindEnumTypeByName(f"murphy.v1.{enum}").values_by_number
    prefix = values[0].name.removesuffix("UNSPECIFIED")
    return values[number].name.removeprefix(prefix)
