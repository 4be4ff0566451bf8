"""A browser for the tests of moving pictures, and pages with players to open in it."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import browser_executable, launch

ASSETS = Path(__file__).parents[1] / "book" / "assets"


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
    """Open a page with some players; the errors of its scripts fail the test."""
    contexts, errors = [], []

    def open_page(*players, **options):
        file = tmp_path / "page.html"
        file.write_text(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>'
            f'<link rel="stylesheet" href="{(ASSETS / "player.css").as_uri()}">'
            f'<script src="{(ASSETS / "player.js").as_uri()}"></script>'
            + "".join(player._repr_html_() for player in players),
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
