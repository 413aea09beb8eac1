"""What maps and drawings of places refuse."""

from vms_api.errors import Problem


class PlanKindWrong(Problem):
    """The file is no picture that can be kept."""

    status, code, title = 415, "plan-kind-wrong", "Only JPEG, PNG and WebP pictures of up to 64 megapixels are taken"


class PlanDamaged(Problem):
    """The picture cannot be decoded."""

    status, code, title = 422, "plan-damaged", "The picture cannot be read"


class PlanTooLarge(Problem):
    """The file is too large."""

    status, code, title = 413, "plan-too-large", "A drawing of a place is at most 20 MB"
