"""What pages are made of: listings, exercises, tables, pictures still and moving."""

from course_lib.page import diagram
from course_lib.page.colors import class_look
from course_lib.page.exercise import check
from course_lib.page.listing import show
from course_lib.page.player import Player
from course_lib.page.scene import Scene
from course_lib.page.table import table

__all__ = ["Player", "Scene", "check", "class_look", "diagram", "show", "table"]
