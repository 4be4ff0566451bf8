"""Attention: from what to what one looks (slide 43)."""

import numpy as np

from course_lib import exp, where


def attention(query, key, value, attn_mask=None, is_causal=False, scale=None):
    """Attention in plain steps: scores, shares, mixture; each one is on the tape."""
    scores = query @ key.transpose(-2, -1)
    scores = scores * (scale or query.shape[-1] ** -0.5)
    if is_causal:
        attn_mask = np.tri(*scores.shape[-2:], dtype=bool)
    if attn_mask is not None and attn_mask.dtype == bool:
        scores = where(attn_mask, scores, -np.inf)
    elif attn_mask is not None:
        scores = scores + attn_mask
    highest = scores.data.max(axis=-1, keepdims=True)
    e = exp(scores - np.maximum(highest, -1e300))  # a row of −∞ stays one
    total = e.sum(dim=-1, keepdim=True)
    return e / (total + (total.data == 0)) @ value
