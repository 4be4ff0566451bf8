"""Stochastic gradient descent (slide 29): one module a page.

*Training in practice* shows `course_lib.training` and `course_lib.optim.lr_scheduler`.
"""
