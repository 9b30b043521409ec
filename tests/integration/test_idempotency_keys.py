from concurrent.futures import ThreadPoolExecutor

from tests.conftest import MakeAssembly


def test_a_key_is_handed_out_once_across_threads_and_processes(
    make_assembly: MakeAssembly,
) -> None:
    one, other = make_assembly(), make_assembly()
    assert one.idempotency_keys.claim("a")
    assert not other.idempotency_keys.claim("a")
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: one.idempotency_keys.claim("b"), range(40)))
    assert sum(taken) == 1
    one.idempotency_keys.forget_old()
    assert not one.idempotency_keys.claim("a")
