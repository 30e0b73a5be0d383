# SPDX-License-Identifier: Apache-2.0
"""What the READMEs say is true: their commands run, their files parse, and what they name exists."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import readme
from processes import ROOT, running, service

README = (ROOT / "README.md").read_text()
BLOCKS = readme.blocks(README)
RUN = [block for block in BLOCKS if block.mark == "run"]
READMES = sorted(path for path in ROOT.glob("**/README.md") if "build" not in path.relative_to(ROOT).parts)
MENTIONED = sorted({mention for path in READMES for mention in readme.mentions(path.read_text())})
TIMEOUT = 100
# Until it listens; a person is slower than this.
WAIT = "for _ in $(seq 200); do [ -S ~/.local/state/murphy/control.sock ] && break; sleep 0.1; done"


@pytest.fixture(scope="module")
def build(request):
    build = request.config.getoption("build")
    if build is None:
        pytest.skip("needs --build")
    return build


@pytest.fixture
def home(build):
    """A user's home with the two programs on the path, and a checkout with the files that the README shows."""
    # Not pytest's folder: the path of a Unix socket must be short.
    with tempfile.TemporaryDirectory(prefix="murphy-") as folder:
        home, checkout = Path(folder), Path(folder) / "checkout"
        (home / "bin").mkdir()
        (checkout / "build").mkdir(parents=True)
        (home / "bin" / "murphy").symlink_to(build / "tools" / "murphy" / "murphy")
        # Tests run side by side, so not on the usual ports.
        daemon = home / "bin" / "murphyd"
        daemon.write_text(f'#!/bin/sh\nexec {build}/daemon/murphyd --gateway 127.0.0.1:0 --control 127.0.0.1:0 "$@"\n')
        daemon.chmod(0o755)
        (checkout / "build" / "release").symlink_to(build)
        for name in ("proto", "scenarios"):
            (checkout / name).symlink_to(ROOT / name)
        for block in BLOCKS:
            if block.mark in ("file", "config"):
                (checkout / block.argument).write_text(block.text)
        yield home


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "MURPHY", "XDG"))}
    return {**kept, "HOME": str(home), "PATH": f"{home / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}", **more}


def run_block(home: Path, text: str, variables: dict[str, str]) -> tuple[int, str]:
    """Like a person at a shell who stops at the first failure; what was started in the background ends with it."""
    shell = subprocess.Popen(["bash", "-eu", "-o", "pipefail", "-c", text], cwd=home / "checkout", text=True, env=variables,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        # Its end, not that of its output, which the background holds open.
        code = shell.wait(TIMEOUT)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGTERM)
        output, _ = shell.communicate()
    return code, output


@pytest.mark.parametrize("block", RUN, ids=[re.sub(r"\W+", "-", block.text.strip())[:40] for block in RUN])
def test_a_command_does_what_the_readme_says(request, home, standin, payments, block):
    expected, *needs = block.argument.split(", ")
    replaced = {"http://127.0.0.1:9000": payments["origin"], "murphyd &": f"murphyd & {WAIT}"}
    if "mcp" in needs:
        replaced["http://127.0.0.1:3001/mcp"] = request.getfixturevalue("everything")["mcp"]
    text = block.text
    for shown, here in replaced.items():
        text = text.replace(shown, here)
    for file in (home / "checkout").glob("*.py"):
        file.write_text(file.read_text().replace("https://api.openai.com", standin["origin"]))
    code, output = run_block(home, text, environment(home, OPENAI_BASE_URL=standin["openai"], OPENAI_API_KEY="none"))
    assert code == int(expected), output


@pytest.mark.parametrize("config", [block.argument for block in BLOCKS if block.mark == "config"])
def test_a_configuration_is_one(build, home, config):
    command = [home / "bin" / "murphyd", "--config", home / "checkout" / config, "--print-endpoints", "json"]
    with running(command, env=environment(home)) as (_, endpoints):
        assert endpoints["gateway"]


@pytest.mark.parametrize("mention", MENTIONED, ids=" ".join)
def test_what_is_mentioned_exists(build, mention):
    program, *rest = mention
    path = build / ("daemon" if program == "murphyd" else "tools/murphy") / program
    command = [word for word in rest if not word.startswith("-")]
    done = subprocess.run([path, *command, "--help"], capture_output=True, text=True)
    assert done.returncode == 0, f"{program} {' '.join(command)}: {done.stderr}"
    for flag in [word for word in rest if word.startswith("-")]:
        assert re.search(rf"(?<![\w-]){flag}(?![\w-])", done.stdout), f"{program} {' '.join(command)} has no {flag}"


@pytest.mark.parametrize("path", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", path.read_text()) if "://" not in link]
    assert [link for link in links if link and not (path.parent / link).exists()] == []
