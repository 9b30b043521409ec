"""Grids of cells into tables as data, and tables into words."""
