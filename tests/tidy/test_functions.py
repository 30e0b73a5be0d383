# SPDX-License-Identifier: Apache-2.0
"""No function is longer than a screen, and nothing is declared that nobody names."""
import ast
import shutil

import pytest

from declarations import long_functions, unused
from test_layout import ROOT, tracked

MOST_LINES = 70
CPP = tracked("*.cc", "*.h", "*.inc")
HEADERS = [path for path in CPP if path.suffix == ".h"]
# Names that the standard library and the language ask for.
ASKED_FOR = {"is_transparent", "promise_type", "await_ready", "await_suspend", "await_resume", "get_return_object", "initial_suspend",
             "final_suspend", "return_value", "return_void", "unhandled_exception"}
# What is still declared and used nowhere. This list only ever gets shorter.
UNUSED = set()

needs_ctags = pytest.mark.skipif(shutil.which("ctags") is None, reason="needs universal-ctags (tools/install/packages.txt)")


def python_files():
    """Modules, and scripts without an ending."""
    scripts = [path for path in tracked("tools/*", "tests/*") if not path.suffix
               and (ROOT / path).read_bytes()[:40].startswith(b"#!/usr/bin/env python")]
    return tracked("*.py") + scripts


def long_python_functions(root, paths, cap):
    found = []
    for path in paths:
        for node in ast.walk(ast.parse((root / path).read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno - node.lineno + 1 > cap:
                found.append((str(path), node.name, node.end_lineno - node.lineno + 1))
    return found


@needs_ctags
def test_no_function_is_longer_than_the_cap():
    assert not long_functions(ROOT, CPP, MOST_LINES)


def test_no_python_function_is_longer_than_the_cap():
    assert not long_python_functions(ROOT, python_files(), MOST_LINES)


@needs_ctags
def test_nothing_is_declared_that_nobody_names():
    found = {entry for entry in unused(ROOT, HEADERS, CPP) if entry[1] not in ASKED_FOR}
    assert not found - UNUSED, "declared, and named by nothing but its own definition: use it or delete it"
    assert not UNUSED - found, "no longer so: delete it from the list above"


PLANTED_HEADER = """
#pragma once
// unused_function is named in this sentence, and in a literal below.
int used_function(int value);
int unused_function(int value);
inline constexpr int kUsed = 1;
inline constexpr int kUnused = 2;
namespace action {
struct UsedType { int field = kUsed; };
}
class UnusedType {
 public:
  explicit UnusedType(int value);
  ~UnusedType();
  void UnusedMethod();
};
class Base {
 public:
  virtual ~Base() = default;
  virtual void Hook();
};
class Derived final : public Base {
 public:
  void CalledByALibrary() override;
};
inline int called_in_a_header() { return used_function(1); }
"""
PLANTED_SOURCE = """
#include "planted.h"
int used_function(int value) { return value; }
int unused_function(int value) { return value; }
UnusedType::UnusedType(int value) { used_function(value); }
UnusedType::~UnusedType() {}
void UnusedType::UnusedMethod() {}
void Base::Hook() {}
void Derived::CalledByALibrary() {}
int main() {
  action::UsedType value;
  Derived derived;
  derived.Hook();
  called_in_a_header();
  const char* text = "unused_function kUnused";
  return value.field + text[0];
}
"""


@needs_ctags
def test_what_is_planted_is_found_and_nothing_else(tmp_path):
    (tmp_path / "planted.h").write_text(PLANTED_HEADER)
    (tmp_path / "planted.cc").write_text(PLANTED_SOURCE)
    found = unused(tmp_path, ["planted.h"], ["planted.h", "planted.cc"])
    assert {name for _, name in found} == {"unused_function", "kUnused", "UnusedType", "UnusedMethod"}


@needs_ctags
def test_a_long_function_is_found(tmp_path):
    (tmp_path / "long.cc").write_text("int Short() {\n  return 1;\n}\nint Long() {\n" + "  Short();\n" * 9 + "}\n")
    assert long_functions(tmp_path, ["long.cc"], 10) == [("long.cc", "Long", 11)]
    (tmp_path / "long.py").write_text("def short():\n    pass\n\n\ndef long():\n" + "    short()\n" * 10)
    assert long_python_functions(tmp_path, ["long.py"], 10) == [("long.py", "long", 11)]
