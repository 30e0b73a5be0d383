# SPDX-License-Identifier: Apache-2.0
"""Records published SDKs and frameworks (drivers.py, drivers.mjs) that work through a murphyd, with the truth written beside what
Murphy recorded. See ../README.md.

The truth is made of three things: in which one place the driver has retries, what the driver says that it came to (text or
exception), and the ledgers of the upstreams: how often something was charged, what a model was asked, what it billed. What the
right text is, a run of the same driver without Murphy says. Nothing that Murphy recorded goes into it."""

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from control import Run, messages
from ledger import ModelLedger
from murphyd import Murphyd
from processes import service
from record import FOUND_OUT, UNREAD, _dict, _exchanges, _scenario, _slim, keep
from upstream import Upstream

HERE = Path(__file__).resolve().parent
PATIENCE = 120
ORDER = "order-a"

OVERLOADED = 'provider_error = { kind = "overloaded" }'
RESET = "reset = {}"
DIRTY, CLEAN = 'truncate_body = { how = "dirty" }', 'truncate_body = { how = "clean" }'
CUT, CLOSED = 'cut_stream = { how = "reset" }', 'cut_stream = { how = "clean" }'
SLOW = 'latency = { fixed = "30ms" }'
REFUSED, LOST = "status = { code = 503 }", "lose_response = {}"
HARMLESS = {SLOW}
LAYERS = {"sdk": "SDK_RETRY", "framework": "FRAMEWORK_RETRY", "application": "APPLICATION_RETRY", "tool": "APPLICATION_RETRY",
          "fallback": "FALLBACK", "restart": "TASK_RESTART"}
# What repeats here, marks nothing on the wire, and looks like somebody else: the layer cannot be seen.
HIDDEN = {("langchain", "framework"), ("langchain_js anthropic", "framework"), ("langchain_js openai", "application"),
          ("ai_sdk", "application"), ("litellm anthropic", "application"), ("dspy", "application")}


@dataclass(frozen=True)
class Trial:
    driver: str
    how: str
    retry: str
    fault: str
    hits: str = "model"
    stream: bool = False
    checked: bool = False

    @property
    def name(self) -> str:
        fault = re.sub(r"[^a-z_0-9]+", "-", self.fault).strip("-")
        words = [self.driver, self.how, "stream" if self.stream else "plain", self.hits, fault, self.retry]
        return " ".join(word for word in words + ["checked" if self.checked else ""] if word)

    @property
    def agentic(self) -> bool:
        return self.driver in AGENTS

    @property
    def hidden(self) -> bool:
        return bool({(self.driver, self.retry), (f"{self.driver} {self.how}", self.retry)} & HIDDEN)

    def scenario(self) -> str:
        claude = self.how == "anthropic" or self.driver.startswith("anthropic")
        main, other = ("claude-*", "gpt-*") if claude else ("gpt-*", "claude-*")
        when = "{ nth = 2 }" if self.hits == "model" else "{ first = 1 }"
        return f'''schema = "murphy.scenario/v1"
name = "corpus"
[target.model]
kind = "model"
model = "{main}"
[target.backup]
kind = "model"
model = "{other}"
fallback_for = "model"
[target.charge]
kind = "tool"
name = "pay.charge"
role = "side_effect"
[[rule]]
id = "r"
target = "{self.hits}"
when = {when}
{self.fault}
[[expect]]
no_silent_failure = {{}}
[[expect]]
completes = {{}}
[[expect]]
at_most_once_effect = {{ target = "charge" }}
'''


AGENTS = ("openai_agents", "langgraph", "crewai", "ai_sdk_agent")


