"""One module a format, each with `load(data, name)`."""
