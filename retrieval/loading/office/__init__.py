"""Parts of office files: runs, drawings, charts, number formats, sheets."""
