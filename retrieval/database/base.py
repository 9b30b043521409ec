"""The base of all tables, whichever room declares them."""

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Base of the catalog's tables."""
