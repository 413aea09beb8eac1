"""Which frames come next."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from analytics.batcher import Batcher
from ingest.camera import CameraId

_CAMERAS = [CameraId(f"c{index}") for index in range(12)]
_ARRIVALS = st.dictionaries(st.sampled_from(_CAMERAS), st.floats(0, 2))


@given(_ARRIVALS, st.integers(1, 5))
def test_each_waiting_camera_is_chosen_stale_or_waits_on(arrivals: dict[CameraId, float], size: int) -> None:
    """Stale means older than the budget; nobody is in two groups; the batch is as full as it can be."""
    batch = Batcher(size, staleness_s=0.5).choose(arrivals, now_s=2.0)
    stale = {key for key, arrived_s in arrivals.items() if 2.0 - arrived_s > 0.5}
    assert set(batch.stale) == stale
    assert set(batch.chosen) <= arrivals.keys() - stale
    assert len(batch.chosen) == min(size, len(arrivals) - len(stale))


@given(st.integers(1, 5), st.integers(1, 12))
def test_always_waiting_cameras_are_served_equally(size: int, cameras: int) -> None:
    """Under overload nobody is ahead of anybody by more than one turn."""
    batcher, served = Batcher(size, staleness_s=0.5), Counter[CameraId]()
    waiting = dict.fromkeys(_CAMERAS[:cameras], 0.0)
    for _ in range(30):
        served.update(batcher.choose(waiting, now_s=0.0).chosen)
    counts = [served[key] for key in waiting]
    assert max(counts) - min(counts) <= 1


def test_a_busy_camera_does_not_starve_a_quiet_one() -> None:
    """Who was served longest ago goes first, though its frame came last."""
    batcher = Batcher(1, staleness_s=0.5)
    batcher.choose({_CAMERAS[0]: 0.0}, 0.0)
    assert batcher.choose({_CAMERAS[0]: 0.1, _CAMERAS[1]: 0.2}, 0.2).chosen == (_CAMERAS[1],)


@given(st.lists(st.floats(0.0001, 0.05), min_size=2, max_size=6), st.integers(1, 3))
def test_cameras_that_always_wait_get_the_same_time(costs: list[float], size: int) -> None:
    """A frame of one camera may cost a hundred times that of another; what each gets differs by a few frames' worth."""
    batcher = Batcher(size, staleness_s=0.5)
    cameras = _CAMERAS[: len(costs) + size]  # more than fit in a batch, the rest as cheap as the first
    price = {key: (costs + [costs[0]] * size)[index] for index, key in enumerate(cameras)}
    spent = dict.fromkeys(cameras, 0.0)
    for turn in range(400):
        for key in batcher.choose(dict.fromkeys(cameras, 0.0), 0.0).chosen:
            batcher.charge(key, price[key])
            spent[key] += price[key] if turn >= 100 else 0.0
    served = [spent[key] / price[key] for key in cameras]
    cheapest, dearest = min(price, key=price.__getitem__), max(price, key=price.__getitem__)
    assert served[cameras.index(cheapest)] >= served[cameras.index(dearest)] - 2
    assert all(count > 0 for count in served)
