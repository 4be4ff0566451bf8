"""What goes wrong, and the cures (slides 30 to 36): one module a page.

*In defence of the sigmoid* shows `course_lib.nn.losses`; *The limits* previews others.
"""
