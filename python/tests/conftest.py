"""conftest.py - the examples of the package's own docstrings are tests."""

import doctest

import pytest

import kmu
from kmu import _functions, _kmeans, _patch


def pytest_generate_tests(metafunc):
    """A test for every example."""
    if "example" in metafunc.fixturenames:
        finder = doctest.DocTestFinder(exclude_empty=True)
        tests = [t for module in (kmu, _functions, _kmeans, _patch) for t in finder.find(module, module.__name__) if t.examples]
        metafunc.parametrize("example", tests, ids=[t.name for t in tests])


@pytest.fixture
def run_example():
    """Run a docstring's examples."""
    return doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
