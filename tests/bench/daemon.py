# SPDX-License-Identifier: Apache-2.0
"""murphyd with one worker, and what an agent measures inside its runs."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
AGENT = [sys.executable, str(HERE / "measure.py")]


class Daemon:
    def __init__(self, build, folder, routes):
        self.murphy = build / "tools/murphy/murphy"
        self.folder = folder / "state"
        self.config = folder / "murphyd.toml"
        self.binary = build / "daemon/murphyd"
        self.routes = dict(routes)
        self.environment = dict(os.environ, MURPHY_STATE_DIR=str(self.folder))

    def __enter__(self):
        self._start()
        return self

    def __exit__(self, *unused):
        self._stop()

    def route(self, name, upstream):
        """Routes are configuration: the daemon starts anew with one more. Returns its URL."""
        self.routes[name] = upstream
        self.restart()
        return f"{self.gateway}/r/default/{name}"

    def restart(self):
        self._stop()
        self._start()

    def _start(self):
        lines = ["[gateway]", 'listen = "127.0.0.1:0"', "workers = 1", "[control]", 'listen = ""']
        for name, upstream in self.routes.items():
            lines += [f"[route.{name}]", f'upstream = "{upstream}"']
        self.config.write_text("\n".join(lines) + "\n")
        self.process = subprocess.Popen([str(self.binary), "--config", str(self.config), "--state-dir", str(self.folder),
                                         "--print-endpoints", "json"], stdout=subprocess.PIPE, text=True)
        endpoints = json.loads(self.process.stdout.readline())
        self.gateway = endpoints["gateway"]
        self.control = endpoints["control"]["unix"]
        self.pid = self.process.pid

    def _stop(self):
        """Not in order: what a run of a million injections came to is of no interest here."""
        self.process.kill()
        self.process.wait()

    def command(self, *arguments):
        out = subprocess.run([str(self.murphy), *arguments, "-o", "json"], env=self.environment, stdout=subprocess.PIPE, check=True)
        return json.loads(out.stdout)

    def run(self, scenario, upstream, *agent):
        """A started controller, whose agent measures the route `up` in a run of the scenario."""
        kind, *rest = agent
        command = [str(self.murphy), "run", str(scenario), "--quiet", "--route", f"up={upstream}", "--", *AGENT, kind, str(self.pid)]
        return subprocess.Popen(command + [str(part) for part in rest], env=self.environment, stdout=subprocess.PIPE, text=True)

    def measure(self, scenario, upstream, *agent):
        """What the agent printed, line by line, to the end of the run."""
        running = self.run(scenario, upstream, *agent)
        return [json.loads(line) for line in running.communicate()[0].splitlines() if line.startswith("{")]

    def measure_and_leave(self, scenario, upstream, *agent, lines):
        """The same without waiting for the end of the run: the daemon starts anew."""
        running = self.run(scenario, upstream, *agent)
        found = []
        while len(found) < lines and (line := running.stdout.readline()):
            if line.startswith("{"):
                found.append(json.loads(line))
        running.kill()
        running.wait()
        self.restart()
        return found
