// The frame of a page: contents on a phone, light and dark, folds, copying code, search.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const make = (tag, attributes, html = "") => {
    const node = document.createElement(tag);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    node.innerHTML = html;
    return node;
  };
  const remember = (key, value) => {
    try { localStorage.setItem(key, value); } catch { /* storage may be forbidden */ }
  };

  // Contents, on a screen without room for them
  const opener = document.querySelector(".to-contents");
  const contents = document.querySelector("nav.contents");
  const button = make("button", { class: "to-contents", type: "button",
    "aria-expanded": "false", "aria-controls": "contents" }, opener.innerHTML);
  opener.replaceWith(button);
  const open = (state) => {
    root.classList.toggle("contents-open", state);
    button.setAttribute("aria-expanded", state);
    if (state) (contents.querySelector("[aria-current]") ?? contents.querySelector("a")).focus();
  };
  button.addEventListener("click", () => open(!root.classList.contains("contents-open")));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("nav.contents, .to-contents") || event.target.closest(".sections a"))
      open(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.classList.contains("contents-open")) {
      open(false);
      button.focus();
    }
  });
  const here = contents.querySelector("[aria-current]");
  if (here) contents.scrollTop = here.offsetTop - contents.clientHeight / 3;

  // The section that is read
  const links = new Map(all(".sections a").map((a) => [a.hash.slice(1), a]));
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries)
      isIntersecting ? seen.add(target) : seen.delete(target);
    const first = all("article section[id]").filter((s) => seen.has(s) && links.has(s.id)).pop();
    for (const [id, link] of links) link.classList.toggle("seen", id === first?.id);
  }, { rootMargin: "-15% 0px -70% 0px" });
  all("article section[id]").forEach((section) => watch.observe(section));

  // Light, dark, or as the system has it
  const MODES = {
    auto: ["as the system", "M12 3a9 9 0 0 0 0 18zM12 1a11 11 0 1 1 0 22 11 11 0 0 1 0-22z"],
    light: ["light", "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11 1h2v3h-2zM11 20h2v3h-2zM1 11h3v2H1zM20 11h3v2h-3zM4 5.4 5.4 4l2 2L6 7.4zM16.6 18 18 16.6l2 2-1.4 1.4zM4 18.6l2-2L7.4 18l-2 2zM16.6 6l2-2L20 5.4l-2 2z"],
    dark: ["dark", "M20 15A9 9 0 0 1 9 4a9 9 0 1 0 11 11z"],
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  let mode = "auto";
  try { mode = localStorage.getItem("mode") ?? "auto"; } catch { /* as the system */ }
  if (!(mode in MODES)) mode = "auto";
  const lamp = make("button", { class: "mode", type: "button" });
  const show = () => {
    const [name, path] = MODES[mode];
    lamp.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
    lamp.setAttribute("aria-label", `Colors: ${name}`);
    lamp.title = `Colors: ${name}`;
    root.dataset.theme = mode === "auto" ? (system.matches ? "dark" : "light") : mode;
  };
  lamp.addEventListener("click", () => {
    const names = Object.keys(MODES);
    mode = names[(names.indexOf(mode) + 1) % names.length];
    remember("mode", mode);
    show();
  });
  system.addEventListener("change", show);
  document.querySelector(".top").append(lamp);
  show();

  // A link into a fold opens it.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folds = [];
    for (let node = target; node; node = node.parentElement)
      if (node.matches("details:not([open])")) folds.push(node);
    folds.forEach((fold) => { fold.open = true; });
    if (folds.length) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();

  // Each note stands once in the margin, beside its first mark; style hides it without room.
  const noted = new Map();
  all("a.footnote-reference").forEach((mark) => {
    const note = document.getElementById(decodeURIComponent(mark.hash.slice(1)));
    const line = mark.closest("p, li");
    if (!note || noted.has(note) || !line || mark.closest("table, .admonition, figure")) return;
    const words = [...note.querySelectorAll("p")].map((p) => p.textContent).join(" ");
    const copy = make("span", { class: "aside copied-note", "aria-hidden": "true" });
    copy.textContent = `${mark.textContent} ${words}`;
    noted.set(note, copy);
    line.before(copy);
  });
  const apart = () => all(".slides").forEach((slides) => {
    slides.style.transform = "";
    const { top } = slides.getBoundingClientRect();
    const meets = (copy) => copy.top < top && copy.bottom > top;
    if ([...noted.values()].some((copy) => meets(copy.getBoundingClientRect())))
      slides.style.transform = "none";
  });
  apart();
  document.fonts?.ready.then(apart);
  addEventListener("resize", apart);

  // Code can be copied.
  if (navigator.clipboard) {
    all("article .highlight").forEach((box) => {
      const copy = make("button", { class: "copy", type: "button" }, "Copy");
      copy.addEventListener("click", async () => {
        await navigator.clipboard.writeText(box.querySelector("pre").textContent);
        copy.textContent = "Copied";
        setTimeout(() => { copy.textContent = "Copy"; }, 1500);
      });
      box.append(copy);
    });
  }

  // What is wider than its box scrolls: by keyboard, too.
  const reach = () => all("article pre, div.math, .table-box").forEach((box) => {
    if (box.scrollWidth > box.clientWidth + 1) {
      box.tabIndex = 0;
      box.classList.add("wide");
      if (!box.matches("pre")) box.setAttribute("role", "region");
      if (!box.matches("pre")) box.setAttribute("aria-label", box.matches(".math") ? "Formula" : "Table");
    }
  });
  reach();
  document.fonts?.ready.then(reach);

  // Found places show words, and every formula once.
  if (window.Search) {
    const text = Search.htmlToText;
    Search.htmlToText = (html, anchor) =>
      text.call(Search, html.replaceAll(/<span class="katex-mathml">.*?<\/math><\/span>/gs, ""), anchor);
  }
})();
