"""A studio that runs, and Chromium that opens its page."""

import os
import shutil

import pytest

from browsing import Page, running

CHROMIUM = os.environ.get("PTK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
NEEDED = os.environ.get("PTK_NEEDS_CHROMIUM") == "1"  # where a missing browser is a failure
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def address():
    pytest.importorskip("starlette", reason="ptk studio is an extra")
    with running() as place:
        yield place


@pytest.fixture(scope="module")
def browser():
    """Chromium, closed with the module: while Playwright runs, other tests of this process have no asyncio."""
    if CHROMIUM is None:
        (pytest.fail if NEEDED else pytest.skip)("Chromium is not installed: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="pages are tried with Playwright")
    with playwright.sync_playwright() as started:
        yield started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@pytest.fixture
def page(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    opened = Page(context.new_page())
    yield opened
    context.close()
    assert opened.errors == []
