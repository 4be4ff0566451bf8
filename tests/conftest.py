"""A browser for the tests of moving pictures, and pages with players to open in it."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import browser_executable, launch

ROOT = Path(__file__).parents[1]
STYLES = [ROOT / "course_lib/page/colors.css", ROOT / "book/assets/player.css"]
SCRIPT = ROOT / "book/assets/player.js"


@pytest.fixture(scope="module")
def browser():
    if browser_executable() is None:
        pytest.skip("no Chromium or Chrome is installed")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def page_of(browser, tmp_path):
    """Open a page with some pictures; the errors of its scripts fail the test."""
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
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