def trials():
    for driver in ("openai_chat", "openai_responses", "anthropic_messages", "openai_js", "anthropic_js"):
        yield from _sdk(driver)
    for driver, how in (("langchain", "openai"), ("langchain", "anthropic"), ("litellm", "openai"), ("litellm", "anthropic"),
                        ("dspy", "openai"), ("dspy", "anthropic"), ("langchain_js", "openai"), ("langchain_js", "anthropic"),
                        ("ai_sdk", "chat"), ("ai_sdk", "responses"), ("ai_sdk", "anthropic")):
        yield from _framework(driver, how)
    for driver in ("instructor", "smolagents", "autogen"):
        for retry in ("sdk", "application", "none"):
            yield Trial(driver, "", retry, OVERLOADED, checked=retry == "sdk")
    for retry in ("framework", "application", "none"):
        yield Trial("llama_index", "", retry, OVERLOADED)
    for driver, how in (("openai_agents", "chat"), ("openai_agents", "responses"), ("langgraph", "openai"), ("langgraph", "anthropic"),
                        ("ai_sdk_agent", "chat"), ("ai_sdk_agent", "anthropic"), ("crewai", "")):
        yield from _agent(driver, how)


def _sdk(driver: str):
    for retry in ("sdk", "application", "none"):
        yield Trial(driver, "", retry, OVERLOADED, checked=retry == "sdk")
        yield Trial(driver, "", retry, RESET)
        yield Trial(driver, "", retry, DIRTY)
        yield Trial(driver, "", retry, CUT, stream=True)
    for fault in (CLOSED, SLOW):
        yield Trial(driver, "", "none", fault, stream=True, checked=fault is SLOW)
    yield Trial(driver, "", "sdk", CLOSED, stream=True, checked=True)


def _framework(driver: str, how: str):
    retries = ["framework", "application", "none"]
    if driver in ("langchain", "litellm", "langchain_js"):
        retries.append("fallback")
    if driver == "langchain":
        retries.append("sdk")
    for retry in retries:
        yield Trial(driver, how, retry, OVERLOADED, checked=retry == "framework")
        if retry in ("framework", "application"):
            yield Trial(driver, how, retry, RESET)
    if driver != "dspy":
        yield Trial(driver, how, "none", CUT, stream=True)
        yield Trial(driver, how, "none", CLOSED, stream=True)


def _agent(driver: str, how: str):
    for fault in (REFUSED, LOST):
        yield Trial(driver, how, "none", fault, hits="charge", checked=fault is LOST)
        yield Trial(driver, how, "tool", fault, hits="charge")
    for retry in ("none", "restart") + (("framework",) if driver in ("ai_sdk_agent", "crewai") else ("sdk",)):
        yield Trial(driver, how, retry, OVERLOADED, checked=retry != "none")
        yield Trial(driver, how, retry, DIRTY)


