import threading

from bot.slack.desk import Desk


def test_places_are_told_and_a_full_desk_refuses() -> None:
    gate = threading.Event()
    desk = Desk(workers=1, room=3)
    assert [desk.submit(lambda: gate.wait(5) and None) for _ in range(4)] == [0, 1, 2, None]
    gate.set()
    desk.close()
    assert desk.idle


def test_a_job_that_fails_makes_room_all_the_same() -> None:
    desk = Desk(workers=1, room=1)

    def fail() -> None:
        raise ValueError

    desk.submit(fail)
    desk.close()
    assert desk.idle
