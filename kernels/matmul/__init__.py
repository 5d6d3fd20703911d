"""Matrix products in tiles: `tiled` multiplies and counts what tiles save. NumPy only."""
