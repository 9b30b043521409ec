import gc

from bot.long_lived import set_apart_what_stays


def test_what_is_loaded_at_the_start_is_not_searched_for_garbage() -> None:
    try:
        set_apart_what_stays()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
