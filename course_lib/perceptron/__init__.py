"""What a network computes (slides 4 to 13): one module a page."""
