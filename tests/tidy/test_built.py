# SPDX-License-Identifier: Apache-2.0
"""A test that nobody builds cannot fail."""
import fnmatch
import re

from test_layout import ROOT, tracked


def named_by(listing):
    """Paths below a CMake listing that it names, as patterns."""
    text = re.sub(r"#.*", "", listing.read_text())
    return [str((listing.parent / word).resolve()) for word in re.findall(r"[\w./*+-]+_test\.cc", text)]


def test_every_test_is_built():
    patterns = [pattern for path in tracked("*CMakeLists.txt") for pattern in named_by(ROOT / path)]
    unbuilt = [str(path) for path in tracked("*_test.cc")
               if not any(fnmatch.fnmatch(str(ROOT / path), pattern) for pattern in patterns)]
    assert not unbuilt, f"no CMakeLists.txt names {', '.join(unbuilt)}"
