"""One module for each kind of figure; `course_lib.plot` is the door."""
