"""Idempotency keys: work that exactly one process may do, once, whoever else is told of it too."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, exists, insert, select
from sqlalchemy.exc import IntegrityError

from bot.conversations.tables import IdempotencyKeyRow

_KEPT = timedelta(days=7)


class IdempotencyKeys:
    """Hands out each key once, across threads, restarts and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, key: str) -> bool:
        """Returns True to the first who asks for `key`, and False to everyone after."""
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(IdempotencyKeyRow).values(key=key, claimed_at=datetime.now(UTC))
                )
        except IntegrityError:
            return False
        return True

    def is_claimed(self, key: str) -> bool:
        """Says whether somebody has asked for `key`, without asking for it."""
        with self._engine.connect() as connection:
            return bool(connection.scalar(select(exists().where(IdempotencyKeyRow.key == key))))

    def release(self, key: str) -> None:
        """Lets `key` be claimed again, because the work could not be done."""
        with self._engine.begin() as connection:
            connection.execute(delete(IdempotencyKeyRow).where(IdempotencyKeyRow.key == key))

    def forget_old(self) -> None:
        """Deletes keys older than a week."""
        with self._engine.begin() as connection:
            connection.execute(
                delete(IdempotencyKeyRow).where(
                    IdempotencyKeyRow.claimed_at < datetime.now(UTC) - _KEPT
                )
            )
