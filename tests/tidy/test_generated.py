# SPDX-License-Identifier: Apache-2.0
"""What is generated is fresh, and the protos hold to buf's rules."""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = pathlib.Path(__file__).with_name("package.json")


def run(*command, **options):
    return subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, **options)


def test_generated_parts_are_fresh():
    done = run(sys.executable, "tools/dev/gen", "--check")
    assert done.returncode == 0, done.stderr


def install(folder, path):
    """npm's words when it cannot. Several workers may come here at the same time."""
    installed = folder / "package.json"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed.exists() and installed.read_text() == PACKAGE.read_text():
            return None
        installed.unlink(missing_ok=True)
        staged = folder / "staged"
        staged.mkdir(exist_ok=True)
        shutil.copy(PACKAGE, staged)
        done = run("npm", "install", "--prefix", staged, "--silent", "--no-audit", "--no-fund", "--no-package-lock",
                   env={**os.environ, "PATH": path})
        if done.returncode:
            return done.stderr
        shutil.copy(PACKAGE, installed)
    return None


@pytest.fixture
def buf(request):
    """A command that runs buf, which npm installs beside the services."""
    services = request.config.getoption("services")
    if services is None or not (services / "node").exists():
        pytest.skip("needs Node 20 or newer (tools/demo-agent/setup)")
    node = (services / "node").resolve()
    folder = services / "buf"
    if complaint := install(folder, f"{services / 'venv' / 'bin'}:{node.parent}:{os.environ['PATH']}"):
        pytest.skip(f"npm could not install @bufbuild/buf: {complaint.strip()[-200:]}")
    return [node, folder / "staged" / "node_modules" / "@bufbuild" / "buf" / "bin" / "buf"]


def test_protos_hold_to_the_rules_of_buf(buf):
    done = run(*buf, "lint", "proto")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_proto_that_breaks_the_rules_is_found(buf, tmp_path):
    """So that silence above means something."""
    shutil.copy(ROOT / "proto" / "buf.yaml", tmp_path)
    (tmp_path / "wrong.proto").write_text('syntax = "proto3";\npackage wrong;\nmessage not_a_name {}\n')
    done = run(*buf, "lint", tmp_path)
    assert done.returncode != 0 and "not_a_name" in done.stdout
