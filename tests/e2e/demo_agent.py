# SPDX-License-Identifier: Apache-2.0
"""The demo agent and its services, for tests that run `murphy` as a user does."""

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from processes import ROOT, running, service

AGENT = ROOT / "tools" / "demo-agent" / "agent.py"


@dataclass
class Setting:
    """Programs, services and a daemon that is listening."""

    build: Path
    state: Path
    model: dict
    mcp: str | None

    def murphy(self) -> Path:
        return self.build / "tools" / "murphy" / "murphy"

    def environment(self, payments: dict) -> dict[str, str]:
        return {**os.environ, "MURPHY_STATE_DIR": str(self.state), "PAYMENTS_URL": payments["origin"],
                "OPENAI_BASE_URL": self.model["openai"], "OPENAI_API_KEY": "none",
                "ANTHROPIC_BASE_URL": self.model["anthropic"], "ANTHROPIC_API_KEY": "none"}

    def run_agent(self, scenario: Path, *agent_options: str, seed: int = 42) -> tuple[int, dict]:
        """`murphy run SCENARIO -- agent`, with a ledger of its own: exit code, report."""
        with service("payments") as payments:
            routes = [f"--route=payments={payments['origin']}"]
            if self.mcp:
                routes.append(f"--route=everything={self.mcp}")
            command = [self.murphy(), "run", scenario, f"--seed={seed}", *routes, "-o", "json", "--", sys.executable, AGENT,
                       *agent_options]
            done = subprocess.run([str(part) for part in command], cwd=ROOT, env=self.environment(payments),
                                  capture_output=True, text=True)
        assert done.stdout, f"no report, exit code {done.returncode}: {done.stderr}"
        return done.returncode, json.loads(done.stdout)


@contextlib.contextmanager
def setting(build: Path, services: Path | None, state: Path):
    with contextlib.ExitStack() as stack:
        model = stack.enter_context(service("standin"))
        mcp = None
        if services and (services / "node").exists():
            mcp = stack.enter_context(service("everything", services))["mcp"]
        stack.enter_context(running([build / "daemon" / "murphyd", "--state-dir", state, "--gateway", "127.0.0.1:0",
                                     "--control", "127.0.0.1:0", "--print-endpoints", "json"]))
        yield Setting(build, state, model, mcp)
