"""Pictures laid out once, in cells, and drawn on a terminal or as SVG."""
