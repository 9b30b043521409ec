from concurrent.futures import ThreadPoolExecutor

from tests.conftest import MakeAssembly


def test_a_key_is_handed_out_once_across_threads_and_processes(
    make_assembly: MakeAssembly,
) -> None:
    one, other = make_assembly(), make_assembly()
    assert one.claims.claim("a")
    assert not other.claims.claim("a")
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: one.claims.claim("b"), range(40)))
    assert sum(taken) == 1
    one.claims.forget_old()
    assert not one.claims.claim("a")
