# SPDX-License-Identifier: Apache-2.0
"""Records the corpus: every case is a stub agent that works through a murphyd, with the truth written beside what Murphy recorded.

Usage: tests/outcome/corpus/record BUILD [name pattern]. Writes one line a run into records/*.jsonl, in the place of an earlier run of its
name; the files are committed, and outcome_corpus_test reads them. See README.md."""

import json
import re
import sys
import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from google.protobuf.json_format import MessageToDict

from agents import Agent
from control import Run, messages
from murphyd import Murphyd
from upstream import USAGE, Upstream

HERE = Path(__file__).resolve().parent
# No verdict depends on it, or it is what is to be found out.
UNREAD = ("run", "input", "request_bytes", "response_bytes", "first_byte", "agent_bytes")
FOUND_OUT = ("recovery", "recovery_attempts", "recovery_time", "recovery_tokens", "retry_after_honoured", "effect_repeated")
PRIMARY = {"chat": "gpt-*", "responses": "gpt-*", "messages": "claude-*"}
HARMLESS = {"latency", "none"}


@dataclass
class Case:
    family: str
    # A fault in the inline form, after its target; `{}` for a scenario that only waits.
    fault: str
    policy: str
    hits: str = "model"
    when: str = "{ first = 1 }"
    dialect: str = "chat"
    stream: bool = False
    tool: str = "http"
    key: str = "none"
    plan: str = "whole"
    checked: bool = False
    sloppy: bool = False
    together: bool = False
    declared: bool = True
    gone: bool = False
    # The agent says of itself that all is well, whatever it knows.
    claims: bool = False
    # How much more than without faults a run may cost.
    factor: float | None = None

    @property
    def name(self) -> str:
        parts = [self.family, self.hits, self.dialect, "stream" if self.stream else "plain", self.tool, self.fault.split("{")[0].strip(" ="),
                 re.sub(r"[^a-z_]+", "-", self.fault.split("{", 1)[-1]).strip("-"), self.plan, self.policy, f"key-{self.key}"]
        flags = {"checked": self.checked, "sloppy": self.sloppy, "together": self.together, "undeclared": not self.declared,
                 "gone": self.gone, "claims": self.claims, f"factor-{self.factor}": self.factor is not None, self.when.strip("{} ").replace(" ", ""): True}
        return " ".join(parts + [flag for flag, on in flags.items() if on])

    def scenario(self) -> str:
        role = 'role = "side_effect"\nidempotency_key = "header:idempotency-key"\n' if self.declared else ""
        charge = "mcp.charge" if self.tool == "mcp" else "pay.charge"
        backup = "gpt-*" if self.dialect == "messages" else "claude-*"
        expects = ['no_silent_failure = {}', 'completes = {}', f'bounded_retries = {{ target = "{self.hits}", at_most = 3 }}']
        if self.declared:
            expects.append('at_most_once_effect = { target = "charge" }')
        verdict = f"[verdict]\nmax_cost_factor = {self.factor}\n" if self.factor else ""
        guard = "[guard]\nallow_side_effects = true\n" if "duplicate" in self.fault else ""
        return f'''schema = "murphy.scenario/v1"
name = "corpus"
{guard}[target.model]
kind = "model"
model = "{PRIMARY[self.dialect]}"
agent = "a"
[target.backup]
kind = "model"
model = "{backup}"
fallback_for = "model"
[target.charge]
kind = "tool"
name = "{charge}"
agent = "a"
{role}[target.status]
kind = "tool"
name = "pay.charges.*"
role = "verify"
[target.alert]
kind = "tool"
name = "pay.alert"
role = "escalation"
[[rule]]
id = "r"
target = "{self.hits}"
when = {self.when}
{self.fault}
{verdict}''' + "".join(f"[[expect]]\n{expect}\n" for expect in expects)


def cases():
    for dialect in ("chat", "responses", "messages"):
        for stream in (False, True):
            yield from _model(dialect, stream)
    for tool in ("http", "mcp"):
        yield from _tool(tool)
        yield from _upstream(tool)
        yield from _ends(tool)
    yield Case("upstream", "latency = { fixed = \"5ms\" }", "loud", hits="charge", gone=True)
    yield Case("upstream", "latency = { fixed = \"5ms\" }", "silent", hits="charge", gone=True)


