"""What tests share: no deadlines, and a browser for moving pictures.

No test depends on how fast the machine is: Hypothesis measures nothing, and in the
browser time passes when a test says so, with ``page.clock.run_for``.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import sync_playwright

from tests.browser import browser_executable, launch

settings.register_profile(
    "no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("no clock")

ROOT = Path(__file__).parents[1]
STYLES = [ROOT / "course_lib/page/colors.css", ROOT / "book/assets/player.css"]
SCRIPT = ROOT / "book/assets/player.js"


@pytest.fixture(scope="session")
def browser():
    """One for all tests of a process: a second would ask for a loop that is taken."""
    if browser_executable() is None:
        pytest.skip("the browser of the tests is not installed")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def page_of(browser, tmp_path):
    """Open a page with some pictures; the errors of its scripts fail the test.

    The clock of the page stands still.
    """
    contexts, errors = [], []

    def open_page(*pictures, **options):
        file = tmp_path / "page.html"
        file.write_text(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>'
            + "".join(f'<link rel="stylesheet" href="{s.as_uri()}">' for s in STYLES)
            + f'<script src="{SCRIPT.as_uri()}"></script>'
            + "".join(p if isinstance(p, str) else p._repr_html_() for p in pictures),
            encoding="utf-8",
        )
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else 0)
        page.goto(file.as_uri())
        page.clock.install(time=0)
        page.clock.pause_at(1)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
