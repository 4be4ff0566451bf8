"""A Matplotlib figure as SVG for a page: its colours are the page's, its text is text.

Matplotlib's own SVG repeats fixed colours, places each letter of a formula for one
font, and numbers its parts so that two figures on a page clash. This renderer writes
what a page needs and no more: colours by name, coordinates to a tenth of a pixel.
"""

import base64
import hashlib
import io
import re
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox
from PIL import Image

from course_lib.page.colors import COLORS, ROOT_STYLE, paint
from course_lib.page.labels import svg_label
from course_lib.page.plot.remarks import mark_exits
from course_lib.page.shapes import numbers

NAMES = {code: name for name, code in COLORS.items()}
LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
ANCHORS = {"left": (0, ""), "center": (0.5, "middle"), "right": (1, "end")}
INSTEAD = "A figure. JupyterLab shows it when the notebook is trusted."
CAPS = {"round": "round", "projecting": "square"}
PREFIX = "\0"  # of the names of patterns, until it is known what is drawn
HATCH = 24  # pixels after which a hatching repeats itself
FINE = 2  # pixels of a rasterized part in one of the figure


def to_svg(figure):
    """The figure as an SVG element, the same on every processor but for rounding."""
    figure.draw_without_rendering()  # the layout
    marks = mark_exits(figure)
    renderer = Renderer(figure)
    inches, dpi = figure.get_size_inches(), FINE * figure.dpi
    figure.draw(MixedModeRenderer(figure, *inches, dpi, renderer))
    for mark in marks:
        mark.remove()
    return renderer.svg()


