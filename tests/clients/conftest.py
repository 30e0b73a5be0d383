# SPDX-License-Identifier: Apache-2.0
"""Fixtures: the services, the daemon, and runs of it."""

import re

import pytest

from processes import service


@pytest.fixture(scope="session")
def standin():
    with service("standin") as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def payments():
    with service("payments") as endpoints:
        yield endpoints


@pytest.fixture
def customer(request) -> str:
    """A customer of the test's own, so that tests may share a ledger."""
    return re.sub(r"\W+", "-", request.node.name)[:60]
