"""What a `course_lib.player.Scene` is drawn with: shapes, axes, labels, rasters."""