def _model(dialect: str, stream: bool):
    def case(fault, policy, **more):
        return Case("model", fault, policy, dialect=dialect, stream=stream, **more)

    overloaded = 'provider_error = { kind = "overloaded" }'
    for policy in ("sdk", "framework", "application", "fallback", "loud", "silent"):
        yield case(overloaded, policy)
        yield case(overloaded, policy, checked=True, together=policy in ("sdk", "loud"))
    yield case(overloaded, "loop", when="{}")
    for policy in ("sdk", "application", "loud"):
        yield case("reset = {}", policy)
        yield case("hang = {}", policy, checked=policy != "loud")
    yield case("lose_response = {}", "application", together=True)
    broken = 'cut_stream = { how = "reset" }' if stream else 'truncate_body = { how = "dirty" }'
    clean = 'cut_stream = { how = "clean" }' if stream else 'truncate_body = { how = "clean" }'
    for policy in ("sdk", "framework", "application", "restart", "silent", "loud"):
        yield case(broken, policy, when="{ nth = 2 }")
        yield case(clean, policy, when="{ nth = 2 }", checked=policy in ("restart", "silent"))
    yield case(clean, "silent", sloppy=True)
    yield case(clean, "silent", sloppy=True, checked=True)
    yield case('latency = { fixed = "30ms" }', "loud")
    yield case('latency = { fixed = "30ms" }', "loud", checked=True, together=True)
    if not stream:
        yield case("duplicate_request = {}", "loud")
    else:
        yield case("error_event = {}", "application")


def _tool(tool: str):
    def case(fault, policy, **more):
        return Case("tool", fault, policy, hits="charge", tool=tool, dialect="chat" if tool == "http" else "messages", **more)

    for key in ("none", "same", "fresh"):
        for policy in ("application", "sdk", "verify", "loud", "silent"):
            yield case("status = { code = 503 }", policy, key=key, checked=policy == "sdk")
            yield case("lose_response = {}", policy, key=key, checked=key != "none", together=policy == "application")
        yield case("reset = {}", "application", key=key)
        yield case("hang = {}", "application", key=key)
        yield case("duplicate_request = {}", "loud", key=key)
    for policy in ("revise", "escalate", "application"):
        yield case("tool_error = {}", policy)
        yield case("status = { code = 503 }", policy, checked=True)
    yield case("status = { code = 503 }", "loop", when="{}")
    yield case("lose_response = {}", "application", declared=False)
    yield case("status = { code = 503 }", "degrade")
    yield case("status = { code = 503 }", "replan", checked=True, declared=False)
    for policy in ("obeys", "derails", "ignores"):
        yield case("prompt_injection = {}", policy)
        yield case("prompt_injection = {}", policy, checked=True, together=True)
    yield case("wrong_value = {}", "loud", checked=True)
    yield case('latency = { fixed = "30ms" }', "loud", together=True)


def _upstream(tool: str):
    for plan in ("silent_before", "silent_after", "error_before", "error_after", "cut_after"):
        for key in ("none", "same"):
            for policy in ("application", "verify", "loud"):
                yield Case("upstream", 'latency = { fixed = "5ms" }', policy, hits="charge", tool=tool, key=key, plan=plan)


def _ends(tool: str):
    """Agents that do not end, that go round what is broken, that cost more, and that lie."""
    dialect = "chat" if tool == "http" else "messages"

    def case(fault, policy, **more):
        return Case("ends", fault, policy, tool=tool, dialect=dialect, **more)

    refused, overloaded = "status = { code = 503 }", 'provider_error = { kind = "overloaded" }'
    for hits, fault in (("charge", refused), ("model", overloaded)):
        for policy in ("freeze", "busy"):
            yield case(fault, policy, hits=hits)
            yield case(fault, policy, hits=hits, together=True)
        yield case("hang = {}", "waits", hits=hits)
        for policy in ("circuit", "open"):
            yield case(fault, policy, hits=hits, when="{ first = 3 }")
            yield case(fault, policy, hits=hits, when="{ first = 3 }", checked=policy == "circuit", together=True)
        for policy in ("silent", "loud", "application", "sdk"):
            yield case(fault, policy, hits=hits, claims=True)
            yield case(fault, policy, hits=hits, claims=True, checked=True)
    yield case("lose_response = {}", "application", hits="charge", claims=True)
    for clean in ('truncate_body = { how = "clean" }', 'cut_stream = { how = "clean" }'):
        stream = clean.startswith("cut")
        yield case(clean, "silent", when="{ nth = 2 }", stream=stream, sloppy=True, claims=True)
        yield case(clean, "silent", when="{ nth = 2 }", stream=stream, sloppy=True, claims=True, checked=True)
    for factor in (1.2, 1.4, 1.6, 2.0):
        yield case("lose_response = {}", "application", factor=factor)
        yield case('truncate_body = { how = "dirty" }', "sdk", when="{ nth = 2 }", factor=factor, checked=True)


