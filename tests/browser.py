"""The browser of the tests: an installed Chromium, driven without a window."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_executable() -> str | None:
    """Path of an installed browser, or None; in CI it is an error to have none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None and os.environ.get("CI"):
        raise RuntimeError(f"No browser found. Install one of: {', '.join(NAMES)}")
    return path


def launch(playwright: Playwright) -> Browser:
    """Start the browser; ask ``browser_executable`` first whether there is one."""
    path = browser_executable()
    return playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
