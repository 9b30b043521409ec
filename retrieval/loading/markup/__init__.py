"""Parts of HTML pages: blocks, tables, and what surrounds an article."""
