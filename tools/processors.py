"""Run the pages as other processors would, and print what no longer comes out.

    python tools/processors.py                    # every row below
    python tools/processors.py --short            # two rows, two parts, as in CI
    python tools/processors.py --rows "shaken 1" "two threads" --only book/sgd

The rows are the kernels of OpenBLAS and the functions of NumPy that other processors
take, two threads, results shaken in their last bit from five seeds (`tests/shaken.py`),
and the Pythons at hand, each in an environment of its own (made in ``.venvs/`` from
the lock). A row passes when every page prints and draws what it stores and every claim
holds.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NO_512 = "X86_V4 AVX512_ICL"
NO_AVX2 = "X86_V3 X86_V4 AVX512_ICL"
ROWS = {
    "as it is": {},
    **{
        f"BLAS kernel {kernel}": {"OPENBLAS_CORETYPE": kernel}
        for kernel in ("Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX")
    },
    "NumPy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": NO_512},
    "NumPy without AVX2": {"NPY_DISABLE_CPU_FEATURES": NO_AVX2},
    "most laptops (AVX2)": {
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": NO_512,
    },
    "an old processor": {
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": NO_AVX2,
    },
    "two threads": dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2"
    ),
    **{f"shaken {seed}": {"SHAKEN": str(seed)} for seed in range(1, 6)},
}
SHORT = ("shaken 1", "most laptops (AVX2)")
QUICK = ["book/perceptron", "book/backprop"]  # two minutes; all pages take twenty
PYTHONS = [f"3.{minor}" for minor in range(11, 16)]
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?)(?:\.ipynb)?::(.*?)(?: - .*)?$", re.M)


def can_run(row: str) -> bool:
    """Whether this processor has what a row asks for."""
    cpu = Path("/proc/cpuinfo")
    flags = cpu.read_text().split() if cpu.exists() else []
    needs = dict.fromkeys(
        ("BLAS kernel Haswell", "BLAS kernel Zen", "most laptops (AVX2)"), "avx2"
    ) | {"BLAS kernel SkylakeX": "avx512f"}
    return row not in needs or needs[row] in flags


def failures(python: str, variables: dict[str, str], paths: list[str]) -> list[str]:
    """The cells and claims that fail under some variables, as ``page: cell``."""
    run = subprocess.run(
        [python, "-m", "pytest", "-q", "--tb=no", "-n2", *paths],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
    )
    found = [f"{Path(m[1]).name}: {m[2]}" for m in FAILED.finditer(run.stdout)]
    if run.returncode and not found:
        found = [(run.stdout + run.stderr)[-2000:]]
    return found


def environment(version: str) -> str | None:
    """The Python of an environment made from the lock, or None without that Python."""
    found = shutil.which(f"python{version}")
    if found is None:
        return None
    folder = ROOT / ".venvs" / version
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        subprocess.run([found, "-m", "venv", folder], check=True)
        install = [python, "-m", "pip", "install", "-q", "-r", "requirements.txt"]
        subprocess.run([*install, "-e", "."], cwd=ROOT, check=True)
    return str(python)


def main() -> None:
    """Read the command line, run the rows, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="two rows, two parts")
    parser.add_argument("--rows", nargs="+", help="some of the rows, by name")
    parser.add_argument("--only", nargs="+", help="some of the pages and claims")
    given = parser.parse_args()
    paths = given.only or (QUICK if given.short else ["book", "tests/claims"])
    pythons = [f"Python {version}" for version in PYTHONS]
    rows = given.rows or (SHORT if given.short else [*ROWS, *pythons])
    broken = False
    for row in rows:
        if row in pythons:
            python, variables = environment(row.removeprefix("Python ")), {}
        else:
            python, variables = can_run(row) and sys.executable, ROWS[row]
        found = failures(python, variables, paths) if python else None
        said = "not on this machine" if found is None else "; ".join(found)
        said = said or "all stand"
        print(f"{row:24} {said}", flush=True)
        broken = broken or bool(found)
    sys.exit(broken)


if __name__ == "__main__":
    main()
