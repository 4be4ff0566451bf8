"""What every run of the tests needs, whichever files are named on the command line.

The pages of ``book/`` are run by nbval, which skips figures and forgives lost outputs.
Here its comparison gives way to the strict one of ``tests/notebooks.py``.
"""

import os

# One thread, before NumPy is imported, as the number of threads changes the last bits;
# set these variables to try another number.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

from tests import shaken

shaken.install()  # before the package is imported, if SHAKEN is set

import matplotlib.font_manager  # noqa: F401  (a slow first import reports to stderr)
import nbval.kernel
import nbval.plugin

from tests.kernels import persistent
from tests.notebooks import differences


def compare_outputs(cell, fresh, stored, skip_compare=None) -> bool:
    """Compare all outputs of a cell; stands in for nbval's own method."""
    found = differences(stored, fresh)
    page = cell.path.relative_to(cell.config.rootpath).as_posix()
    advice = f"If the new output is right, store it: python tools/pages.py run {page}"
    cell.comparison_traceback = [*found, advice]
    return not found


nbval.plugin.IPyNbCell.compare_outputs = compare_outputs
# Outputs are compared in the order in which a reader meets them.
nbval.plugin.coalesce_streams = list
nbval.kernel.start_new_kernel = persistent(shaken.kernel(nbval.kernel.start_new_kernel))
