"""conftest.py - what the tests of this folder share: the library at hand, and the count of fits compared."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import kmu_c  # noqa: E402

compared = {"runs": 0, "cases": set()}


@pytest.fixture(scope="session")
def kmu():
    """The library through ctypes; a test that asks for it is skipped where it is not built."""
    if not kmu_c.LIBRARY.exists():
        pytest.skip(f"no library at {kmu_c.LIBRARY}")
    return kmu_c


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"exact equality: {compared['runs']} runs over {len(compared['cases'])} cases")
