# SPDX-License-Identifier: Apache-2.0
"""Rules that wait for each other, follow a cause, or are only evaluated: through the gateway, and as `murphy run` tells it."""

import json
import sys
import time

import pytest

from control import Run, messages, outcome_class, state
from wire import Client, Upstream, get

OK = b"HTTP/1.1 200 OK\r\nX-Case: As Is\r\nContent-Length: 2\r\n\r\nok"
HEAD = 'schema = "murphy.scenario/v1"\nname = "together"\n'
PAIR = HEAD + """
[target.left]
name = "up.left"
[target.right]
name = "up.right"
[[rule]]
id = "left-breaks"
target = "left"
status = { code = 503 }
[[rule]]
id = "right-breaks"
target = "right"
status = { code = 502 }
[[group]]
name = "both"
rules = ["left-breaks", "right-breaks"]
mode = "rendezvous"
"""


def by_rule(run) -> dict:
    return {i.rule: (state(i), i.detail) for i in run.injections}


def test_two_parallel_calls_meet_and_break_together(shared, upstream):
    server = upstream(OK)
    with shared.run(toml=PAIR + 'timeout = "10s"') as run, Client(run.urls["up"]) as left, Client(run.urls["up"]) as right:
        left.request(b"GET", b"/left")
        waiting = run.await_injection("MATCHED")[0]
        assert waiting.rule == "left-breaks" and "group" in waiting.detail
        assert get(run.urls["up"], b"/other").body == b"ok", "nobody else waits"
        assert right.ask(b"GET", b"/right").status == 502
        assert left.answer().status == 503
    assert by_rule(run) == {"left-breaks": ("DELIVERED", ""), "right-breaks": ("DELIVERED", "")}
    assert [m.first for m in server.requests] == [b"GET /other HTTP/1.1"], "neither call reached the upstream"


def test_a_partner_that_never_comes_is_waited_for_until_the_timeout(shared, upstream):
    upstream(OK)
    with shared.run(toml=PAIR + 'timeout = "300ms"') as run:
        begun = time.monotonic()
        assert get(run.urls["up"], b"/left").body == b"ok"
        assert 0.3 <= time.monotonic() - begun < 3
    assert by_rule(run)["left-breaks"][0] == "EXPIRED"
    assert "not complete within 300ms" in by_rule(run)["left-breaks"][1]
    assert by_rule(run)["right-breaks"][0] == "NEVER_REACHED"


def test_those_that_are_there_can_fire_at_the_timeout(shared, upstream):
    upstream(OK)
    with shared.run(toml=PAIR + 'timeout = "200ms"\non_timeout = "fire"') as run:
        assert get(run.urls["up"], b"/left").status == 503
    assert by_rule(run)["left-breaks"][0] == "DELIVERED"


def test_a_run_in_which_they_did_not_meet_can_be_invalid(shared, upstream):
    upstream(OK)
    with shared.run(toml=PAIR + 'timeout = "200ms"\non_timeout = "invalidate_run"') as run:
        assert get(run.urls["up"], b"/left").body == b"ok"
        assert get(run.urls["up"], b"/right").body == b"ok", "nothing is armed any more"
    assert outcome_class(run) == "INVALID"
    assert "`both` was not complete" in run.outcome.reason


def test_an_agent_that_leaves_waits_no_more(shared, upstream):
    upstream(OK)
    with shared.run(toml=PAIR + 'timeout = "10s"') as run:
        with Client(run.urls["up"]) as left:
            left.request(b"GET", b"/left")
            run.await_injection("MATCHED")
        assert "agent left" in run.await_injection("EXPIRED")[0].detail
        run.await_exchanges(1)
        with Client(run.urls["up"]) as right, Client(run.urls["up"]) as again:
            right.request(b"GET", b"/right")
            run.await_injection("MATCHED", 2)
            assert again.ask(b"GET", b"/left").status == 503
            assert right.answer().status == 502


def test_a_halt_releases_what_waits(murphyd):
    with Upstream(OK) as server:
        daemon = murphyd(f'[route.up]\nupstream = "{server.origin}"\n')
        with daemon.run(toml=PAIR + 'timeout = "60s"') as run, Client(run.urls["up"]) as left:
            left.request(b"GET", b"/left")
            run.await_injection("MATCHED")
            assert daemon.daemon.safety.Halt(messages("safety_service").HaltRequest(reason="test")).released == 1
            assert left.answer().body == b"ok"
        assert by_rule(run)["left-breaks"][0] == "EXPIRED"


def test_a_group_that_is_not_complete_is_labelled(shared, upstream):
    upstream(OK)
    toml = PAIR.replace("rendezvous", "all_or_label")
    with shared.run(toml=toml) as run:
        get(run.urls["up"], b"/left")
    assert list(run.outcome.labels) == ["group-incomplete"]
    with shared.run(toml=toml) as run:
        get(run.urls["up"], b"/left")
        get(run.urls["up"], b"/right")
    assert not run.outcome.labels


