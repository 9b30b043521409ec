import gc

from bot.runtime.gc_freeze import freeze_loaded_objects


def test_what_is_loaded_at_the_start_is_not_searched_for_garbage() -> None:
    try:
        freeze_loaded_objects()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