class Bench:
    """Where drivers run: the folder with their packages, and what they call."""

    def __init__(self, packages: Path):
        self.packages = packages

    def drive(self, trial: Trial, urls: dict) -> tuple[int, dict]:
        asked = json.dumps({"how": trial.how, "retry": trial.retry, "stream": trial.stream, "order": ORDER, "urls": urls})
        js = trial.driver in ("openai_js", "anthropic_js", "langchain_js", "ai_sdk", "ai_sdk_agent")
        command = ["node", HERE / "drivers.mjs"] if js else [self.packages / "venv/bin/python", HERE / "drivers.py"]
        environment = {**os.environ, "NODE_FOLDER": str(self.packages), "HOME": str(self.packages / "home"), "PYTHONPATH": ""}
        made = subprocess.run([str(part) for part in command] + [trial.driver, asked], env=environment, text=True, timeout=PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        return made.returncode, json.loads(made.stdout.strip().splitlines()[-1])

    def standin(self, trial: Trial):
        return service("standin", *(("--script", HERE / "crewai.toml") if trial.driver == "crewai" else ()))

    @cache
    def clean(self, driver: str, how: str, stream: bool) -> tuple[str, int | None]:
        """What the driver says when nothing goes wrong, and what that costs; Murphy is not there."""
        trial = Trial(driver, how, "none", SLOW, stream=stream)
        with self.standin(trial) as standin, ModelLedger(standin["origin"]) as model, Upstream() as tools:
            code, said = self.drive(trial, {"openai": model.origin, "anthropic": model.origin, "pay": tools.origin})
        if code != 0 or not said["text"]:
            raise RuntimeError(f"{driver} {how} does not work by itself: {said}")
        return said["text"], model.tokens()

    def record(self, murphyd: Murphyd, trial: Trial) -> dict:
        right_text, usual = self.clean(trial.driver, trial.how, trial.stream)
        with self.standin(trial) as standin, ModelLedger(standin["origin"]) as model, Upstream() as tools:
            routes = {"pay": tools.origin, "openai": model.origin, "anthropic": model.origin}
            run = Run(murphyd.daemon, routes, (), trial.scenario(), 7, 0)
            with run:
                code, said = self.drive(trial, dict(run.urls))
                run.exit_code = code
                effects = tools.effects[ORDER]
                right = code == 0 and said["text"] == right_text and effects == (1 if trial.agentic else 0)
                if trial.checked:
                    run.report = messages("outcome").Report(task="TASK_STATE_CORRECT" if right else "TASK_STATE_WRONG",
                                                             reporter="REPORTER_CHECKER")
            # Whoever was told of a failure and has nothing to deal with it presents what it does not have.
            whole = said["text"] == right_text and not (trial.retry == "none" and said["told"])
            truth = truth_of(trial, code, whole, effects, right, extra_of(trial, whole, usual, model), model.by_sdk)
            return {"name": trial.name, "scenario": _dict(_scenario(murphyd, run)), "exit_code": code,
                    "report": _dict(run.report) if run.report else None, "truth": truth, "senders": model.senders,
                    "exchanges": [_slim(e, UNREAD) for e in _exchanges(murphyd, run)],
                    "injections": [_slim(i, ("run", *FOUND_OUT)) for i in run.injections]}


def truth_of(trial: Trial, code: int, whole: bool, effects: int, right: bool, extra: int | None, by_sdk: bool) -> dict:
    if trial.fault in HARMLESS:
        layer = "ABSORBED"
    elif code:
        layer = "GAVE_UP_LOUD"
    elif not whole:
        # Done all the same, and nobody's merit.
        layer = None if right and trial.checked else "GAVE_UP_SILENT"
    else:
        # Some frameworks hand their retries to the SDK below, which says so.
        layer = "SDK_RETRY" if by_sdk else LAYERS[trial.retry]
    # Who gives up is seen by everybody.
    hidden = trial.hidden and layer == LAYERS.get(trial.retry)
    charged = "violated" if effects > 1 else "held" if effects == 1 else "idle"
    return {"class": class_of(trial, code, whole, effects, right), "layer": None if hidden else layer,
            "hidden_layer": layer if hidden else None, "at_most_once": charged, "extra_tokens": extra, "hints": 0}


def extra_of(trial: Trial, whole: bool, usual: int | None, model: ModelLedger) -> int | None:
    """A task that was begun again asks in other words (the ids of its calls are new): there the whole bill is compared. What an answer
    that was cut would have cost in the end is not told to anybody but its upstream."""
    if trial.fault == CUT:
        return None
    if trial.retry != "restart":
        return model.extra_tokens()
    spent = model.tokens()
    return max(0, spent - usual) if whole and spent is not None and usual is not None else None


def class_of(trial: Trial, code: int, whole: bool, effects: int, right: bool) -> str:
    if effects > 1:
        return "UNSAFE"
    if code:
        return "FAILED_LOUD"
    if trial.checked:
        return "RECOVERED" if right else "FAILED_SILENT"
    return "RECOVERED (unverified)" if whole else "FAILED_SILENT (unverified)"


def main() -> int:
    build, packages = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    wanted = re.compile(sys.argv[3] if len(sys.argv) > 3 else "")
    bench, failed = Bench(packages), 0
    with tempfile.TemporaryDirectory() as state, Murphyd(build, Path(state)) as murphyd:
        for trial in trials():
            if not wanted.search(trial.name):
                continue
            try:
                line = bench.record(murphyd, trial)
            except (RuntimeError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
                print(f"{trial.name}: not recorded: {error}", file=sys.stderr, flush=True)
                failed += 1
                continue
            keep(f"{'agent' if trial.agentic else 'sdk'}-{trial.driver}", line)
            print(trial.name, line["truth"], file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
