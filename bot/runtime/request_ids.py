"""The id that a person is told and that the log has: the same for all that one question sets off."""

from uuid import uuid4


def new_request_id() -> str:
    """Returns twelve hexadecimal digits."""
    return uuid4().hex[:12]