def show_as_svg():
    """In a notebook, show every figure in this way instead of as PNG."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if shell is None:
        return
    # The backend sets its own PNG formatter when it is loaded, so load it first.
    plt.switch_backend(matplotlib.get_backend())
    formatters = shell.display_formatter.formatters
    formatters["image/png"].pop(Figure, None)
    formatters["image/svg+xml"].for_type(Figure, to_svg)
    formatters["text/plain"].for_type(Figure, lambda _, out, __: out.text(INSTEAD))


def number(value):
    """A number as SVG writes it, with one decimal at most."""
    return numbers([value])[0]


def named(color):
    """A colour of the book by its name, any other as it is.

    Examples
    --------
    >>> named("white"), named((1, 0, 0))
    ('var(--paper)', '#ff0000')
    """
    code = to_hex(color)
    return paint(NAMES[code]) if code in NAMES else code


def strokes(path, clip=None):
    """The path as the attribute ``d``; ``clip`` is a rectangle to cut it off at."""
    curved = path.codes is not None and np.isin(path.codes, (3, 4)).any()
    long = len(path.vertices) > 64 and not curved
    how = {"remove_nans": True, "clip": clip, "snap": False, "simplify": long}
    parts, before, here = [], "", ""
    for points, code in path.iter_segments(**how):
        letter = LETTERS.get(code, "Z")
        place = "" if letter == "Z" else " ".join(numbers(points))
        if letter == "L" and place == here:
            continue
        again = letter == before or (before, letter) == ("M", "L")
        parts.append(" " + place if again else letter + place)
        before, here = letter, place
    return "".join(parts)


class Renderer(RendererBase):
    """What Matplotlib draws, as elements of SVG: shapes first, and text above them."""

    def __init__(self, figure):
        super().__init__()
        self.width, self.height = figure.bbox.size
        self.scale = figure.dpi / 72  # pixels of a point
        self.flip = Affine2D().scale(1, -1).translate(0, self.height)
        self.owners = {id(t.get_fontproperties()): t for t in figure.findobj(Text)}
        self.shapes = []  # the beginning of each element, and d if it is a path
        self.texts = []
        self.patterns = {}  # hatching -> the number of its pattern

    # ---- What Matplotlib asks ----

    def get_canvas_width_height(self):
        return self.width, self.height

    def flipy(self):
        return True

    def points_to_pixels(self, points):
        return points * self.scale

    def option_scale_image(self):
        return True

    # ---- What Matplotlib draws ----

    def draw_path(self, gc, path, transform, rgbFace=None):
        clip = self._clip(gc)
        path = path.transformed(transform + self.flip)
        if clip and rgbFace is not None:
            corners = path.get_extents().get_points()
            if not all(clip.padded(1).contains(*corner) for corner in corners):
                path = path.clip_to_bbox(clip)
            clip = None
        self._add(self._look(gc, rgbFace), strokes(path, clip and clip.extents))

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        places, look = trans.transform(path.vertices), self._look(gc, rgbFace)
        marker = marker_path.transformed(marker_trans + Affine2D().scale(1, -1))
        size = marker.get_extents().size.max()
        if len(places) == 1 and size > 50:  # an area: a collection of a single path
            transform = marker_trans + Affine2D().translate(*places[0])
            self.draw_path(gc, marker_path, transform, rgbFace)
            return
        round_ = np.array_equal(marker_path.vertices, Path.unit_circle().vertices)
        if round_ and look.get("stroke", look["fill"]) == look["fill"]:  # a dot
            width = size + self.points_to_pixels(gc.get_linewidth())
            opacity = look.get("fill-opacity", "")
            look = {"stroke": look["fill"], "stroke-width": number(width)}
            look |= {"stroke-opacity": opacity, "stroke-linecap": "round"}
            shape = "h0"
        elif round_:
            r, d = number(size / 2), number(2 * round(size / 2, 1))
            shape = f"m-{r} 0a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0-{d} 0z"
        else:
            shape = _relative(marker)
        clip, ds = self._clip(gc), []
        for x, y in self.flip.transform(places):
            if np.isfinite(x + y) and (not clip or clip.padded(1).contains(x, y)):
                ds.append(f"M{number(x)} {number(y)}{shape}")
        self._add(look, "".join(ds))

    def draw_image(self, gc, x, y, im, transform=None):
        height, width = im.shape[:2]
        look = {"preserveAspectRatio": "none", "image-rendering": "pixelated"}
        if transform is None:  # a part of the figure that is drawn as a picture
            transform = Affine2D().scale(width / FINE, height / FINE)
            look = {}
        place = transform + Affine2D().translate(x, y) + self.flip
        (x0, y0), (x1, y1) = place.transform([(0, 0), (1, 1)])
        if y1 < y0:
            im = im[::-1]
        picture = Image.fromarray(np.ascontiguousarray(im))
        if (im[..., 3] == 255).all():
            grey = (im[..., :1] == im[..., 1:3]).all()
            picture = picture.convert("L" if grey else "RGB")
        file = io.BytesIO()
        picture.save(file, "PNG", optimize=True)
        look |= {"x": number(min(x0, x1)), "y": number(min(y0, y1))}
        look |= {"width": number(abs(x1 - x0)), "height": number(abs(y1 - y0))}
        data = base64.b64encode(file.getvalue()).decode()
        look["href"] = f"data:image/png;base64,{data}"
        self.shapes.append((f"<image{_attributes(look)}", ""))

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        text = s
        if ismath:
            text = re.sub(r"\\mathdefault\{(.*?)\}\$", r"\1$", s)
            text = re.sub(r"\$[^$]*\$", lambda math: math[0].replace("-", "−"), text)
        if ismath and "\\" in text.replace(r"\mathbf", ""):  # more TeX than a label's
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        # Hold the text at its side and in the middle of its height, so that it stays in
        # its place in another font and size than that of the layout.
        owner = mtext or self.owners.get(id(prop))
        share, anchor = ANCHORS[owner.get_ha() if owner else "left"]
        along = share * self.get_text_width_height_descent(s, prop, ismath)[0]
        up = 0.35 * self.points_to_pixels(prop.get_size_in_points())
        cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        x, y = x + along * cos - up * sin, y - along * sin - up * cos
        look = {"x": number(x), "y": number(y), "dy": ".35em", "text-anchor": anchor}
        if angle:
            look["transform"] = f"rotate({number(-angle)} {look['x']} {look['y']})"
        size = prop.get_size_in_points() / plt.rcParams["font.size"]
        look["font-size"] = "" if size == 1 else f"{size:.2g}em"
        look["font-weight"] = "bold" if prop.get_weight() in ("bold", 700) else ""
        look["font-style"] = prop.get_style().replace("normal", "")
        color = named(gc.get_rgb())
        look["fill"] = "" if color == "var(--ink)" else color
        self.texts.append(f"<text{_attributes(look)}>{svg_label(text)}</text>")

    # ---- What is written ----

    def svg(self):
        parts = [f'{s} d="{d}"/>' if d else f"{s}/>" for s, d in self.shapes]
        patterns = "".join(map(self._pattern, self.patterns))
        body = (
            (f"<defs>{patterns}</defs>" if patterns else "")
            + "\n".join(parts)
            + '\n<g fill="var(--ink)">'
            + "\n".join(self.texts)
            + "</g>"
        )
        # The names of patterns must differ from those of other figures on a page.
        prefix = f"h{hashlib.sha256(body.encode()).hexdigest()[:8]}-"
        width, height = number(self.width), number(self.height)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" width="{width}" '
            f'height="{height}" viewBox="0 0 {width} {height}" '
            f'style="max-width:100%;height:auto;--width:{width};--height:{height};'
            f'{ROOT_STYLE}" '
            'font-family="var(--font-ui,system-ui,sans-serif)" font-size="14" '
            f'stroke-linejoin="round">{body.replace(PREFIX, prefix)}</svg>'
        )

    def _add(self, look, d):
        """Add a path, to the last one where that looks alike (as the ticks do)."""
        element = f"<path{_attributes(look)}"
        if not d or look == {"fill": "none"}:
            return
        if self.shapes and self.shapes[-1][0] == element and "opacity" not in element:
            self.shapes[-1] = element, self.shapes[-1][1] + d
        else:
            self.shapes.append((element, d))

    def _clip(self, gc):
        """The rectangle beyond which nothing is drawn, with y from the top."""
        box = gc.get_clip_rectangle()
        return box and Bbox.from_extents(
            box.x0, self.height - box.y1, box.x1, self.height - box.y0
        )

    def _look(self, gc, face):
        """The attributes for fill and stroke."""
        alpha = gc.get_alpha() if gc.get_forced_alpha() else None
        look = {"fill": "none"}
        if gc.get_hatch() and face is not None:
            lines = gc.get_hatch(), gc.get_hatch_color(), gc.get_hatch_linewidth()
            key = *lines, tuple(face), alpha
            place = self.patterns.setdefault(key, len(self.patterns))
            look["fill"] = f"url(#{PREFIX}{place})"
        elif face is not None and (len(face) < 4 or face[3]):
            look["fill"] = named(face[:3])
            look["fill-opacity"] = _opacity(face, alpha)
        width = self.points_to_pixels(gc.get_linewidth())
        if width and gc.get_rgb()[3]:
            look["stroke"] = named(gc.get_rgb()[:3])
            look["stroke-opacity"] = _opacity(gc.get_rgb(), alpha)
            look["stroke-width"] = f"{width:.2g}"
            look["stroke-linecap"] = CAPS.get(gc.get_capstyle(), "")
            offset, dashes = gc.get_dashes()
            if dashes is not None:
                pixels = self.points_to_pixels(np.array(dashes))
                look["stroke-dasharray"] = " ".join(numbers(pixels))
                look["stroke-dashoffset"] = number(offset) if offset else ""
        return look

    def _pattern(self, key):
        hatch, color, width, face, alpha = key
        lines = strokes(Path.hatch(hatch, 2).transformed(Affine2D().scale(HATCH)))
        ground = _attributes(
            {"fill": named(face[:3]), "fill-opacity": _opacity(face, alpha)}
        )
        look = {"fill": named(color[:3]), "stroke": named(color[:3])}
        look |= {"stroke-width": f"{self.points_to_pixels(width):.2g}", "opacity": 0.5}
        return (
            f'<pattern id="{PREFIX}{self.patterns[key]}" patternUnits="userSpaceOnUse" '
            f'width="{HATCH}" height="{HATCH}"><path{ground} '
            f'd="M0 0H{HATCH}V{HATCH}H0Z"/><path{_attributes(look)} d="{lines}"/>'
            "</pattern>"
        )


def _attributes(values):
    return "".join(f' {key}="{value}"' for key, value in values.items() if value)


def _opacity(color, alpha):
    """The opacity as text, nothing where it is full."""
    value = alpha if alpha is not None else color[3] if len(color) > 3 else 1
    return "" if value == 1 else f"{value:.2g}"


def _relative(path):
    """The path as ``d``, relative to where it is drawn."""
    parts, here = [], np.zeros(2)
    for points, code in path.iter_segments(simplify=False, snap=False):
        letter = LETTERS.get(code, "Z").lower()
        if letter == "z":
            parts.append("z")
            continue
        moves = np.round(points.reshape(-1, 2) - here, 1)
        here = here + moves[-1]
        if letter != "m" or moves.any():
            parts.append(letter + " ".join(numbers(moves.ravel())))
    return "".join(parts)
