"""Front matter: YAML between two lines of dashes, at the top of a text."""

import re

from retrieval.errors import LoadError
from retrieval.metadata import UNSAID, Metadata, read_front_matter

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_SPEAKS_OF_ACCESS = re.compile(r"(?im)^\s*[\"']?access[\"']?\s*:")


def split_front_matter(source: str) -> tuple[Metadata, str]:
    """Returns what front matter says, and the text below it; all of it where there is none.

    Raises `LoadError` where it says who may see the document, but not so that it can be understood.
    """
    match = _FRONT_MATTER.match(source)
    if not match:
        return UNSAID, source
    import yaml

    try:
        found = yaml.safe_load(match[1])
        if isinstance(found, dict):
            return read_front_matter(found), source[match.end() :]
    except yaml.YAMLError:
        if _SPEAKS_OF_ACCESS.search(match[1]):
            raise LoadError(
                "has front matter that is not YAML, so who may see it cannot be told; mend it"
            ) from None
    except ValueError as error:
        raise LoadError(f"has front matter that cannot be understood: {error}") from error
    # A rule between lines of prose, not front matter.
    return UNSAID, source
