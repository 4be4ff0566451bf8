"""What pages are made of: listings, exercises, pictures that stand and that move."""

from course_lib.page.exercise import check
from course_lib.page.listing import show
from course_lib.page.player import Player, Scene

__all__ = ["Player", "Scene", "check", "show"]
