"""Pages of a PDF: glyphs to words, lines, columns, paragraphs and tables."""
