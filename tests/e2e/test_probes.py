# SPDX-License-Identifier: Apache-2.0
"""Probes: what they ask, what their answers settle, and that nothing is made of one that does not answer."""

import http.server
import importlib.util
import json
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from control import messages
from wire import Upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
BROKEN_DOWN = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
HEAD = """
schema = "murphy.scenario/v1"
name = "probed"
[target.charge]
path = "/charge"
role = "side_effect"
[[rule]]
latency = { fixed = "1ms" }
"""
# Charges so often, and gives up where it is told that it failed.
AGENT = """
import os, sys, urllib.request
def charge(order=1):
    with open(os.environ["LEDGER"], "a") as ledger: ledger.write("charge\\n")
    request = urllib.request.Request(os.environ["MURPHY_ROUTE_TOOL"] + "/charge", b'{"order": %d}' % order, {"Content-Type": "application/json"})
    try:
        return urllib.request.urlopen(request, timeout=10).status
    except Exception:
        return 0
def look():
    urllib.request.urlopen(os.environ["MURPHY_ROUTE_TOOL"] + "/look").read()
exec(sys.argv[1])
"""


def acts_and_does_not_say_so(connection):
    while True:
        charges = connection.request().first.startswith(b"POST")
        connection.send(BROKEN_DOWN if charges else OK)


@pytest.fixture(scope="module")
def own(binaries, tmp_path_factory):
    from murphyd import Murphyd
    with Murphyd(binaries, tmp_path_factory.mktemp("m")) as daemon:
        yield daemon


@pytest.fixture
def probed(own, tmp_path):
    """`probed(probe, agent)` runs the agent under a scenario with the probe: exit code, outcome, and report."""
    ledger = tmp_path / "ledger"
    ledger.write_text("")

    def run(probe: str, agent: str = "charge()", *options, answer=OK, env=None, more: str = ""):
        file = tmp_path / "probed.toml"
        file.write_text(f"{HEAD}\n{more}\n[[probe]]\nname = 'p'\n{probe}\n")
        with Upstream(answer) as server:
            done = own.murphy("run", file, "--route", f"tool={server.origin}", "-o", "json", *options, "--", sys.executable, "-c", AGENT, agent,
                              env={"LEDGER": str(ledger), **(env or {})})
        assert done.stdout, done.stderr
        report = json.loads(done.stdout)
        return done.returncode, report["runs"][0]["outcome"], report

    run.ledger = ledger
    return run


def answers(outcome: dict) -> list:
    return [probe.get("answer") for probe in outcome["report"]["probes"]]


def test_a_command_is_asked_at_each_moment(probed):
    code, outcome, report = probed("command = 'wc -l < \"$LEDGER\"'\nwhen = ['before', 'on_fault', 'after']\nat_most = 1", "charge()")
    assert code == 0, report["reason"]
    assert [(probe["moment"].removeprefix("PROBE_MOMENT_"), probe["answer"]) for probe in outcome["report"]["probes"]] == [
        ("BEFORE", "0"), ("ON_FAULT", "1"), ("AFTER", "1")]
    assert outcome["report"]["probes"][1]["injection"] == "1"
    (result,) = outcome["expects"]
    assert result["held"] and not result["vacuous"]
    assert (result["expect"], result["evidence"]) == (
        'probe = { name = "p", at_most = 1 }', 'after the run it answered "1"; it was asked 3 times')


def test_an_answer_that_is_not_as_it_should_be_is_a_violation(probed):
    code, outcome, report = probed("command = 'wc -l < \"$LEDGER\"'\nat_most = 1", "charge(); charge(2)")
    assert code == 4 and 'after the run it answered "2"' in report["reason"], report["reason"]


def test_while_the_agent_runs_what_changes_is_told(probed):
    code, outcome, report = probed("command = 'wc -l < \"$LEDGER\"'\nwhen = 'during'\nevery = '20ms'\nmatches = '^[0-9]$'",
                                   "import time; charge(); time.sleep(.5); charge(2); time.sleep(.5)")
    assert code == 0, report["reason"]
    assert answers(outcome)[-2:] == ["1", "2"] and len(answers(outcome)) <= 3, outcome["report"]


