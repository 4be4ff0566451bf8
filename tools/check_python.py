"""Say in a plain sentence that a Python is too old for the book, and what to do.

    python3 tools/check_python.py

The README's lines begin with it, for what pip would say is obscure. So it must run on
the old Pythons too.
"""

import os
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 15)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def version_of(python):
    """The version that a command runs, as (3, 12); (0, 0) if it runs none."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        out = subprocess.check_output([python, "-c", code], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return (0, 0)
    return tuple(int(part) for part in out.split())


def check(version, root=ROOT):
    """Exit with a sentence if a Python, or an environment made earlier, is too old."""
    oldest, newest, this = ("{}.{}".format(*v) for v in (OLDEST, NEWEST, version))
    if version < OLDEST:
        names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
        here = [name for name in names if version_of(name) >= OLDEST]
        cure = f"install Python {newest}, for example from python.org"
        if here:
            cure = f"type the line again with {here[0]} in place of python3"
        sys.exit(f"The book needs Python {oldest} or newer, this is {this}: {cure}.")
    venv = os.path.join(root, ".venv")
    python = os.path.join(venv, "Scripts" if os.name == "nt" else "bin", "python")
    if os.path.isdir(venv) and version_of(python) < OLDEST:
        sys.exit(f"{venv} was made with an older Python: delete it, and try again.")
    if version > NEWEST:
        print(f"The book was tried up to Python {newest}; this is {this}.")


if __name__ == "__main__":
    check(sys.version_info[:2])
