"""The browser of the tests: an installed Chromium, driven without a window.

BROWSER=firefox takes Firefox, through ``firefox.py``.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests import firefox

FIREFOX = os.environ.get("BROWSER") == "firefox"
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
    names = firefox.NAMES if FIREFOX else NAMES
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None and os.environ.get("CI"):
        raise RuntimeError(f"No browser found. Install one of: {', '.join(names)}")
    return path


def launch(playwright: Playwright) -> Browser:
    """Start the browser; ask ``browser_executable`` first whether there is one."""
    if FIREFOX:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return playwright.firefox.launch(
            channel="moz-firefox",  # an installed one, not one of Playwright's own
            executable_path=firefox.__file__,
            env=os.environ | {"PATH": path},
            firefox_user_prefs={"dom.security.https_first": False},
        )
    path = browser_executable()
    return playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
