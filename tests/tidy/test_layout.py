# SPDX-License-Identifier: Apache-2.0
"""The tree keeps its promises: who includes whom, how long a file may be, what belongs to a fault."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_LINES = 500
TOP = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "proto", "daemon",
       "faults", "scenarios", "tests", "tools"}

# Folder to the repository folders that its files may include, besides its own and generated protocol headers.
MAY_INCLUDE = {
    "faults": {"faults"},
    "daemon/dialect": {"faults"},
    "daemon/scenario": {"faults"},
    "daemon/engine": {"faults", "daemon/scenario"},
    "daemon/statistics": set(),
    "daemon/outcome": {"daemon/statistics"},
    "daemon/analysis": {"daemon/outcome", "daemon/statistics"},
    "daemon/config": {"faults"},
    "daemon/journal": {"faults"},
    "daemon/schedules/planner": {"faults"},
    "daemon/exchange": {"faults", "daemon/dialect", "daemon/engine", "daemon/scenario"},
    "daemon/runs": {"faults", "daemon/engine", "daemon/exchange", "daemon/journal", "daemon/scenario"},
    "daemon/wire": {"faults", "daemon/dialect", "daemon/engine", "daemon/exchange", "daemon/runs", "daemon/scenario"},
    "daemon/ways": {"faults", "daemon/dialect", "daemon/engine", "daemon/exchange", "daemon/runs", "daemon/scenario",
                    "daemon/wire"},
    "daemon/experiments": {"faults", "daemon/analysis", "daemon/config", "daemon/engine", "daemon/journal", "daemon/outcome", "daemon/runs",
                           "daemon/scenario", "daemon/schedules/planner"},
    "daemon/schedules": {"daemon/config", "daemon/engine", "daemon/experiments", "daemon/journal", "daemon/runs",
                         "daemon/scenario", "daemon/schedules/planner"},
    "daemon/safety": {"daemon/experiments", "daemon/journal", "daemon/runs", "daemon/schedules"},
    "daemon/control": {"daemon/experiments", "daemon/journal", "daemon/safety", "daemon/schedules"},
    "tools": {"tools"},
}
# Library headers, and the one folder that may include them.
ONLY_IN = {
    r"<(boost/asio|boost/beast|openssl/ssl|nghttp2)": {"daemon/wire"},
    r"<(grpcpp|grpc)/|grpc\.pb\.h": {"daemon/control", "tools/murphy"},
    r"<toml\+\+": {"daemon/config"},
    r"<sqlite3": {"daemon/journal"},
}
# What pure folders never include: sockets, threads, clocks, files.
IMPURE = r'<(thread|mutex|condition_variable|future|chrono|fstream|filesystem|sys/|unistd|fcntl)|absl/time/clock\.h'
PURE = {"faults", "daemon/scenario", "daemon/engine", "daemon/exchange", "daemon/outcome", "daemon/analysis",
        "daemon/statistics", "daemon/dialect",
        "daemon/schedules/planner"}


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns], cwd=ROOT,
                         stdout=subprocess.PIPE, check=True, text=True).stdout
    return [pathlib.Path(line) for line in out.splitlines() if (ROOT / line).exists()]


def folder_of(path):
    """The row of MAY_INCLUDE that a file or include belongs to."""
    text = str(path)
    return next((folder for folder in sorted(MAY_INCLUDE, key=len, reverse=True) if text.startswith(folder + "/")), None)


def includes(path):
    return re.findall(r'^#include ([<"][^>"]+[>"])', (ROOT / path).read_text(), re.MULTILINE)


SOURCES = tracked("faults/*.cc", "faults/*.h", "daemon/*.cc", "daemon/*.h", "tools/*.cc", "tools/*.h")


def faults():
    text = (ROOT / "proto/murphy/v1/fault.proto").read_text()
    return re.findall(r"^\s+\w+Fault (\w+) = \d+", text, re.MULTILINE)


def test_the_first_listing_shows_the_architecture():
    top = {path.parts[0] for path in tracked() if not path.parts[0].startswith(".")}
    assert top <= TOP, f"not in the layout: {sorted(top - TOP)}"


@pytest.mark.parametrize("folder", sorted(MAY_INCLUDE))
def test_includes_point_one_way(folder):
    wrong = []
    for path in SOURCES:
        if folder_of(path) != folder:
            continue
        for include in includes(path):
            target = folder_of(pathlib.Path(include.strip('"<>'))) if include.startswith('"') else None
            if target not in (None, folder) and target not in MAY_INCLUDE[folder]:
                wrong.append(f"{path} includes {include}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("pattern", sorted(ONLY_IN))
def test_each_library_has_one_home(pattern):
    wrong = [f"{path} includes {include}" for path in SOURCES for include in includes(path)
             if re.search(pattern, include) and not any(str(path).startswith(home + "/") for home in ONLY_IN[pattern])]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("folder", sorted(PURE))
def test_pure_folders_know_no_clock_thread_socket_or_file(folder):
    wrong = [f"{path} includes {include}" for path in SOURCES if folder_of(path) == folder for include in includes(path)
             if re.search(IMPURE, include)]
    assert not wrong, "\n".join(wrong)


def test_no_source_file_is_longer_than_the_cap():
    suffixes = (".cc", ".h", ".py", ".proto", ".ts", ".cmake")
    long = []
    for path in tracked():
        if path.suffix in suffixes:
            lines = len((ROOT / path).read_text().splitlines())
            if lines > MOST_LINES:
                long.append(f"{path}: {lines}")
    assert not long, "\n".join(long)


def test_every_source_says_its_licence():
    wrong = [str(path) for path in tracked("*.cc", "*.h", "*.proto", "*.py")
             if "SPDX-License-Identifier: Apache-2.0" not in (ROOT / path).read_text()[:200]]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["Manager", "Helper", "Utils", "Util", "Misc", "Impl"])
def test_no_name_says_nothing(name):
    pattern = re.compile(rf"\b(?:class|struct) \w*{name}\b")
    wrong = [str(path) for path in SOURCES if pattern.search((ROOT / path).read_text())]
    wrong += [str(path) for path in tracked() if re.search(rf"(^|_){name.lower()}s?\b", path.stem)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("fault", faults())
def test_every_fault_has_file_test_scenario_and_row(fault):
    sources = [path for path in tracked("faults/*/*.cc") if path.stem == fault]
    assert len(sources) == 1, f"expected one file faults/LAYER/{fault}.cc, found {sources}"
    layer = sources[0].parts[1]
    assert (ROOT / f"tests/faults/{layer}/{fault}_test.cc").exists(), "it has no test of its own"
    users = [path for path in tracked("scenarios/*.toml") if re.search(rf"^{fault}\s*=", (ROOT / path).read_text(), re.MULTILINE)]
    assert users, "no shipped scenario uses it"
    assert f"| `{fault}`" in (ROOT / "faults/README.md").read_text(), "faults/README.md has no row for it: run tools/dev/gen"


@pytest.mark.parametrize("scenario", tracked("scenarios/*.toml"), ids=str)
def test_every_scenario_states_its_question_and_what_must_hold(scenario):
    text = (ROOT / scenario).read_text()
    assert "[[expect]]" in text
    assert re.search(r"^purpose\s*=", text, re.MULTILINE)
    assert f'name = "{scenario.stem}"' in re.sub(r"\s*=\s*", " = ", text), "its name is not its file's"