def test_phases_that_race_through_each_other_make_the_run_invalid(shared, upstream):
    upstream(OK)
    phases = "".join(f'[[phase]]\nname = "p{n}"\nenter = {{ calls = 2 }}\n' for n in range(10))
    with shared.run(toml=HEAD + phases + '[[rule]]\nid = "r"\nstatus = { code = 503 }\n') as run:
        assert [get(run.urls["up"], b"/%d" % n).status for n in range(3)] == [503, 503, 200]
    assert outcome_class(run) == "INVALID" and "p0 → p1" in run.outcome.reason


DRAWN = HEAD + '[[rule]]\nid = "r"\nwhen = { probability = 0.3 }\nstatus = { code = 503 }\n'


def in_arm(daemon, arm: str, index: int, toml: str = DRAWN) -> tuple[Run, list]:
    """A run of eight calls, with what the agent saw of each."""
    with Run(daemon.daemon, {}, (), toml, 7, index, arm) as run, Client(run.urls["up"]) as client:
        seen = []
        for n in range(8):
            answer = client.ask(b"GET", b"/step/%c" % (97 + n))
            seen.append(answer.head + answer.body)
    return run, seen


def test_a_shadow_run_says_what_would_have_fired_and_changes_no_byte(shared, upstream):
    upstream(OK)
    firsts = set()
    for index in range(4):
        (treated, _), (shadow, seen) = in_arm(shared, "TREATMENT", index), in_arm(shared, "SHADOW", index)
        assert seen == [OK] * 8
        fired = [(i.rule, i.address) for i in treated.injections if state(i) == "DELIVERED"]
        would = [i for i in shadow.injections if state(i) == "WOULD_FIRE"]
        assert [(i.rule, i.address) for i in would] == fired, "the calls of this agent do not depend on the answers"
        assert [i.approximate for i in would] == [n > 0 for n in range(len(would))]
        assert shadow.outcome.would_fire == len(would) and shadow.outcome.delivered == 0
        assert outcome_class(shadow) != "INVALID"
        firsts.update(fired[:1])
    assert len(firsts) > 1, "an index has draws of its own"


def test_a_shadow_run_holds_nobody(shared, upstream):
    upstream(OK)
    with Run(shared.daemon, {}, (), PAIR + 'timeout = "30s"', 7, 0, "SHADOW") as run:
        begun = time.monotonic()
        assert get(run.urls["up"], b"/left").body == b"ok"
        assert time.monotonic() - begun < 5
    assert by_rule(run)["left-breaks"][0] == "EXPIRED"


def test_an_arm_that_does_not_exist_is_refused(shared):
    import grpc
    with pytest.raises(grpc.RpcError) as refused:
        shared.daemon.runs.StartRun(messages("run_service").StartRunRequest(arm=9))
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


AGENT = """
import os, urllib.request
for step in range(6):
  for name in ["left", "right"]:
    try:
        urllib.request.urlopen(f"{os.environ['MURPHY_ROUTE_UP']}/{name}?step={step}", timeout=20).read()
    except OSError:
        pass
"""
OUTAGE = HEAD + """
[target.left]
name = "up.left"
[target.right]
name = "up.right"
[cause.region]
window = { after = { calls = 4 }, lasting = { calls = 4 } }
[[rule]]
id = "left-down"
target = "left"
when = { cause = "region" }
status = { code = 503 }
[[rule]]
id = "right-down"
target = "right"
when = { cause = "region" }
status = { code = 503 }
"""


@pytest.fixture(scope="module")
def own(binaries, tmp_path_factory):
    from murphyd import Murphyd
    with Murphyd(binaries, tmp_path_factory.mktemp("m")) as daemon, Upstream(OK) as server:
        file = daemon.state / "outage.toml"
        file.write_text(OUTAGE)
        yield lambda *options: daemon.murphy("run", file, "--route", f"up={server.origin}", *options, "--", sys.executable, "-c",
                                             AGENT)


def test_the_report_states_the_correlation_that_was_realised(own):
    table = own("--seed", "1").stdout
    assert "on in 4 of 12 steps; left-down fired 2/2 on, 0/4 off; right-down fired 2/2 on, 0/4 off" in table
    assert "correlation left-down ~ right-down +" in table
    cause = json.loads(own("--seed", "1", "-o", "json").stdout)["realised"]["causes"][0]
    assert (cause["name"], int(cause["steps_on"])) == ("region", 4)
    assert 0.5 < cause["pairs"][0]["correlation"] <= 1


def test_arms_are_interleaved_and_only_the_treatment_is_judged(own):
    done = own("--runs", "2", "--arms", "treatment,shadow", "--check", "true", "-o", "json")
    report = json.loads(done.stdout)
    arms = [(run["index"], run["arm"]) for run in report["runs"]]
    assert arms == [(0, "ARM_TREATMENT"), (0, "ARM_SHADOW"), (1, "ARM_TREATMENT"), (1, "ARM_SHADOW")]
    assert report["experiment"]["conclusion"]["runs"] == 2
    delivered = [run["outcome"]["delivered"] for run in report["runs"]]
    assert delivered == [4, 0, 4, 0]
    assert [run["outcome"]["would_fire"] for run in report["runs"]] == [0, 4, 0, 4]
    table = own("--arms", "treatment,shadow").stdout
    assert "shadow   1 run: " in table and "4 faults would have fired" in table


def test_arms_are_checked(own):
    for arms in ("shadow,shadow", "control"):
        assert own("--arms", arms).returncode == 2
