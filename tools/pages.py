"""Write, show and run the pages of the book.

A page is a notebook with its outputs. Its text form (Markdown with code cells, the
"md:myst" format of jupytext) is easier to write:

    python tools/pages.py text book/start/welcome.ipynb > welcome.md
    python tools/pages.py write welcome.md book/start/welcome.ipynb
    python tools/pages.py run book/*/*.ipynb

``write`` keeps the ids of unchanged cells and runs the page; ``run`` runs pages where
they are. A page that has not changed comes out byte for byte as it was.
"""

import argparse
import hashlib
import os
from difflib import SequenceMatcher
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def set_ids(cells: list, old_cells: list) -> None:
    """Give each cell the id of the same cell in the old page, or one of its content."""
    new, old = ([(c.cell_type, c.source) for c in cs] for cs in (cells, old_cells))
    ids = dict[int, str]()
    for a, b, size in SequenceMatcher(
        a=new, b=old, autojunk=False
    ).get_matching_blocks():
        ids |= {a + i: old_cells[b + i].id for i in range(size)}
    taken = set(ids.values())
    for i, (kind, source) in enumerate(new):
        n = 0  # the number of tries: two cells may have the same content
        while i not in ids:
            digest = hashlib.sha256(f"{kind}{source}{n or ''}".encode()).hexdigest()[:8]
            if digest not in taken:
                ids[i] = digest
                taken.add(digest)
            n += 1
        cells[i].id = ids[i]


def join_streams(outputs: list) -> list:
    """Join neighbouring pieces of one stream: where it is cut is a matter of timing."""
    joined: list = []
    for output in outputs:
        previous = joined[-1] if joined else {}
        if output["output_type"] == "stream" and output["name"] == previous.get("name"):
            text = previous["text"] + output["text"]
            joined[-1] = nbformat.from_dict({**previous, "text": text})
        else:
            joined.append(output)
    return joined


def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells in a fresh kernel and leave nothing in the page but its outputs."""
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise SystemExit(str(error)) from None
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = join_streams(cell.outputs)


def save(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Check the notebook's form and write it."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def text_of(notebook: nbformat.NotebookNode) -> str:
    """The text form of a page, without a header."""
    notebook.metadata = nbformat.from_dict(
        METADATA | {"jupytext": {"notebook_metadata_filter": "-all"}}
    )
    return jupytext.writes(notebook, fmt="md:myst")


def write(text: str, path: Path) -> None:
    """Turn the text form into the page at ``path`` and run it."""
    notebook = jupytext.reads(text, fmt="md:myst")
    old = nbformat.read(path, as_version=4).cells if path.exists() else []
    set_ids(notebook.cells, old)
    run(notebook, path.parent)
    save(notebook, path)


def main(arguments: list[str] | None = None) -> None:
    """Obey the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("write", help="make a page of its text form, and run it")
    verb.add_argument("text", type=Path)
    verb.add_argument("notebook", type=Path)
    verb = verbs.add_parser("text", help="print the text form of a page")
    verb.add_argument("notebook", type=Path)
    verb = verbs.add_parser("run", help="run pages again, in place")
    verb.add_argument("notebooks", type=Path, nargs="+")
    args = parser.parse_args(arguments)
    if args.verb == "write":
        write(args.text.read_text(encoding="utf-8"), args.notebook)
    elif args.verb == "text":
        print(text_of(nbformat.read(args.notebook, as_version=4)), end="")
    else:
        for path in args.notebooks:
            notebook = nbformat.read(path, as_version=4)
            run(notebook, path.parent)
            save(notebook, path)


if __name__ == "__main__":
    main()