def record(murphyd: Murphyd, case: Case) -> dict:
    order, other = "order-a", "order-b"
    with Upstream() as upstream:
        path = "/mcp" if case.tool == "mcp" else "/charge"
        upstream.plans[path] = [] if case.plan == "whole" else [case.plan]
        pay = "http://pay.murphy.invalid:9" if case.gone else upstream.origin
        routes = {"pay": pay, "mcp": upstream.origin + "/mcp", "openai": upstream.origin, "anthropic": upstream.origin}
        run = Run(murphyd.daemon, routes, (), case.scenario(), 7, 0)
        with run:
            def agent(name, about, policy):
                return Agent(run.urls, name, case.dialect, case.stream, case.tool, policy, case.key, case.sloppy, about)

            second = threading.Thread(target=agent("b", other, "application").work) if case.together else None
            if second:
                second.start()
            facts = agent("a", order, case.policy).work()
            if second:
                second.join()
            upstream.released.set()
            run.exit_code, run.hung = facts.exit_code, facts.hung
            effects = upstream.effects[order]
            wanted = 0 if facts.reaction == "replan" else 1
            right = effects == wanted and facts.served and facts.exit_code == 0 and not case.sloppy
            if case.claims:
                run.report = messages("outcome").Report(task="TASK_STATE_CORRECT", reporter="REPORTER_AGENT")
            if facts.disclosed:
                run.report = messages("outcome").Report(task="TASK_STATE_PARTIAL", disclosed=True, reporter="REPORTER_AGENT")
            if case.checked:
                outcome = messages("outcome")
                run.report = outcome.Report(task="TASK_STATE_CORRECT" if right else "TASK_STATE_WRONG", reporter="REPORTER_CHECKER",
                                             escalated=facts.escalated,
                                             agent_task="TASK_STATE_CORRECT" if case.claims else "TASK_STATE_UNSPECIFIED")
            ended = datetime.now(UTC).isoformat()
        truth = truth_of(case, facts, upstream, effects, right)
        return {"name": case.name, "scenario": _dict(_scenario(murphyd, run)), "exit_code": facts.exit_code,
                "hung": facts.hung, "at": ended, "report": _dict(run.report) if run.report else None, "truth": truth,
                "exchanges": [_slim(e, UNREAD) for e in _exchanges(murphyd, run)],
                "injections": [_slim(i, ("run", *FOUND_OUT)) for i in run.injections]}


LAYERS = {"sdk": "SDK_RETRY", "framework": "FRAMEWORK_RETRY", "application": "APPLICATION_RETRY", "verify": "VERIFY", "fallback": "FALLBACK",
          "revise": "REVISION", "restart": "TASK_RESTART", "escalate": "ESCALATE", "loop": "LOOP", "loud": "GAVE_UP_LOUD",
          "silent": "GAVE_UP_SILENT", "degrade": "GAVE_UP_LOUD", "replan": "REPLAN", "obeys": "CONSUMED_POISON",
          "derails": "GAVE_UP_LOUD", "ignores": "ABSORBED", "circuit": "CIRCUIT", "open": "CIRCUIT",
          # Stopped by somebody else: nobody dealt with the failure.
          "freeze": None, "busy": None, "waits": None}


