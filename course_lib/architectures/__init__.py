"""Architectures: networks whose shape fits the data (slides 42, 43)."""
