"""What the frame of a page says about its place in the book.

The theme's template (`theme/layout.html`) gets the parts with their pages, the page's
number, a sentence on what the page before and the page after ask, and only the files
that a page of the book needs.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx_external_toc.parsing import parse_toc_yaml

PLAIN = re.compile(r'<span class="(?:n|p|o|w|nb|nn|bp|fm)">([^<]*)</span>')  # no color
UNNUMBERED = {"Before we begin", "Appendix"}
STYLES = ("katex/katex.css", "colors.css", "book.css", "player.css")
STYLES += ("answers.css", "tables.css")
SCRIPTS = ("book.js", "player.js", "answers.js")
SEARCH = (
    "documentation_options.js",
    "doctools.js",
    "searchtools.js",
    "language_data.js",
)


def remember_question(app, document):
    """Keep the first paragraph of a page: the question that it answers."""
    first = next(document.findall(nodes.paragraph), None)
    questions = getattr(app.env, "book_questions", {})
    questions[app.env.docname] = first.astext().replace("\n", " ") if first else ""
    app.env.book_questions = questions


def forget(_, env, docname):
    """Forget a page that is read again."""
    getattr(env, "book_questions", {}).pop(docname, None)


def merge(_, env, docnames, other):
    """Take over what another process has read."""
    mine = getattr(env, "book_questions", {})
    mine |= {name: other.book_questions[name] for name in docnames}
    env.book_questions = mine


def parts(app):
    """The parts of the book: a caption, a number or "", and the pages."""
    toc = parse_toc_yaml(Path(app.config.external_toc_path))
    found, number = [], 0
    for tree in toc.root.subtrees:
        pages = [str(item) for item in tree.items]
        if not found:
            pages.insert(0, toc.root.docname)
        number += tree.caption not in UNNUMBERED
        label = "" if tree.caption in UNNUMBERED else str(number)
        found.append((tree.caption, label, pages))
    return found


def describe(app, pagename, templatename, context, doctree):
    """Add to the context of the template what the frame says."""
    env, path = app.env, context["pathto"]
    static = "_static/{}".format
    context["body"] = numbered(PLAIN.sub(r"\1", context.get("body") or ""))
    context["style"] = path(static("pages.css"), 1)
    context["scripts"] = [path(static(name), 1) for name in SCRIPTS]
    if pagename == "search":
        context["scripts"] += [path(static(name), 1) for name in SEARCH]
        context["scripts"].append(path("searchindex.js", 1))
    book = parts(app)
    order = [name for _, _, pages in book for name in pages]

    def link(name):
        title = env.titles[name].astext()
        return {
            "title": title,
            "address": path(name),
            "here": name == pagename,
            "question": env.book_questions.get(name, ""),
        }

    context["parts"] = [
        {
            "caption": caption,
            "number": number,
            "here": pagename in pages,
            "pages": [
                link(name) | {"number": f"{number}.{k}" if number else ""}
                for k, name in enumerate(pages, 1)
            ],
        }
        for caption, number, pages in book
    ]
    context["count"] = len(order)
    context["sections"] = sections(context.get("toc") or "")
    if pagename in order:
        place = order.index(pagename)
        context["place"] = place + 1
        context["before"] = link(order[place - 1]) if place else None
        context["after"] = link(order[place + 1]) if place + 1 < len(order) else None
        context["question"] = env.book_questions.get(pagename, "")
        context["part"] = next(p for p in context["parts"] if p["here"])


def numbered(body):
    """A page whose figures have numbers before their captions; tables have none."""
    count, table = 0, False

    def number(found):
        nonlocal count, table
        if found[0].startswith("<figure"):
            table = "book-table" in found[0]
        elif not table:
            count += 1
            return f'<figcaption><span class="number">Figure {count}.</span> '
        return found[0]

    return re.sub(r"<figure\b[^>]*>|<figcaption>", number, body)


def join_styles(app, failed):
    """Write all styles into one file, which a page waits for but once."""
    static = Path(app.outdir, "_static")
    if not failed and static.is_dir():
        whole = "\n".join((static / name).read_text("utf-8") for name in STYLES)
        whole = whole.replace("url(fonts/KaTeX", "url(katex/fonts/KaTeX")
        (static / "pages.css").write_text(whole, encoding="utf-8")


def sections(toc):
    """The list of a page's sections, without the page's title around it."""
    inner = toc.partition("</a>")[2]
    return inner[: inner.rfind("</li>")].strip()


def setup(app):
    app.connect("doctree-read", remember_question)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("html-page-context", describe, priority=900)
    app.connect("build-finished", join_styles)
    app.add_html_theme("book", str(Path(__file__).with_name("theme")))
