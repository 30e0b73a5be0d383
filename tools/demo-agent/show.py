# SPDX-License-Identifier: Apache-2.0
"""The demonstration itself, once everything is installed and built: three experiments with the same scenario."""

import argparse
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "demo"
MURPHYD = ROOT / "build" / "release" / "daemon" / "murphyd"
MURPHY = ROOT / "build" / "release" / "tools" / "murphy" / "murphy"
STATE = FOLDER / "state"
SCENARIO = Path("scenarios/outages/outage-follows-the-fallback.toml")
START_TIMEOUT, STOP_TIMEOUT = 30, 15
EXPECTATION_FAILED = 4


class DemoFailed(Exception):
    """Something is wrong with Murphy or with this machine."""


@contextlib.contextmanager
def running(*command):
    """A program for the length of a block; yields the line of JSON with its addresses that it prints when it is ready."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    try:
        ready, _, _ = select.select([process.stdout], [], [], START_TIMEOUT)
        line = process.stdout.readline() if ready else ""
        if not line:
            raise DemoFailed(f"{command[0]} did not start")
        yield json.loads(line)
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def service(name: str, *arguments):
    return running(ROOT / "tools" / "standin" / name, *arguments, "--print-endpoint", "json")


def step(text: str) -> None:
    print(f"\n==> {text}", flush=True)


def murphy(*arguments, environment: dict) -> dict:
    """A listing of the controller's."""
    done = subprocess.run([MURPHY, *arguments, "-o", "json"], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise DemoFailed(f"murphy {' '.join(arguments)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def experiment(seed: list[str], *agent_options: str, report: bool = True) -> tuple[int, str, list[dict]]:
    """Runs the agent once under the scenario, with services that remember nothing: exit code, run, injections."""
    with contextlib.ExitStack() as stack:
        model = stack.enter_context(service("standin", "--delay-per-event", "5ms"))
        payments = stack.enter_context(service("payments"))
        routes = ["--route", f"payments={payments['origin']}"]
        environment = {**os.environ, "MURPHY_STATE_DIR": str(STATE), "PAYMENTS_URL": payments["origin"],
                       "OPENAI_BASE_URL": model["openai"], "OPENAI_API_KEY": "none",
                       "ANTHROPIC_BASE_URL": model["anthropic"], "ANTHROPIC_API_KEY": "none"}
        if (FOLDER / "node").exists():
            routes += ["--route", f"everything={stack.enter_context(service('everything', FOLDER))['mcp']}"]
        agent = [os.path.relpath(sys.executable, ROOT), "tools/demo-agent/agent.py", *agent_options]
        code = subprocess.run([MURPHY, "run", SCENARIO, *seed, *routes, "--", *agent], cwd=ROOT, env=environment,
                              stdout=None if report else subprocess.DEVNULL).returncode
        run = murphy("run", "list", environment=environment)["runs"][0]["id"]
        return code, run, murphy("journal", "injections", run, environment=environment)["injections"]


def told(injection: dict) -> tuple:
    """What the seed decides: not when, but what, where and how."""
    return tuple(json.dumps(injection.get(key)) for key in ("rule", "fault", "address", "parameters"))


def show(seed: list[str]) -> None:
    step("1. A careful agent: the primary model is rate limited, the fallback breaks off, a charge loses its answer")
    code, _, first = experiment(seed)
    if code:
        raise DemoFailed(f"the careful agent should have recovered; murphy run ended with {code}")
    step("2. The same seed again")
    code, _, second = experiment(seed, report=False)
    if code or [told(i) for i in first] != [told(i) for i in second]:
        raise DemoFailed("the same seed gave other injections")
    print(f"    The same {len(first)} injections in both runs:")
    for injection in first:
        print(f"      {injection['rule']:22} {injection['fault']:16} {injection['address']}")
    step("3. A careless agent, for contrast: it repeats the charge without asking whether it took place")
    code, run, _ = experiment(seed, "--careless")
    if code != EXPECTATION_FAILED:
        raise DemoFailed(f"the careless agent should have been found out; murphy run ended with {code}")
    step("Done. The careful agent paid once; the careless one paid twice and was found out. Every call of the last run:")
    print(f"    {MURPHY.relative_to(ROOT)} --state-dir {STATE.relative_to(ROOT)} journal exchanges {run}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--seed", help="instead of the scenario's")
    options = parser.parse_args()
    if not (FOLDER / "node").exists():
        print("    The MCP part is skipped: it needs Node 20 or newer and @modelcontextprotocol/server-everything.")
    # So that the services end with the demonstration, however that ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(STATE, ignore_errors=True)
    try:
        with running(MURPHYD, "--state-dir", STATE, "--gateway", "127.0.0.1:0", "--control", "127.0.0.1:0",
                     "--print-endpoints", "json"):
            show(["--seed", options.seed] if options.seed else [])
    except DemoFailed as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