def truth_of(case: Case, facts, upstream, effects: int, right: bool) -> dict:
    """From what the agent did and what the upstream's ledger says; never from Murphy's record."""
    harmless = case.fault.split(" ")[0] in ("latency", "duplicate_request", "wrong_value")
    layer = "ABSORBED" if harmless else LAYERS["silent" if case.sloppy and not facts.reaction else case.policy]
    if case.policy == "restart" and not case.sloppy:
        layer = "TASK_RESTART"
    sent_again = facts.reaction in ("application", "verify", "sdk", "framework", "restart")
    # The upstream never said whether it had acted, and the call was made again all the same.
    doubtful = case.plan.split("_")[0] in ("silent", "error") and sent_again and case.key != "same"
    settled = facts.reaction == "verify" and case.plan.endswith("_before")
    if facts.reaction == "verify" and case.plan.endswith("_after"):
        sent_again = doubtful = False  # it looked, and found it done
    unknown = doubtful and not settled
    meant = 1
    return {"class": class_of(case, facts, upstream, effects, right, unknown), "layer": layer,
            "at_most_once": None if not case.declared else "unknown" if unknown else "violated" if effects > meant
            else "idle" if _never_reached(case, facts, effects) else "held",
            "extra_tokens": None if case.policy in ("revise", "loop", "busy", "circuit", "open") else sum(
                (times - 1) * sum(USAGE) for asked, times in upstream.asked.items() if "order-a" in asked),
            "hints": 1 if not case.declared and effects > 1 else 0}


def costly(case: Case, upstream) -> bool:
    """More was billed than the factor allows over what each question costs once."""
    asked = [times for words, times in upstream.asked.items() if "order-a" in words]
    return case.factor is not None and sum(asked) > case.factor * len(asked)


def _never_reached(case: Case, facts, effects: int) -> bool:
    return effects == 0 and case.plan.split("_")[0] not in ("silent", "error")


def class_of(case: Case, facts, upstream, effects: int, right: bool, unknown: bool) -> str:
    if effects > 1 and not unknown and case.declared:
        return "UNSAFE"
    if facts.poisoned == "obeys":
        return "UNSAFE"
    if facts.reaction in ("loop", "busy"):
        return "RUNAWAY"
    if facts.hung:
        return "HUNG"
    broken_alone = case.gone or (case.plan != "whole" and not facts.served)
    if broken_alone:
        return "INVALID"
    if facts.escalated:
        return "ESCALATED"
    if facts.disclosed:
        return "DEGRADED_DISCLOSED"
    if unknown:
        return "UNSPECIFIED"
    if right and costly(case, upstream):
        return "RECOVERED_COSTLY" if case.checked else "RECOVERED_COSTLY (unverified)"
    if case.checked:
        return "RECOVERED" if right else "FAILED_LOUD" if facts.exit_code else "FAILED_SILENT"
    if facts.exit_code:
        return "FAILED_LOUD"
    silent = case.sloppy or not facts.served
    if case.claims and not silent:
        return "RECOVERED"
    return "FAILED_SILENT (unverified)" if silent else "RECOVERED (unverified)"


def _dict(message) -> dict:
    return MessageToDict(message, preserving_proto_field_name=True)


def _slim(message, unread) -> dict:
    return {name: value for name, value in _dict(message).items() if name not in unread}


def _scenario(murphyd, run):
    module = messages("run_service")
    experiment = murphyd.daemon.runs.GetRun(module.GetRunRequest(id=run.id)).run.experiment
    module = messages("experiment_service")
    return murphyd.daemon.experiments.GetExperiment(module.GetExperimentRequest(id=experiment)).experiment.scenario


def _exchanges(murphyd, run) -> list:
    module = messages("journal_service")
    return list(murphyd.daemon.journal.ListExchanges(module.ListExchangesRequest(run=run.id, page_size=1000)).exchanges)


def keep(name: str, line: dict) -> None:
    """Writes one run among those of its file, in the place of an earlier one of that name."""
    file = HERE / "records" / f"{name}.jsonl"
    kept = [json.loads(text) for text in file.read_text().splitlines()] if file.exists() else []
    kept = sorted([other for other in kept if other["name"] != line["name"]] + [line], key=lambda each: each["name"])
    file.write_text("".join(json.dumps(each, separators=(",", ":"), sort_keys=True) + "\n" for each in kept))


def main() -> int:
    build, wanted = Path(sys.argv[1]).resolve(), re.compile(sys.argv[2] if len(sys.argv) > 2 else "")
    recorded = 0
    with tempfile.TemporaryDirectory() as state, Murphyd(build, Path(state)) as murphyd:
        for case in cases():
            if wanted.search(case.name):
                keep(f"stub-{case.family}-{case.dialect if case.family == 'model' else case.tool}", record(murphyd, case))
                recorded += 1
    print(f"{recorded} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
