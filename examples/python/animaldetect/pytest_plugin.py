# SPDX-License-Identifier: MIT
"""A fixture with the service in memory. In conftest.py: `pytest_plugins = ["animaldetect.pytest_plugin"]`."""
from __future__ import annotations

from typing import Iterator

import pytest

from .mock import Mock


@pytest.fixture
def animaldetect_mock() -> Iterator[Mock]:
    """A service in memory for one test; a client that broke the service's contract fails it."""
    with Mock() as mock:
        yield mock
        assert not mock.violations, mock.violations
