"""conftest.py - one browser for all pages, none of which may complain or ask for anything."""
import pytest

from browser import Browser


@pytest.fixture(scope="session")
def browser():
    made = Browser()
    yield made
    made.driver.quit()


@pytest.fixture(autouse=True)
def nothing_is_wrong(browser):
    yield
    assert browser.complaints() == [] and browser.requests() == []
