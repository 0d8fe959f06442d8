"""pages.py - the command that makes pages, a browser for them, and what a reader does with one."""
import os
import subprocess
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from browser import Browser

ROOT = Path(__file__).resolve().parents[2]
KMU = Path(os.environ.get("KMU") or ROOT / "build" / "release" / "kmu").resolve()
WIDTHS = (360, 768, 1440)


def kmu(folder, *args):
    done = subprocess.run([KMU, *map(str, args)], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def said(browser):
    """The step that is shown, its J, and its words."""
    return browser.ask("const e = document.getElementById('step-said'); return [e.dataset.step, e.dataset.j, e.textContent]")


def press(browser, label):
    browser.driver.find_element(By.CSS_SELECTOR, f"button[aria-label='{label}']").click()


def colours(browser):
    """The colours of the player's points, as classes."""
    return browser.ask("return [...document.querySelectorAll('#player svg > g:nth-of-type(2) circle')].map(c => c.getAttribute('class'))")


# ---- fixtures: a module that uses them imports them

@pytest.fixture(scope="module")
def browser():
    made = Browser()
    yield made
    made.driver.quit()


@pytest.fixture(autouse=True)
def nothing_is_wrong(browser):
    """No page may complain or ask for anything."""
    yield
    assert browser.complaints() == [] and browser.requests() == []
