"""Data for the reader: documents and questions written for it by hand."""
