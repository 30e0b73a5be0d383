# SPDX-License-Identifier: Apache-2.0
"""A secret that stands in any text that Murphy is given is in nothing that Murphy keeps or says."""

import json
import sys

import grpc
import pytest
import requests
from google.protobuf import descriptor_pool, message_factory

from control import messages
from wire import Upstream

SECRET = "hunter2hunter2hunter2"
TEXT = f"token={SECRET} sk-proj-{SECRET}"
URL = f"https://user:{SECRET}@127.0.0.1/x"
SERVICES = ("experiment", "run", "fault", "journal", "safety", "schedule", "audit")
SCENARIO = f"""
schema = "murphy.scenario/v1"
name = "secrets"
purpose = "{TEXT}"
owner = "{TEXT}"
[target.pay]
kind = "tool"
name = "up.{TEXT}*"
[[rule]]
id = "{TEXT}"
when = {{ nth = 2 }}
[rule.status]
code = 503
body = '{{"password": "{SECRET}", "note": "{TEXT}"}}'
headers = {{ x-api-key = "{SECRET}", www-authenticate = "Bearer {SECRET}" }}
[[expect]]
no_silent_failure = {{}}
"""


def filled(message, text, depth=5):
    """Every text of the message, down to a depth."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].type == field.TYPE_STRING:
                getattr(message, field.name)[text] = text
        elif field.type == field.TYPE_STRING:
            if field.is_repeated:
                getattr(message, field.name).append(text)
            else:
                setattr(message, field.name, text)
        elif field.message_type is not None and depth > 0 and field.message_type.file.package != "google.protobuf":
            inner = getattr(message, field.name)
            filled(inner.add() if field.is_repeated else inner, text, depth - 1)
    return message


def every_call(daemon, text):
    """What comes back from each call of the API whose request says nothing else."""
    channel = grpc.insecure_channel("unix:" + daemon.endpoints["control"]["unix"])
    for service in SERVICES:
        messages(f"{service}_service")
        descriptor = descriptor_pool.Default().FindServiceByName(f"murphy.v1.{service.capitalize()}Service")
        for method in descriptor.methods:
            request, response = (message_factory.GetMessageClass(kind) for kind in (method.input_type, method.output_type))
            if "Watch" in method.name or "Lease" in method.name or "Export" in method.name:
                continue
            call = channel.unary_unary(f"/{descriptor.full_name}/{method.name}", request.SerializeToString, response.FromString)
            try:
                yield str(call(filled(request(), text), metadata=(("murphy-actor", text),), timeout=20))
            except grpc.RpcError as error:
                assert error.code() not in (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INTERNAL), (method.name, error)
                yield f"{error.details()} {error.trailing_metadata()}"
    channel.close()


def kept(daemon):
    """Everything in the state directory, and what the daemon has said."""
    daemon.stop()
    yield daemon.process.stderr.read()
    for file in daemon.directory.iterdir():
        if file.is_file():
            yield file.read_bytes().decode("latin1")


def assert_clean(texts):
    for text in texts:
        at = text.find(SECRET)
        assert at < 0, text[max(0, at - 200):at + 60]


@pytest.mark.parametrize("text", [TEXT, URL, f"Authorization: Bearer {SECRET}", f'{{"password": "{SECRET}"}}'])
def test_no_call_keeps_or_tells_a_secret(murphyd, text):
    daemon = murphyd()
    assert_clean(every_call(daemon, text))
    assert_clean(kept(daemon))


def test_no_run_keeps_or_tells_a_secret(murphyd):
    daemon = murphyd()
    with Upstream() as up, daemon.run(toml=SCENARIO, up=up.origin) as run:
        for path in (f"/pay?key={SECRET}", f"/pay;jsessionid={SECRET}", f"/hooks/AbC123{SECRET}", f"/sk-proj-{SECRET}/x", f"/x/{TEXT}"):
            requests.post(run.urls["up"] + path, json={"password": SECRET}, timeout=10,
                          headers={"x-murphy-agent": TEXT, "authorization": f"Bearer {SECRET}", "cookie": f"sid={SECRET}"})
        requests.post(run.urls["up"] + "/v1/chat/completions", json={"model": f"sk-proj-{SECRET}", "messages": []}, timeout=10)
        daemon.daemon.runs.ReportOutcome(messages("run_service").ReportOutcomeRequest(run=run.id, report={"note": TEXT}))
        armed = daemon.murphy("inject", f"status,code=503,body={TEXT},target=tool:up.*", "--run", run.id)
        said = [armed.stdout, armed.stderr]
        for arguments in (("fault", "list"), ("halt", TEXT), ("status",), ("resume", TEXT), ("status",)):
            done = daemon.murphy(*arguments, "-o", "json")
            said += [done.stdout, done.stderr]
    assert_clean(said)
    for arguments in (("experiment", "list"), ("journal", "exchanges", run.id), ("journal", "injections", run.id),
                      ("journal", "replay", run.id), ("audit", "list")):
        done = daemon.murphy(*arguments, "-o", "json")
        assert_clean((done.stdout, done.stderr))
    assert_clean(kept(daemon))


def test_no_flag_of_a_run_is_kept_or_told_with_its_secret(murphyd, tmp_path):
    daemon = murphyd()
    scenario = tmp_path / "secrets.toml"
    scenario.write_text(SCENARIO)
    agent = [sys.executable, "-c", "import sys", "--api-key", SECRET, f"--password={SECRET}", f"https://user:{SECRET}@host/", TEXT]
    for arguments in ((str(scenario), "--route", "up=http://127.0.0.1:9"), ("--route", f"up={URL}"),
                      ("--fault", f"status,code=503,body={TEXT}"), ("--fault", f"{TEXT}")):
        for format in ("table", "json", "junit"):
            done = daemon.murphy("run", *arguments, "-o", format, "--", *agent)
            assert_clean((done.stdout, done.stderr))
    assert_clean(kept(daemon))


def test_a_schedule_that_holds_a_secret_is_refused(murphyd):
    """It would be kept on disk as it is written, for what it injects."""
    daemon = murphyd()
    module = messages("schedule_service")

    def create(name, **schedule):
        lines = ['schema = "murphy.schedule/v1"', f'name = "{name}"', 'cron = "0 3 * * *"']
        lines += [f"{key} = {json.dumps(value)}" for key, value in schedule.items()]
        return daemon.daemon.schedules.CreateSchedule(module.CreateScheduleRequest(
            request_id=name, source=module.ScheduleSource(name="s.toml", text="\n".join(lines))))

    for schedule in ({"scenario": SCENARIO}, {"faults": [f"status,code=503,body={TEXT}"]}):
        with pytest.raises(grpc.RpcError) as caught:
            create("refused", **schedule)
        assert "looks like a secret" in caught.value.details() and SECRET not in caught.value.details()
    create("nightly", faults=["status,code=503"], owner=TEXT, reason=TEXT)
    daemon.daemon.schedules.PauseSchedule(module.PauseScheduleRequest(name="nightly", reason=TEXT))
    assert_clean([str(daemon.daemon.schedules.ListSchedules(module.ListSchedulesRequest())), daemon.murphy("schedule", "list").stdout])
    assert_clean(kept(daemon))
