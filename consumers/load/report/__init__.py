"""The report: one HTML file with its plots in it, drawn by our own few lines of SVG."""
