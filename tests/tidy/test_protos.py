# SPDX-License-Identifier: Apache-2.0
"""Comments of protos say what a name does not."""
import re

import pytest

from test_layout import ROOT, tracked

EMPTY = {"a", "an", "the", "of", "its", "request", "response"}


def words(text):
    return [word.lower().rstrip("s") for word in re.findall(r"[A-Za-z][a-z]*", text)]


def repeats(comment, declaration):
    """Whether a comment of one line has no word that is not in the name below it."""
    name = re.split(r"[=({\[]", declaration)[0]
    said = [word for word in words(comment) if word not in EMPTY]
    return set(said) <= set(words(name))


def echoes(text):
    lines = [line.strip() for line in text.split("\n")]
    return [line for before, line, after in zip([""] + lines, lines, lines[1:])
            if line.startswith("//") and after and not before.startswith("//") and not after.startswith("//") and "SPDX" not in line
            and repeats(line[2:], after)]


@pytest.mark.parametrize("proto", tracked("proto/murphy/*.proto"), ids=str)
def test_no_comment_says_the_name_again(proto):
    assert not echoes((ROOT / proto).read_text())


def test_an_echo_is_found_and_a_contract_is_not():
    text = "// Run.\nstring run = 1;\n// Runs, newest first.\nrepeated Run runs = 2;\n// Request of GetRun.\nmessage GetRunRequest {\n"
    assert echoes(text) == ["// Run.", "// Request of GetRun."]
