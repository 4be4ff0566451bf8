"""Learning by backpropagation (slides 14 to 28): one module a page.

*Automatic differentiation* shows `course_lib.core` and `course_lib.nn.dense`.
"""
