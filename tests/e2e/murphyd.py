# SPDX-License-Identifier: Apache-2.0
"""A murphyd that a test starts, stops and kills as it likes, and `murphy` beside it."""

import json
import os
import subprocess
from pathlib import Path

from control import Daemon, Run, generate_stubs
from processes import STOP_TIMEOUT, read_line

GENERATED: list[Path] = []


class Murphyd:
    """Listens when constructed. `daemon` is its control API; `state` outlives it."""

    def __init__(self, build: Path, state: Path, config: str = "", arguments: tuple = (), **options):
        self.build, self.state, self.config = build, state, config
        self.arguments, self.options = arguments, options
        if not GENERATED:
            GENERATED.append(state / "stubs")
            GENERATED[0].mkdir()
            generate_stubs(GENERATED[0])
        self.start()

    def start(self) -> None:
        file = self.state / "murphyd.toml"
        file.write_text(self.config)
        command = [self.build / "daemon" / "murphyd", "--config", file, "--state-dir", self.state / "s",
                   "--gateway", "127.0.0.1:0", "--control", "127.0.0.1:0", "--print-endpoints", "json", *self.arguments]
        self.process = subprocess.Popen([str(part) for part in command], text=True, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, **self.options)
        line = read_line(self.process)
        if not line:
            raise RuntimeError(f"murphyd did not start: {self.process.stderr.read()}")
        self.endpoints = json.loads(line)
        self.gateway = self.endpoints["gateway"]
        self.directory = Path(self.endpoints["state_directory"])
        self.daemon = Daemon(self.endpoints)

    def run(self, *faults: str, toml: str = "", seed: int = 7, **routes: str) -> Run:
        return Run(self.daemon, routes, faults, toml, seed, 0)

    def kill(self) -> None:
        """`kill -9`."""
        self.daemon.close()
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        if self.process.poll() is None:
            self.stop()
        self.start()

    def stop(self) -> None:
        self.daemon.close()
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def murphy(self, *arguments, **options) -> subprocess.CompletedProcess:
        """Runs the controller to its end."""
        return murphy(self.build, *arguments, state=self.directory, **options)

    def resident(self) -> int:
        """Resident memory, in bytes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        self.process.stdout.close()
        self.process.stderr.close()


def environment(build: Path, state: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MURPHY") and "_URL" not in name}
    return {**kept, "MURPHY_STATE_DIR": str(state), "MURPHYD": str(build / "daemon" / "murphyd"), "NO_COLOR": "1", **more}


def murphy(build: Path, *arguments, state: Path, timeout: int = 60, env: dict | None = None,
           **options) -> subprocess.CompletedProcess:
    command = [str(part) for part in (build / "tools" / "murphy" / "murphy", *arguments)]
    return subprocess.run(command, text=True, capture_output=True, timeout=timeout, env=environment(build, state, **(env or {})),
                          **options)
