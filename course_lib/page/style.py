"""The colours of `course_lib.page.figures`, from the one place."""

from course_lib.page.colors import COLORS

BLUE, GREY, INK = (COLORS[name] for name in ("blue", "grey", "ink"))
