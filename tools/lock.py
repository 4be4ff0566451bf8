"""Print for which Pythons and machines all packages of the lock exist as wheels.

    python tools/lock.py
    python tools/lock.py requirements.txt requirements-oracles.txt

A cell is the number of packages, or "no"; then the reason stands below. The Pythons are
the classifiers of `pyproject.toml`. Nothing is installed, and none of these Pythons is
needed, but a network and uv (``pip install uv``), which evaluates the markers for the
Python and the machine asked for. (pip's ``--python-version`` does not: it takes wheels
for that Python, but evaluates markers for the one that runs it.)
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MACHINES = {
    "Linux x86_64": "x86_64-manylinux_2_28",
    "Linux aarch64": "aarch64-manylinux_2_28",
    "macOS arm64": "aarch64-apple-darwin",
    "macOS x86_64": "x86_64-apple-darwin",
    "Windows amd64": "x86_64-pc-windows-msvc",
}
MACOS = {"MACOSX_DEPLOYMENT_TARGET": "14.0"}  # the oldest that PyTorch has wheels for


def pythons() -> list[str]:
    """The Pythons that the project promises, such as "3.11"."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [line.rpartition(" ")[2] for line in project["classifiers"]]


def resolve(python: str, machine: str, files: list[str]) -> tuple[list[str], str]:
    """The wheels that files of requirements lead to, and a complaint, empty if none."""
    command = ["uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
    command += ["--only-binary", ":all:", "--python-version", python]
    command += ["--python-platform", MACHINES[machine]]
    command += ["pyproject.toml", "--all-extras", *files]
    run = subprocess.run(
        command, cwd=ROOT, env=os.environ | MACOS, capture_output=True, text=True
    )
    wheels = run.stdout.split()
    pins = {word for file in files for word in (ROOT / file).read_text("utf-8").split()}
    unpinned = [] if "requirements-oracles.txt" in files else sorted({*wheels} - pins)
    if run.returncode == 0 and unpinned:
        return wheels, f"not in the lock: {', '.join(unpinned)}"
    return wheels, run.stderr


def main() -> None:
    """Print the table; exit with an error if a cell is "no"."""
    files = sys.argv[1:] or ["requirements.txt"]
    complaints = []
    print("Python", *(f"{machine:>13}" for machine in MACHINES), sep="  ")
    for python in pythons():
        row = []
        for machine in MACHINES:
            wheels, complaint = resolve(python, machine, files)
            row.append("no" if complaint else str(len(wheels)))
            if complaint:
                complaints.append(f"{python}, {machine}: {complaint}")
        print(f"{python:6}", *(f"{cell:>13}" for cell in row), sep="  ", flush=True)
    sys.exit("\n".join(complaints))


if __name__ == "__main__":
    main()
