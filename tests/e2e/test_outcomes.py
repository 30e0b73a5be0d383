# SPDX-License-Identifier: Apache-2.0
"""What `murphy run` says of a run: nothing that is not so, and nothing that is not known."""

import json
import sys
import urllib.error
import urllib.request

import pytest

from control import messages
from wire import Upstream, get

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
# Posts to each path in turn, as often as it is told; exits with the last code when one was never served.
AGENT = """
import os, sys, urllib.request
def post(path, route="TOOL", body=b'{"order": 1}'):
    request = urllib.request.Request(os.environ["MURPHY_ROUTE_" + route] + path, body, {"Content-Type": "application/json"})
    try:
        return urllib.request.urlopen(request, timeout=10).read()
    except Exception:
        return None
"""


@pytest.fixture
def run(own):
    """`run(code, options…)` runs the code as the agent: exit code and report."""

    def start(code: str, *options, upstream: str = "", **more):
        done = own.murphy("run", "--route", f"tool={upstream or own.server.origin}", "-o", "json", *options, "--", sys.executable, "-c",
                          AGENT + code, **more)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return start


def only(report: dict) -> dict:
    return report["runs"][0]["outcome"]


def test_a_call_that_was_never_served_is_no_pass(run):
    code, report = run("post('/charge')", "--fault", "status,code=503,first=1")
    assert code == 5 and report["verdict"] == "INCONCLUSIVE", report
    assert only(report)["outcome_class"] == "OUTCOME_CLASS_FAILED_SILENT" and only(report)["unverified"]
    code, report = run("post('/charge')", "--fault", "status,code=503,first=1", "--check", "true")
    assert code == 0, report


def test_an_answer_that_was_cut_cleanly_and_taken_for_whole_is_no_pass(own, run):
    said = b'{"charge": "done and paid"}'
    answer = OK.replace(b"Length: 2", b"Length: %d" % len(said)).removesuffix(b"{}") + said
    with Upstream(answer) as server:
        code, report = run("post('/charge')", "--fault", "truncate_body,first=1", upstream=server.origin)
    assert code == 5 and only(report)["outcome_class"] == "OUTCOME_CLASS_FAILED_SILENT", report


def test_what_cannot_be_resolved_is_not_the_agents_failure(run):
    code, report = run("[post('/a') for _ in range(3)]; sys.exit(1)", "--fault", "latency,fixed=5ms",
                       upstream="http://no-such-host.invalid")
    assert code == 5 and "3 calls failed without Murphy: tool could not be resolved" in report["reason"], report
    assert only(report)["troubles"][0]["calls"] == 3
    assert {i["recovery"] for i in report["runs"][0]["injections"]} == {"RECOVERY_LAYER_ABSORBED"}


def test_an_agent_that_dies_before_its_first_call_has_failed_by_itself(run):
    code, report = run("sys.exit(3)", "--fault", "status,code=503")
    assert code == 5 and "the agent failed by itself before its first call: exit code 3" in report["reason"], report


def test_asks_whether_what_ran_twice_is_a_side_effect(run):
    code, report = run("post('/charge_card') or post('/charge_card')", "--fault", "lose_response,first=1")
    assert code == 0, report
    assert [hint["text"] for hint in only(report)["hints"]] == [
        "POST /charge_card ran twice with the same arguments: is it a side effect?"]


def test_the_checker_calls_the_upstream_itself_and_is_not_traffic(own, run):
    code, report = run("post('/charge') or post('/charge')", "--fault", "status,code=503,first=1", "--check",
                       f'test "$MURPHY_ROUTE_TOOL" = {own.server.origin} && python3 -c "import os, urllib.request as u; '
                       "u.urlopen(os.environ['MURPHY_VIA_ROUTE_TOOL'] + '/charges').read()\"")
    assert code == 0, report
    assert only(report)["exchanges"] == 2
    module = messages("journal_service")
    exchanges = own.daemon.journal.ListExchanges(module.ListExchangesRequest(run=report["runs"][0]["id"])).exchanges
    assert sorted(e.late for e in exchanges) == [False, False, True]


def test_a_contradiction_is_said(run):
    code, report = run("post('/a') or post('/a'); open(os.environ['MURPHY_REPORT_FILE'], 'w').write('{\"task\": \"correct\"}')",
                       "--fault", "status,code=503,first=1", "--check", "exit 1")
    assert code == 4 and "the agent says of itself that the task is correct" in only(report)["contradiction"], report


def test_a_baseline_shows_what_the_agent_does_by_itself(run, tmp_path):
    count = tmp_path / "count"
    flaky = f"""
count = {str(count)!r}
with open(count, "a") as file: file.write("x")
if len(open(count).read()) % 3 == 2: sys.exit(1)
post('/a') or post('/a')
"""
    code, report = run(flaky, "--runs", 6, "--fault", "status,code=503,first=1", "--check", "exit $MURPHY_AGENT_EXIT_CODE")
    assert len(report["baseline"]) == 3 and len(report["runs"]) == 6
    assert "of the time without any fault" in report["reason"] and code == 5, report
    assert report["experiment"]["conclusion"]["baseline"] == {
        "runs": 9, "failures": 3, "low": pytest.approx(0.12, abs=0.02), "high": pytest.approx(0.65, abs=0.02)}


@pytest.mark.parametrize("path", ["/v1/messages", "/messages"])
def test_both_forms_of_anthropics_base_url_reach_an_upstream_without_a_path(own, path):
    with Upstream(OK) as server:
        done = own.murphy("run", "--route", f"anthropic={server.origin}", "--", sys.executable, "-c",
                          "import os, urllib.request as u; "
                          f"u.urlopen(u.Request(os.environ['ANTHROPIC_BASE_URL'] + {path!r}, b'{{}}')).read()")
        assert done.returncode == 5, done.stdout + done.stderr
        assert server.await_requests(1)[0].first == b"POST /v1/messages HTTP/1.1"


def test_murphys_own_failure_speaks_the_protocol_of_the_agent(own):
    with own.run(openai="http://no-such-host.invalid") as observed:
        assert get(observed.urls["openai"] + "/v1/models").status == 502
        ask = urllib.request.Request(observed.urls["openai"] + "/v1/chat/completions", b'{"model": "gpt-4o", "messages": []}',
                                     {"Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(ask)
        assert "could not be resolved" in json.loads(error.value.read())["error"]["message"]
