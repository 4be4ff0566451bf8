"""Doing well on new data (slides 37 to 41): one module a page.

*Dropout* shows `course_lib.nn.dropout`, *Batch normalisation* `….nn.normalization`.
"""
