"""The extension of Sphinx that builds the site: what pages become, and their frame."""

from importlib import import_module

PARTS = ("answers", "appendix", "folds", "formulas", "frame", "pictures")
PARTS += ("reference", "tables")


def setup(app):
    for part in PARTS:
        import_module(f"{__name__}.{part}").setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
