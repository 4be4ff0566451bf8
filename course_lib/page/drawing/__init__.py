"""What a `Scene` is drawn with: shapes, axes, labels, rasters."""
