"""One module for each kind of figure; `course_lib.page.plot` is the door."""
