"""Where an index is kept: the catalog, and Chroma and tantivy derived from it."""
