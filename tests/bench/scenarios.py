# SPDX-License-Identifier: Apache-2.0
"""Scenario files that rows run."""


def write(folder, name, text):
    path = folder / f"{name}.toml"
    path.write_text(f'schema = "murphy.scenario/v1"\nname = "{name}"\n[guard]\nmax_injections = 1000000\n{text}\n')
    return path


def idle_rules(folder, count):
    """Rules for tools that nobody calls."""
    lines = []
    for i in range(count):
        lines += [f"[target.t{i}]", 'kind = "tool"', f'name = "elsewhere.tool-{i}"']
    for i in range(count):
        lines += ["[[rule]]", f'id = "r{i}"', f'target = "t{i}"', "status = { code = 503 }"]
    return write(folder, f"idle-rules-{count}", "\n".join(lines))


def rule(folder, name, fault, when=""):
    return write(folder, name, f'[[rule]]\nid = "{name}"\n{when}\n{fault}')