@pytest.mark.parametrize("agent, exit_code", [("look(); charge()", 0), ("look(); charge(); charge()", 4)], ids=["once", "twice"])
def test_a_count_settles_what_the_ledger_does_not_know(probed, agent, exit_code):
    expect = "[[expect]]\nat_most_once_effect = {}\n"
    code, outcome, report = probed("command = 'true'", agent, "--check", "true", answer=acts_and_does_not_say_so, more=expect)
    assert code == (0 if exit_code == 0 else 5) and outcome["unknown_effects"] > 0, report["reason"]
    probed.ledger.write_text("from before\n")
    code, outcome, report = probed("command = 'wc -l < \"$LEDGER\"'\nwhen = ['before', 'after']\nsettles = 'charge'", agent, "--check", "true",
                                   answer=acts_and_does_not_say_so, more=expect)
    assert code == exit_code, report["reason"]
    assert outcome["report"]["effects"] == {"charge": 1 if exit_code == 0 else 2}


@pytest.mark.parametrize("probe, said", [
    ("command = 'sleep 60 & sleep 60'\ntimeout = '300ms'", "it did not answer within 0.3s"),
    ("command = 'no-such-program-at-all'", "it ended with exit code 127"),
    ("command = 'echo half; exit 3'", "it ended with exit code 3"),
    ("command = 'echo many'\nat_most = 3", 'it answered "many", which is no number'),
    ("http = { url = 'http://127.0.0.1:1/' }", "it ended with exit code 7"),
    ("http = { url = '$NO_SUCH_VARIABLE/' }", "there is no variable NO_SUCH_VARIABLE in the environment"),
    ("http = { url = '$MURPHY_ROUTE_TOOL/' }\npointer = '/count'", "the answer has nothing at /count"),
    ("sql = { database = 'sqlite:/no/such/file', query = 'select 1' }", "unable to open database"),
    ("sql = { database = 'postgresql://127.0.0.1:1/x', query = 'select 1' }", "it ended with exit code 2"),
    ("prometheus = { url = 'http://127.0.0.1:1', query = 'up' }", "it ended with exit code 7"),
], ids=["hangs", "is-not-there", "fails", "is-no-number", "refuses", "has-no-variable", "has-no-place", "has-no-file", "has-no-server", "has-no-prometheus"])
def test_one_that_does_not_answer_decides_nothing(probed, probe, said):
    if "at_most" not in probe:
        probe += "\nequals = '1'"
    begin = time.monotonic()
    code, outcome, report = probed(probe)
    assert code == 5 and said in report["reason"], report["reason"]
    assert outcome["outcome_class"].endswith("RECOVERED") and time.monotonic() - begin < 20


