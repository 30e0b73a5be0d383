# SPDX-License-Identifier: Apache-2.0
"""What a README shows: files, commands that are run, and every mention of `murphy` and `murphyd`."""

import itertools
import re
import shlex
from dataclasses import dataclass

# A comment that does not render, and the block that follows it.
BLOCK = re.compile(r"^(?:<!-- (\w+): (.*?) -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
NAME = re.compile(r"[a-z][a-z-]*")
FLAG = re.compile(r"--?[a-z][a-z-]*")


@dataclass
class Block:
    mark: str
    argument: str
    text: str


def blocks(text: str) -> list[Block]:
    return [Block(mark, argument, body) for mark, argument, _, body in BLOCK.findall(text)]


def without_comments(line: str) -> str:
    return re.sub(r"\s#\s.*", "", line).removeprefix("$ ").strip()


def words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def mentions(text: str) -> set[tuple[str, ...]]:
    """(program, subcommands…, flags…) of each command, without its values and without the agent's own command."""
    commands = [without_comments(line) for block in blocks(text)
                for line in re.sub(r"\\\n\s*", "", block.text).splitlines()]
    commands += SPAN.findall(BLOCK.sub("", text))
    found = set()
    for command in commands:
        program, *rest = words(command) or [""]
        program = program.rpartition("/")[2]
        if program in ("murphy", "murphyd"):
            rest = rest[:rest.index("--")] if "--" in rest else rest
            names = list(itertools.takewhile(NAME.fullmatch, rest))
            flags = {flag for word in rest if FLAG.fullmatch(flag := word.partition("=")[0])}
            found.add((program, *names, *sorted(flags)))
    return found
