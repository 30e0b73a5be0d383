# SPDX-License-Identifier: Apache-2.0
"""The same seed breaks the same calls in the same way: twice, at 1, 2 and 8 workers, and for agents whose parallel calls differ in
shape. What fires is also what the file says, call by call."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from control import Run, state
from wire import Client, Upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}"
HEAD = 'schema = "murphy.scenario/v1"\nname = "again"\n' + "".join(
    f'[target.{name}]\nkind = "tool"\nname = "up.{name}"\n' for name in ("a", "b", "c", "d"))


def rule(name: str, when: str = "", code: int = 503, more: str = "") -> str:
    condition = f"when = {when}\n" if when else ""
    return f'[[rule]]\nid = "{name}"\ntarget = "{name}"\n{condition}{more}status = {{ code = {code} }}\n'


LOOP = '[[phase]]\nname = "calm"\nuntil = { calls = 2 }\n[[phase]]\nname = "storm"\nuntil = { injections = 2 }\nnext = "calm"\n'
GROUP = '[[group]]\nname = "g"\nrules = ["a", "b"]\n'
# Calls by the letter of their tool, small letters with arguments of their own; what the agent sees: `.` for success, else the last
# digit of the status; None: only that it is always the same.
CASES = {
    "counters": (rule("a", "{ every = 2, first = 5 }"), "aaaaaaaa", ".3.3...."),
    "pattern": (rule("a", '{ pattern = ["fail", "ok"] }', more="limit = 3\n"), "aaaaaaaa", "3.3.3..."),
    "nested": (rule("a", "{ any = [{ nth = 1 }, { all = [{ after = { calls = 2 } }, { none = [{ nth = 4 }] }] }] }"), "abaaaa", "3.33.3"),
    "draws": (rule("a", "{ probability = 0.5 }") + rule("b", "{ probability = 0.3, first = 20 }"), "ab" * 25, None),
    "attempts": (rule("a", more="attempts = [1, 2]\n"), "AAAaaA", "33.333"),
    "recovery": (rule("a", "{ nth = 1 }") + rule("b", '{ on = { recovery = "retry", of = "a", within = { calls = 2 } } }'),
                 "bAbAbb", ".3..3."),
    "loop": (LOOP + rule("a", more='phase = "storm"\n'), "aaaaaaaaa", "..33..33."),
    "ordered": (rule("a", "{ nth = 2 }") + rule("b", code=502) + GROUP
                + 'mode = "ordered"\nwithin = { calls = 2 }\n', "babaabbb", "...3.2.."),
    "at most": (rule("a") + rule("b", code=502) + GROUP + 'mode = "at_most"\nmost = 3\n', "abab", "323."),
    "window": ("[cause.x]\nwindow = { after = { calls = 2 }, lasting = { calls = 3 } }\n"
               + rule("a", '{ cause = "x" }') + rule("b", '{ cause = "x" }'),
               "abababa", "..333.."),
    "bursts": ("[cause.x]\nmarkov = { p_on = 0.3, p_off = 0.3 }\n"
               + rule("a", '{ cause = "x", cause_on = 0.9, cause_off = 0.1 }'), "ab" * 25, None),
    "ramp": (rule("a", more="intensity = { ramp = { over = { calls = 20 } } }\n"), "a" * 30, None),
    "sticky": (rule("a", '{ probability = 0.5, probability_per = "operation" }'), "aAAaAAaaa" * 5, None),
    "either": ('[[rule]]\nid = "e"\ntarget = ["a", "b"]\none_of_per = "operation"\n'
               'one_of = [{ weight = 3, status = { code = 503 } }, { status = { code = 502 } }]\n', "abAbA" * 8, None),
    "by attempt": ('[[rule]]\nid = "e"\ntarget = "a"\nattempts = [1, 3]\n'
                   'by_attempt = [{ status = { code = 503 } }, { status = { code = 502 } }, { status = { code = 429 } }]\n',
                   "AAAAaA", "329.33"),
    "failures": (rule("a", more="failures = [0, 3]\n"), "AAAAA" + "a" * 20, None),
    "k of n": (rule("a") + rule("b") + rule("c") + '[[group]]\nname = "g"\nrules = ["a", "b", "c"]\nmode = "k_of_n"\nk = 2\n',
               "abcabc", None),
    "since": (rule("b", '{ on = { call = "begins", of = "a", times = 1, since = { calls = 2 } } }'), "babbbb", "...333"),
    "answer": (rule("a", '{ on = { answer = { status = [200, 200], pointer = "/ok", equals = "true" } } }'), "aaa", ".33"),
    "any end": ('[[phase]]\nname = "calm"\nuntil = [{ calls = 9 }, { calls = 2, of = "b" }]\n[[phase]]\nname = "storm"\n'
                + rule("a", more='phase = "storm"\n'), "abaaba", ".....3"),
    "agents": (rule("a", "{ nth = 2 }", more='count_per = "agent"\n'), "a1a2a1a2a1", "..33."),
}


def play(daemon, toml: str, agent, seed: int = 7):
    with Run(daemon.daemon, {}, (), HEAD + toml, seed, 0) as run:
        seen = agent(run.urls["up"])
    fired = [(i.rule, i.address, i.fault, i.parameters, state(i)) for i in run.injections if state(i) in ("DELIVERED", "MASKED")]
    return seen, sorted(fired)


def ask(client, letter: str, number: object, agent: str = "") -> str:
    body = json.dumps({"n": str(number)}).encode()
    lines = [b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
    if agent:
        lines.append(b"x-murphy-agent: " + agent.encode())
    status = client.ask(b"POST", b"/" + letter.lower().encode(), *lines, body=body).status
    return "." if status == 200 else str(status % 10)


def sequential(calls: str):
    def agent(url: str) -> str:
        with Client(url) as client:
            return "".join(ask(client, letter, "same" if letter.isupper() else number, calls[number + 1:number + 2].strip("abcdABCD"))
                           for number, letter in enumerate(calls) if letter.isalpha())

    return agent


def parallel(url: str) -> str:
    """One thread per tool, each as fast as it can."""
    barrier = threading.Barrier(4)

    def one(letter: str) -> str:
        with Client(url) as client:
            barrier.wait(20)
            return "".join(ask(client, letter, number) for number in range(20))

    with ThreadPoolExecutor(4) as pool:
        return " ".join(pool.map(one, "abcd"))


@pytest.fixture(scope="module")
def daemons(binaries, tmp_path_factory):
    from murphyd import Murphyd
    with Upstream(OK) as server:
        route = f'[route.up]\nupstream = "{server.origin}"\n'
        made = [Murphyd(binaries, tmp_path_factory.mktemp("m"), f"[gateway]\nworkers = {workers}\n{route}")
                for workers in (1, 2, 8)]
        yield made
        for daemon in made:
            daemon.stop()


@pytest.mark.parametrize("name", CASES)
def test_the_same_calls_break_each_time_and_at_any_number_of_workers(daemons, name):
    toml, calls, wanted = CASES[name]
    played = [play(daemon, toml, sequential(calls)) for daemon in daemons for _ in range(2)]
    assert all(one == played[0] for one in played)
    if wanted is None:
        seen = {play(daemons[0], toml, sequential(calls), seed)[0] for seed in range(4)}
        assert len(seen) > 1, "another seed is another draw"
    else:
        assert played[0][0] == wanted


def test_parallel_calls_that_differ_in_shape_break_alike(daemons):
    toml = (rule("a", "{ every = 3 }") + rule("b", "{ probability = 0.4 }") + rule("c", '{ cause = "x" }') + rule("d", more="limit = 4\n")
            + '[cause.x]\nmarkov = { p_on = 0.3, p_off = 0.3, of = "c" }\n')
    played = [play(daemon, toml, parallel) for daemon in daemons for _ in range(3)]
    assert all(one == played[0] for one in played)
    assert played[0][0].split()[0] == "..3" * 6 + ".." and played[0][0].split()[3] == "3333" + "." * 16