def test_a_program_that_is_not_installed_is_said(probed, tmp_path):
    (tmp_path / "bin").mkdir()
    for name in ("sh", "env"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    code, _, report = probed("http = { url = 'http://127.0.0.1:1/' }\nequals = '1'", env={"PATH": str(tmp_path / "bin")})
    assert code == 5 and "curl cannot be run: No such file or directory" in report["reason"], report["reason"]


def test_what_a_probe_calls_is_not_the_agents_traffic(own, probed):
    code, outcome, report = probed("http = { url = '$MURPHY_ROUTE_TOOL/count' }\nequals = '{}'")
    assert code == 0, report["reason"]
    assert outcome["exchanges"] == 1
    module = messages("journal_service")
    assert len(own.daemon.journal.ListExchanges(module.ListExchangesRequest(run=report["runs"][0]["id"])).exchanges) == 1


class Answers(http.server.BaseHTTPRequestHandler):
    """Tells what it was asked."""

    def do_POST(self):
        size = int(self.headers.get("Content-Length", 0))
        self.answer({"path": self.path, "token": self.headers.get("Authorization"), "body": self.rfile.read(size).decode(), "nested": [{"n": 7}]})

    def do_GET(self):
        result = [] if "nothing" in self.path else [{"metric": {}, "value": [1.5, "3"]}]
        self.answer({"status": "success", "data": {"resultType": "vector", "result": result * (2 if "many" in self.path else 1)}})

    def answer(self, document):
        data = json.dumps(document).encode()
        self.send_response(500 if "broken" in self.path else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def web():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_http_with_method_headers_and_body(probed, web):
    probe = ("http = { url = '$WEB/x', method = 'POST', headers = { Authorization = 'Bearer $WEB_TOKEN' }, body = '{\"say\": \"a \\\\ \\n b\"}' }\n"
             "pointer = '/nested/0/n'\nequals = '7'")
    code, outcome, report = probed(probe, env={"WEB": web, "WEB_TOKEN": "s3cret-value"})
    assert code == 0, report["reason"]
    code, outcome, report = probed("http = { url = '$WEB/broken' }\nequals = '7'", env={"WEB": web})
    assert code == 5 and "the status is 500" in report["reason"]


def test_secrets_are_redacted_wherever_they_are_told(own, probed, web):
    probe = "http = { url = '$WEB/x', method = 'POST', headers = { Authorization = 'Bearer $WEB_TOKEN' } }\nmatches = 'Bearer'"
    code, outcome, report = probed(probe, env={"WEB": web, "WEB_TOKEN": "s3cret-value"})
    assert "s3cret-value" not in json.dumps(report)
    # What was redacted cannot be compared.
    assert code == 5 and "[redacted]" in outcome["report"]["probes"][0]["answer"]
    journal = b"".join(path.read_bytes() for path in own.directory.rglob("*") if path.is_file())
    assert b"s3cret-value" not in journal
    shown = own.murphy("run", "show", report["runs"][0]["id"], "-o", "json").stdout
    assert "s3cret-value" not in shown and "[redacted]" in shown


def test_prometheus_comes_to_one_number(probed, web):
    for query, code_wanted, said in (("up", 0, ""), ("nothing", 5, "the query comes to nothing"), ("many", 5, "the query comes to 2 series")):
        code, outcome, report = probed(f"prometheus = {{ url = '$WEB/', query = 'sum({query}{{job=\"x y\"}})' }}\nat_least = 3", env={"WEB": web})
        assert code == code_wanted and said in report["reason"], report["reason"]


def test_sqlite_counts(probed, tmp_path):
    file = tmp_path / "ledger.db"
    with sqlite3.connect(file) as database:
        database.execute("create table charges (amount)")
        database.execute("insert into charges values (42)")
    query = "sql = { database = '$DB', query = 'select count(*), max(amount) from charges' }\nequals = '1|42'"
    code, outcome, report = probed(query, env={"DB": f"sqlite:{file}"})
    assert code == 0, report["reason"]
    code, outcome, report = probed("sql = { database = '$DB', query = 'delete from charges' }\nequals = ''", env={"DB": f"sqlite:{file}"})
    assert code == 5 and "readonly" in report["reason"], report["reason"]


def own_postgres(folder: Path) -> Path:
    """The programs of the server, out of their wheel, where everybody may run them."""
    wheel = Path(importlib.util.find_spec("pgserver").submodule_search_locations[0])
    for part in wheel.parent.glob("pgserver*"):
        if part.is_dir():
            shutil.copytree(part, folder / part.name)
    return folder / "pgserver" / "pginstall" / "bin"


@pytest.fixture(scope="module")
def postgres():
    """A server of the test's own, with a password, on a free port."""
    with tempfile.TemporaryDirectory(prefix="murphy-pg-") as name, socket.create_server(("127.0.0.1", 0)) as free:
        folder, port = Path(name), free.getsockname()[1]
        free.close()
        folder.chmod(0o755)
        programs = own_postgres(folder)
        data, password, log = folder / "data", folder / "password", folder / "log"
        for path in (data, log):
            path.mkdir() if path == data else path.touch()
        password.write_text("pg-s3cret-word")
        # The server does not run as root.
        user = {"user": pwd.getpwnam("nobody").pw_uid} if os.getuid() == 0 else {}
        for path in (data, password, log) if user else ():
            os.chown(path, user["user"], -1)

        def do(program: str, *words) -> None:
            done = subprocess.run([programs / program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder, **user)
            assert done.returncode == 0, done.stderr + log.read_text()

        do("initdb", "-D", data, "-U", "murphy", "-A", "scram-sha-256", "--pwfile", password, "-N")
        do("pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", f"-p {port} -h 127.0.0.1 -k '' -F")
        try:
            url = f"postgresql://murphy:pg-s3cret-word@127.0.0.1:{port}/postgres"
            do("psql", "-X", url, "-c", "create table charges as select 42 as amount")
            yield url
        finally:
            do("pg_ctl", "stop", "-m", "immediate", "-D", data)


def test_postgresql_counts_and_tells_no_password(own, probed, postgres):
    query = "sql = { database = '$LEDGER_URL', query = 'select count(*), sum(amount) from charges' }\nequals = '1|42'"
    code, outcome, report = probed(query, env={"LEDGER_URL": postgres})
    assert code == 0, report["reason"]
    code, outcome, report = probed("sql = { database = '$LEDGER_URL', query = 'delete from charges' }\nequals = ''", env={"LEDGER_URL": postgres})
    assert code == 5 and "read-only transaction" in report["reason"], report["reason"]
    code, outcome, report = probed("sql = { database = '$LEDGER_URL', query = \"select 'pg-s3cret-word'\" }\nmatches = 'pg'", env={"LEDGER_URL": postgres})
    assert code == 5 and "pg-s3cret-word" not in json.dumps(report["runs"]), report["reason"]


def test_a_client_that_asks_no_probes_settles_nothing(own):
    toml = HEAD + "[[probe]]\nname = 'p'\ncommand = 'true'\nequals = ''\n"
    with Upstream(OK) as server:
        import urllib.request
        from control import Run
        with Run(own.daemon, {"tool": server.origin}, (), toml, 7, 0) as run:
            urllib.request.urlopen(urllib.request.Request(run.urls["tool"] + "/charge", b"{}")).read()
            run.report = {"task": "TASK_STATE_CORRECT"}
        (result,) = run.outcome.expects
        assert not result.held and result.vacuous and result.evidence == "nobody asked it after the run"
        with Run(own.daemon, {"tool": server.origin}, (), toml, 7, 1) as run:
            urllib.request.urlopen(urllib.request.Request(run.urls["tool"] + "/charge", b"{}")).read()
            run.report = {"task": "TASK_STATE_CORRECT", "probes": [{"probe": "p", "moment": "PROBE_MOMENT_AFTER", "answer": ""}]}
        assert run.outcome.expects[0].held


def test_mistakes_in_a_probe_are_found_where_they_are(own, tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text(HEAD + """[[probe]]
name = "a"
sql = { database = "mysql://x", query = "select 1" }
[[probe]]
name = "a"
command = "true"
matches = "("
settles = "chrge"
every = "1s"
[[probe]]
name = "c"
when = "afterwards"
""")
    done = own.murphy("plan", file)
    assert done.returncode == 2
    for said in ("one of `before`, `during`, `after`, `on_fault`", "needs one of `command`, `http`, `sql`, `prometheus`"):
        assert said in done.stderr, done.stderr
    file.write_text(file.read_text().replace('name = "c"\nwhen = "afterwards"\n', 'name = "c"\ncommand = "true"\n'))
    done = own.murphy("plan", file)
    for said in ("sqlite:PATH or postgresql://", "there are two probes `a`", "is no expression", "did you mean `charge`?", "when = \"during\""):
        assert said in done.stderr, done.stderr
