"""The site builds without a warning, and every page of it works without a network.

A browser opens each page from a folder and from a server, on a narrow and a wide
screen. ``complaints`` lists what a reader would stumble over.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat import v4
from playwright.sync_api import BrowserContext

from tests.browser import FIREFOX
from tests.page.test_answers_browser import TYPE, TYPED, wrong
from tools.faces import LETTERS
from tools.pages import METADATA
from tools.site import reference
from tools.site.formulas import typeset

ROOT = Path(__file__).resolve().parent.parent

ASKED = re.compile('class="answer" data-exercise="{"name":"([^"]+)"')

LOOK = r"""async () => {
  const found = [], all = (selector) => [...document.querySelectorAll(selector)];
  await document.fonts.ready;

  for (const math of all(".math")) {
    if (!math.querySelector(".katex-html") || !math.querySelector("math"))
      found.push(`formula not typeset: ${math.textContent}`);
    if (math.matches("span") && getComputedStyle(math).overflowX !== "visible")
      found.push(`a formula in a line may scroll: ${math.textContent}`);
    const next = math.nextSibling;
    if (next?.nodeType === 3 && /^[.,;:!?)]/.test(next.data) && math.matches("span"))
      found.push(`may begin a line: ${next.data.slice(0, 20)}`);
    for (const part of math.querySelectorAll(
        "msub, msup, munder, mover, mfrac, mroot, msubsup, munderover"))
      if (part.children.length !== (/subsup|underover/.test(part.localName) ? 3 : 2))
        found.push(`wrong MathML: ${part.outerHTML}`);
  }

  const raw = /\\[a-zA-Z]{2,}|\\[([]|\$\S[^$]*\$|\{[a-z:]+\}`|^\s*:{3}|\[\^\w+\]/m;
  const text = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (text.nextNode())
    if (raw.test(text.currentNode.data) && !text.currentNode.parentElement.closest(
        "code, pre, script, style, noscript, textarea, .katex"))
      found.push(`raw source in the text: ${text.currentNode.data.trim()}`);

  for (const image of all("img")) {
    await image.decode().catch(() => found.push(`broken image ${image.src}`));
    if (!image.alt) found.push(`image without alternative text ${image.src}`);
  }
  for (const drawing of all("svg.plot")) {
    if (!drawing.getAttribute("aria-label")) found.push("drawing without a name");
    const frame = drawing.getBoundingClientRect();
    const scale = frame.width / drawing.viewBox.baseVal.width;
    const over = getComputedStyle(drawing).overflow === "visible" ? 8 : 2;
    for (const text of drawing.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (!box.width) continue;  // folded
      const size = scale * parseFloat(getComputedStyle(text).fontSize);
      if (size < 11) found.push(`letters ${size} pixels high: ${text.textContent}`);
      if (box.left < frame.left - over || box.right > frame.right + over ||
          box.top < frame.top - over || box.bottom > frame.bottom + over)
        found.push(`a drawing cuts off ${text.textContent}`);
    }
  }
  for (const drawing of all('.cell_output img[src$=".svg"]'))
    found.push("a drawing in a file of its own does not know the colours of the page");
  for (const player of all(".player"))
    if (!player.querySelector("button, input, select"))
      found.push("a player has no control");
  return found;
}"""

OVERFLOW = """() => {
  const wide = document.scrollingElement.scrollWidth;
  if (wide <= innerWidth) return "";
  const sticks = (element) => element.getBoundingClientRect().right > innerWidth;
  const boxed = (element) => element !== document.body &&
    (getComputedStyle(element).overflowX !== "visible" || boxed(element.parentElement));
  const deepest = [...document.body.querySelectorAll("*")]
    .filter((element) => sticks(element) && !boxed(element)).pop();
  return `${wide} pixels wide on a screen of ${innerWidth}, by ` +
    (deepest || document.body).outerHTML.slice(0, 120);
}"""


def complaints(context: BrowserContext, url: str, site: str, folder: Path) -> list[str]:
    """All that is wrong with one page.

    ``site`` is the address at which the site begins and ``folder`` its place on the
    disk, which is where links are looked up.
    """
    found = []
    page = context.new_page()

    def note_request(request):
        if not request.url.startswith((site, "data:", "blob:")):
            found.append(f"asks for {request.url}")

    def note_console(message):
        if message.type == "error":
            found.append(f"console: {message.text}")

    page.on("request", note_request)
    page.on("requestfailed", lambda request: found.append(f"missing {request.url}"))
    page.on("console", note_console)
    page.on("pageerror", lambda error: found.append(f"script error: {error}"))
    page.route(
        lambda address: not address.startswith((site, "data:", "blob:")),
        lambda route: route.abort(),  # these checks ask nobody either
    )
    page.goto(url, wait_until="load")
    found += page.evaluate(LOOK)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        if sentence := page.evaluate(OVERFLOW):
            found.append(sentence)
    links = page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)")
    found += [
        f"broken link {link}"
        for link in sorted(set(links))
        if link.startswith(site) and not leads_somewhere(link, site, folder)
    ]
    page.close()
    return found


def leads_somewhere(link: str, site: str, folder: Path) -> bool:
    """Whether a link within the site has a file, and its fragment an element."""
    parts = urlsplit(link)
    target = folder / unquote(parts.path.removeprefix(urlsplit(site).path)).lstrip("/")
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return False
    name = re.escape(unquote(parts.fragment))
    text = target.read_text(encoding="utf-8") if name else ""
    return bool(re.search(rf'\bid="{name}"', text)) if name else True


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built site."""
    output = tmp_path_factory.mktemp("site")
    command = shutil.which("jupyter-book", path=Path(sys.executable).parent)
    run = subprocess.run(
        [command, "build", ROOT, "--path-output", output, "-W", "-n", "--keep-going"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    return output / "_build" / "html"


@pytest.fixture(scope="session")
def pages(site):
    """All pages of the site, relative to its folder, but for the way in."""
    paths = [path.relative_to(site) for path in sorted(site.rglob("*.html"))]
    return [
        p for p in paths if p.parts[0] != "_static" and p.as_posix() != "index.html"
    ]


@pytest.fixture(scope="session")
def context(browser):
    """A browser's window on a phone."""
    context = browser.new_context(viewport={"width": 360, "height": 800})
    yield context
    context.close()


@pytest.fixture
def server(site):
    """The address of a server of the site."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=site)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_site_has_every_page_of_the_table_of_contents(pages):
    contents = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text())
    assert {f"{name}.html" for name in contents} <= {path.as_posix() for path in pages}


def test_the_way_in_leads_to_the_first_page(context, site):
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.wait_for_url("**/book/start/welcome.html")
    page.close()


def book_complaints(context, start, site, pages) -> str:
    """The complaints about all pages, one a line."""
    found = {p: complaints(context, start + p.as_posix(), start, site) for p in pages}
    return "\n".join(f"{p}: {sentence}" for p in found for sentence in found[p])


def test_pages_work_from_a_folder(context, site, pages):
    start = site.as_uri() + "/"
    assert book_complaints(context, start, site, pages) == ""


def test_pages_work_from_a_server(context, site, pages, server):
    assert book_complaints(context, server, site, pages) == ""


def test_all_exercises_are_answered_right_and_wrong_on_their_pages(
    context, site, pages, server
):
    answered = []
    for path in pages:
        names = ASKED.findall(unescape((site / path).read_text("utf-8")))
        for start in (f"{site.as_uri()}/", server) if names else ():
            page = context.new_page()
            page.goto(start + path.as_posix())
            counted = page.locator(".answers-done").inner_text
            assert counted() == f"0 of {len(names)} exercises done"
            for change, mood in ((lambda typed: typed, "right"), (wrong, "wrong")):
                cases = [(name, change(TYPED[name])) for name in names]
                said = page.evaluate(TYPE, cases)
                assert [one[0] for one in said] == [mood] * len(names), (cases, said)
            assert counted() == f"{len(names)} of {len(names)} exercises done"
            page.close()
        answered += names
    assert sorted(answered) == sorted(TYPED)


AXE = [f"book/{p}.html" for p in ("start/welcome", "perceptron/neuron")]
AXE.append("book/pathologies/optimizers.html")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_bars_a_reader_who_listens_or_sees_little(browser, site, pages, mode):
    """By the rules of axe; AXE=all looks at every page, the others with their folds."""
    names = [p.as_posix() for p in pages] if os.environ.get("AXE") == "all" else AXE
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, found = context.new_page(), []
    page.add_init_script(f"localStorage.setItem('mode', '{mode}')")
    for name in names:
        page.goto((site / name).as_uri())
        page.eval_on_selector_all("details", "all => all.forEach(d => d.open = true)")
        for rule in Axe().run(page).response["violations"]:
            where = rule["nodes"][0]["html"]
            found.append(f"{name}: {rule['id']}: {len(rule['nodes'])}, first {where}")
    context.close()
    assert "\n".join(found) == ""


def test_each_part_has_a_page_with_what_its_pages_ask(site):
    text = (site / "book/perceptron/index.html").read_text("utf-8")
    listed = text[text.index('<ol class="part">') : text.index("</article>")]
    assert re.findall('href="([^"]*)"', listed)[:2] == [
        "neuron.html",
        "two_layers.html",
    ]
    assert "What can one artificial neuron decide" in listed
    page = (site / "book/perceptron/neuron.html").read_text("utf-8")
    assert re.search(r'<nav class="crumbs".*?href="index.html"', page, re.DOTALL)


def test_reference_and_listings_lead_to_each_other(site):
    folder = site / "book/appendix/reference"
    text = "".join(path.read_text("utf-8") for path in folder.glob("*.html"))
    written = set(re.findall(r'<dt class="sig[^>]* id="([^"]+)"', text))
    missing = [
        f"{module}.{name}"
        for module in reference.modules("course_lib")
        if not module.startswith("course_lib.page.")
        for name in reference.public(module)
        if getattr(import_module(module), name).__doc__
    ]
    assert [name for name in missing if name not in written] == []
    assert re.search(r'Shown on <a href="../../perceptron/matrices.html"', text)
    page = (site / "book/perceptron/matrices.html").read_text("utf-8")
    title = r'<p class="file"><a href="([^"]*)#course_lib.perceptron.matrices.\w+">'
    assert re.findall(title, page) == ["../appendix/reference/perceptron.html"]


def test_notes_stand_in_the_margin_where_there_is_room(browser, site):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto((site / "book/perceptron/neuron.html").as_uri())
    places = """() => [...document.querySelectorAll(".copied-note, .slides")]
      .map((one) => one.getBoundingClientRect())
      .map(({left, top, bottom}) => [left, top, bottom])
      .filter(([, top, bottom]) => bottom > top)"""
    wide = sorted(page.evaluate(places), key=lambda place: place[1])
    text = page.locator("main").bounding_box()
    assert all(left > text["x"] + text["width"] for left, _, _ in wide)
    assert all(one[2] <= next_[1] for one, next_ in pairwise(wide))
    page.set_viewport_size({"width": 1200, "height": 900})
    assert page.locator(".copied-note:visible").count() == 0
    assert 0 < len(page.evaluate(places)) < len(wide)
    page.close()


HEAVY = [
    f"book/{p}.html" for p in ("backprop/gradient_descent", "pathologies/curvature")
]
HEAVY.append("book/pathologies/vanishing_gradients.html")
PICTURES = re.compile(
    r'<svg [^>]*class=["\'](?:plot|scene).*?</svg>|<img [^>]*src="data:[^>]*>'
    r'|<script type="application/json">.*?</script>',
    re.DOTALL,
)


LOADED = """async () => {
  await document.fonts.ready;
  return performance.getEntriesByType("resource").map((one) => one.name);
}"""


@pytest.mark.parametrize("name", HEAVY)
def test_a_page_weighs_little_beside_its_pictures(context, server, site, name):
    page = context.new_page()
    page.goto(server + name, wait_until="load")
    loaded = {address.removeprefix(server) for address in page.evaluate(LOADED)}
    page.close()
    assert len([one for one in loaded if one.endswith(".woff2")]) > 4
    pictures = "".join(PICTURES.findall((site / name).read_text("utf-8")))
    weights = {one: (site / one).stat().st_size for one in {*loaded, name}}
    assert pictures and sum(weights.values()) - len(pictures.encode()) <= 500_000


def test_faces_that_were_cut_have_all_letters_of_the_formulas(site, pages):
    text = "".join((site / path).read_text("utf-8") for path in pages)
    for face, names in (("Main-Bold", "mathbf"), ("AMS-Regular", "mathbb|amsrm")):
        kept = re.compile(f"[{LETTERS[f'KaTeX_{face}']}]")
        used = re.findall(rf'class="(?:{names})"[^>]*>([^<]+)<', text)
        assert used
        missing = {x for x in unescape("".join(used)) if not kept.match(x)}
        assert missing == set(), face


def built(folder, cells, *parts):
    """What parts of the extension make of these cells, and the warnings of it."""
    notebook = v4.new_notebook(cells=cells, metadata=METADATA)
    nbformat.write(notebook, folder / "index.ipynb")
    extensions = ["myst_nb", *(f"tools.site.{part}" for part in parts)]
    settings = {"extensions": extensions, "nb_execution_mode": "off"}
    settings |= {"numfig": True, "suppress_warnings": ["myst-nb.lexer"]}
    settings |= {"myst_enable_extensions": ["dollarmath"]}
    if "formulas" in parts:
        settings["html_math_renderer"] = "katex"
    lines = [f"{name} = {value!r}" for name, value in settings.items()]
    (folder / "conf.py").write_text("\n".join(lines), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", ".", "html"],
        check=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    return (folder / "html" / "index.html").read_text("utf-8"), run.stderr


def test_a_drawing_stands_in_the_page_with_its_caption_and_number(tmp_path):
    svg = '<svg class="plot" viewBox="0 0 9 9"><text>letter</text></svg>'
    figure = {"caption": "What is *seen*.", "name": "seen"}
    look = {"mystnb": {"figure": figure, "image": {"alt": 'A "letter".'}}}
    output = v4.new_output("display_data", {"image/svg+xml": svg})
    cells = [
        v4.new_markdown_cell("# Page\n\nIn {numref}`seen`."),
        v4.new_code_cell("draw()", outputs=[output], metadata=look),
    ]
    page, warnings = built(tmp_path, cells, "pictures")
    assert warnings == ""
    drawn = re.search(r"<figure.*?</figure>", page, re.DOTALL)[0]
    assert '<svg role="img" aria-label="A &quot;letter&quot;." class="plot"' in drawn
    assert "<img" not in page and "<text>letter</text></svg>" in drawn
    assert "Fig. 1" in drawn and "What is <em>seen</em>." in drawn
    assert "Fig. 1" in page.split("<figure")[0]


def test_formulas_are_typeset_when_the_site_is_built(tmp_path):
    text = "# Page of $x$\n\nIf ($x_1 < y$), so.\n\n$$\n\\sum_i x_i\n$$"
    page, warnings = built(tmp_path, [v4.new_markdown_cell(text)], "formulas")
    assert warnings == ""
    line, block = re.findall(r'<(?:span|div) class="math".*?</(?:p|div)>', page, re.S)
    assert "<msub><mi>x</mi><mn>1</mn></msub>" in line and "annotation" not in page
    assert '<span class="beside">(</span>' in line  # what clings to the formula
    assert '<span class="beside">),</span></span></span></span></span> so.' in line
    assert 'display="block"' in block and "katex-display" in block


@pytest.mark.parametrize("tex", [r"\frac{1}", r"\unknown x", r"x^1^2"])
def test_wrong_tex_is_a_warning(tmp_path, tex):
    cell = v4.new_markdown_cell(f"# Page\n\nSo $x$ is ${tex}$.")
    page, warnings = built(tmp_path, [cell], "formulas")
    assert "wrong TeX: KaTeX parse error" in warnings
    assert page.count("katex-html") == 1


def code(source, *tags, **data):
    """A cell that has run; ``data`` is its output by the last part of its kind."""
    kinds = {"markdown": "text/markdown", "svg": "image/svg+xml"}
    output = {kinds[kind]: value for kind, value in data.items()}
    outputs = [v4.new_output("display_data", output)] if output else []
    return v4.new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)})


def test_code_stands_in_one_fold_below_what_it_draws(tmp_path):
    svg = '<svg class="plot" viewBox="0 0 9 9"><text>seen</text></svg>'
    listing = "`course_lib/a.py`\n\n```python\nb = 2\n```"
    cells = [
        v4.new_markdown_cell("# Page\n\n*Slides 4, 5*"),
        code("import numpy as np"),
        code("show(unit)", markdown=listing),
        v4.new_markdown_cell("Words."),
        code("c = 3", "hide-input"),
        code("draw(c)", "hide-input", svg=svg),
        v4.new_markdown_cell("Other words."),
        code("d = 4", svg=svg),
        code("e = 5", "hide-cell", svg=svg),
        v4.new_markdown_cell("## ▸ Measured: *over* seeds"),
        code("f = 6", svg=svg),
        v4.new_markdown_cell("## Next"),
    ]
    page, warnings = built(tmp_path, cells, "folds", "pictures")
    assert warnings == ""
    text = re.sub(r"<[^>]*>", "", page[page.index("<h1>") :])
    folds = re.findall(r'<details class="fold (\w+)', page)
    assert folds == ["code", "solution", "evidence"]
    order = ["course_lib/a.py", "b = 2", "Words.", "seen", "code", "import numpy"]
    order += ["show(unit)", "c = 3", "draw(c)", "Other words.", "d = 4", "seen"]
    order += ["Solution", "e = 5", "seen", "Measured: over seeds", "f = 6", "Next"]
    places = [0]
    for words in order:
        places.append(text.index(words, places[-1]))
    assert '<p class="file">' in page and '<p class="slides">' in page
    assert page.index("</details>", page.index("Measured")) < page.index(">Next")


def drawing(look):
    """A drawing of one letter."""
    named = '<svg class="plot" aria-label="x" viewBox="0 0 100 100" width="100">'
    return f"{named}<text {look}>x</text></svg>"


FAULTS = {
    "://example.invalid/a.png": '<img alt="x" src="http://example.invalid/a.png">',
    "asks for https://example.invalid/a.js": '<script src="https://example.invalid/a.js"></script>',
    "console: oh": '<script>console.error("oh")</script>',
    "script error: oh": '<script>throw Error("oh")</script>',
    "missing": '<script src="nowhere.js"></script>',
    "formula not typeset: x": '<span class="math">x</span>',
    "wrong MathML: <msub>": '<span class="math"><math><msub></msub></math></span>',
    "in a line may scroll": '<span class="math" style="overflow: auto">x</span>',
    "may begin a line: , and": '<p><span class="math">x</span>, and</p>',
    r"raw source in the text: \frac12": r"<p>\frac12</p>",
    "raw source in the text: $x$": "<p>$x$</p>",
    "raw source in the text: {ref}": "<p>{ref}`x`</p>",
    "640 pixels wide on a screen of 360": '<div style="width: 640px">.</div>',
    "broken image": '<img alt="x" src="data:image/png;base64,AAAA">',
    "without alternative": '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    "a player has no control": '<figure class="player"></figure>',
    "drawing without a name": '<svg class="plot" viewBox="0 0 9 9"></svg>',
    "letters 9 pixels high: x": drawing('font-size="9" y="50"'),
    "a drawing cuts off x": drawing('font-size="20" x="99" y="50"'),
    "in a file of its own": '<p class="cell_output"><img alt="x" src="data:a.svg">',
    "nowhere.html": '<a href="nowhere.html">x</a>',
    "page.html#nowhere": '<a href="#nowhere">x</a>',
}


def shown(context, folder, body):
    """The complaints about a small page with this body."""
    page = folder / "page.html"
    page.write_text(
        "<!doctype html><meta charset=utf-8><style>body { margin: 0 }</style>"
        f"<body>{body}",
        encoding="utf-8",
    )
    return complaints(context, page.as_uri(), "file:///", Path("/"))


def test_a_good_page_has_no_complaints(context, tmp_path):
    formula = f'<span class="math">{typeset("x")}</span>'
    body = f'<p id="here">Text {formula} <a href="#here">on</a>'
    assert shown(context, tmp_path, body) == []


@pytest.mark.parametrize("sentence", FAULTS)
def test_fault_is_reported(context, tmp_path, sentence):
    if FIREFOX and sentence == "missing":
        pytest.skip("Firefox tells what is missing on a server, not in a folder")
    assert sentence in "\n".join(shown(context, tmp_path, FAULTS[sentence]))
