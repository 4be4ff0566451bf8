"""Make the faces of the site small: only what pages use, so that a page stays light.

    pip install brotli
    python tools/faces.py

A face in book/assets that is replaced by a whole one is cut again by this.
"""

import re
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ASSETS = Path(__file__).parents[1] / "book" / "assets"
WEIGHTS = (400, 700)
FEATURES = ["kern", "liga", "lnum", "pnum", "tnum"]
LETTERS = {  # of faces with many that no page needs
    "code": "\x20-\xff ʰ-ʸ ˆ-ˉ ˜ ˠ-ˤ \u0300-\u0304 Α-ω ᴬ-ᵪ ‐-‰ ′-‴ ⁰-₟ ←-⇿ ∀-⋿ ⌈-⌋ ─-┃"
    "■-★ ✓-✘",
    "KaTeX_Main-Regular": r"\x20-~ \xa0-± × ´ ˆ-˜ \u2000-\u200a \ue020 Γ-Ω –-… ′ ⃗ ℓ ℜ "
    r"ℑ ←-↗ ↦ ⇐-⇔ ∀-⊂ ⊃-⊇ ⊕-⊙ ⊤ ⊥ ⋅ ⋆ ⋮-⋱ ⌈-⌋ ⟨ ⟩ ⟵-⟶ ⟹",
    "KaTeX_Main-Bold": r"\x20-~ Γ-Ω ± × ′ ∂ ∇ − · ⋅ ≤ ≥ ⊤",  # \mathbf, \boldsymbol
    "KaTeX_AMS-Regular": "A-Z k ⊤ ≲ ≳ ∄ ∝ ∣ ∤ ⩽ ⩾ ■ □",  # \mathbb and some signs
}


def cut(path):
    """Write a face anew, with fewer weights, features and letters, and no hints."""
    font = TTFont(path)
    if "fvar" in font:
        whole = BytesIO()
        font.flavor = None
        instantiateVariableFont(font, {"wght": WEIGHTS}, inplace=True)
        font.save(whole)
        font = TTFont(whole, lazy=False)
        for glyph in font.getGlyphOrder():  # those without outlines have none
            font["gvar"].variations.setdefault(glyph, [])
    letters = set(font.getBestCmap())
    if kept := LETTERS.get(path.stem):
        letters = {x for x in letters if re.match(f"[{kept}]", chr(x))}
    features = [*FEATURES, "mark"] if path.stem == "code" else FEATURES
    options = Options(layout_features=features, hinting=False, glyph_names=False)
    options.name_IDs = [0, 1, 2, 13, 14]  # whose it is, its name and its license
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(path)


if __name__ == "__main__":
    for path in sorted(ASSETS.rglob("*.woff2")):
        before = path.stat().st_size
        cut(path)
        print(f"{path.name:30} {before:6} → {path.stat().st_size:6} bytes")
