"""Who has a camera: pure, and fair."""

from hypothesis import given
from hypothesis import strategies as st

from vms_api.accounts.permission import ROLE_PERMISSIONS, Permission
from vms_api.ptz.lease import LEASE_S, RANK, Lease, Operator, granted

operators = st.builds(Operator, st.sampled_from("abcd"), st.just("name"), st.integers(0, 5))


def test_every_role_that_may_move_has_its_rank():
    """A role without a rank would lose to everybody."""
    assert {role for role, held in ROLE_PERMISSIONS.items() if Permission.PTZ_CONTROL in held} == set(RANK)


@given(operators, operators, st.floats(0, 100))
def test_only_a_higher_rank_takes_a_camera(holder: Operator, other: Operator, passed_s: float):
    """While the lease runs, the holder keeps it against equals; afterwards it is anybody's."""
    lease = granted(None, holder, 0.0)
    assert lease == Lease(holder, LEASE_S)
    taken = granted(lease, other, passed_s)
    may = passed_s >= LEASE_S or other.user_id == holder.user_id or other.rank > holder.rank
    assert taken == (Lease(other, passed_s + LEASE_S) if may else None)
