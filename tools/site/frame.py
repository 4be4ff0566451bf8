"""What the frame of a page says about its place in the book.

The theme's template (`theme/layout.html`) gets the parts with their pages, the page's
number, a sentence on what the page before and the page after ask, and only the files
that a page of the book needs.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx_external_toc.parsing import parse_toc_yaml

from tools.site.folds import SLIDES

PLAIN = re.compile(  # spans without a look: code without a color, words of code
    r'<span class="(?:n|p|o|w|nb|nn|bp|fm|pre|std std-(?:doc|ref))">([^<]*)</span>'
)
DOCUTILS = re.compile(
    r' class="reference (?:internal|external)"|(?<=")docutils | notranslate'
)
CLASSES = re.compile('class="([^"]*)"')
RULE = re.compile(r"([^{}]+)\{[^{}]*\}")
CLASS = re.compile(r"(?<!:not\()\.([\w-]+)")
FAMILY = re.compile(r"KaTeX_\w+")
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
    lines = document.findall(nodes.paragraph)
    said = (line for line in lines if not SLIDES.fullmatch(line.astext()))
    first = next(said, nodes.paragraph()).deepcopy()
    for mark in list(first.findall(nodes.footnote_reference)):
        mark.parent.remove(mark)
    questions = getattr(app.env, "book_questions", {})
    questions[app.env.docname] = " ".join(first.astext().split()).replace(" .", ".")
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


def index(pages):
    """The page that lists the pages of a part."""
    return pages[-1].rpartition("/")[0] + "/index"


def is_in(name, pages):
    """Whether a page is of a part: its own page, one of its pages, or below one."""
    return name == index(pages) or any(f"{name}/".startswith(f"{p}/") for p in pages)


def part_pages(app):
    """A page for each part, which says what its pages ask."""
    for caption, _, pages in parts(app):
        yield index(pages), {"title": caption}, "part.html"


def describe(app, pagename, templatename, context, doctree):
    """Add to the context of the template what the frame says."""
    env, path = app.env, context["pathto"]
    static = "_static/{}".format
    context["body"] = numbered(
        DOCUTILS.sub("", PLAIN.sub(r"\1", context.get("body") or ""))
    )
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
            "address": path(index(pages)),
            "here": is_in(pagename, pages),
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
    context["part"] = next((p for p in context["parts"] if p["here"]), None)


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
        used = set()
        for page in Path(app.outdir).rglob("*.html"):
            for names in CLASSES.findall(page.read_text("utf-8")):
                used.update(names.split())
        styles = [(static / name).read_text("utf-8") for name in STYLES]
        whole = "\n".join([needed(styles[0], used), *styles[1:]])
        whole = whole.replace("url(fonts/KaTeX", "url(katex/fonts/KaTeX")
        (static / "pages.css").write_text(whole, encoding="utf-8")


def needed(styles, used):
    """Of KaTeX's rules those whose classes pages use, and the faces that these name."""
    faces, rules = [], []
    for rule in RULE.finditer(styles):
        if rule[1] == "@font-face":
            faces.append(rule[0])
        elif any(used.issuperset(CLASS.findall(one)) for one in rule[1].split(",")):
            rules.append(rule[0])
    kept = "".join(rules)
    return "".join(face for face in faces if FAMILY.search(face)[0] in kept) + kept


def sections(toc):
    """The list of a page's sections, without the page's title around it."""
    inner = toc.partition("</a>")[2]
    return inner[: inner.rfind("</li>")].strip()


def setup(app):
    app.connect("doctree-read", remember_question)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("html-collect-pages", part_pages)
    app.connect("html-page-context", describe, priority=900)
    app.connect("build-finished", join_styles)
    app.add_html_theme("book", str(Path(__file__).with_name("theme")))
