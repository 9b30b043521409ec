from bot.slack.concurrency.fair_queue import FairQueue


def filled(*keys: str) -> FairQueue[str]:
    queue: FairQueue[str] = FairQueue()
    for number, key in enumerate(keys):
        queue.put(key, f"{key}{number}")
    return queue


def drained(queue: FairQueue[str]) -> list[str]:
    return [queue.get() for _ in range(len(queue))]


def test_keys_take_turns_and_each_is_served_in_order() -> None:
    assert drained(filled("a", "a", "a", "b", "c", "b")) == ["a0", "b3", "c4", "a1", "b5", "a2"]


def test_a_place_is_how_many_are_served_before() -> None:
    for keys in (["a"] * 5, ["a", "a", "b"], ["a", "b", "b", "c", "c", "c"], ["b", "a", "a", "b"]):
        for key in "abcd":
            queue = filled(*keys)
            told = queue.ahead(key)
            queue.put(key, "new")
            assert drained(queue).index("new") == told, (keys, key)


def test_the_longest_line_and_its_newest_are_known() -> None:
    queue = filled("a", "b", "b", "b")
    assert queue.longest() == ("b", 3)
    assert queue.newest("b") == "b3"
    queue.drop_newest("b")
    assert drained(queue) == ["a0", "b1", "b2"]
    assert queue.longest() == ("", 0)
