"""Which evaluator belongs to which kind of rule. A new kind is one row here."""

from analytics.rule import (
    AbandonedObjectRule,
    AnyRule,
    AreaRule,
    FireRule,
    IntrusionRule,
    LineCrossingRule,
    LoiteringRule,
    ObjectRemovedRule,
    RuleEvaluator,
    StoppedVehicleRule,
    WrongWayRule,
)
from analytics.rules import manners
from analytics.rules.area import AreaEvaluator, Manner
from analytics.rules.line_crossing import LineCrossingEvaluator
from analytics.rules.still import StillEvaluator
from analytics.rules.wrong_way import WrongWayEvaluator

STILL_RULES = (AbandonedObjectRule, ObjectRemovedRule)
"""The kinds that look at still changes besides tracks."""

_MANNERS: dict[type[AreaRule], Manner] = {
    IntrusionRule: manners.INTRUSION,
    LoiteringRule: manners.LOITERING,
    StoppedVehicleRule: manners.STOPPED_VEHICLE,
    FireRule: manners.FIRE,
}


def evaluator_for(rule: AnyRule) -> RuleEvaluator:
    """A fresh evaluator that remembers nothing yet."""
    match rule:
        case LineCrossingRule():
            return LineCrossingEvaluator(rule)
        case WrongWayRule():
            return WrongWayEvaluator(rule)
        case AbandonedObjectRule() | ObjectRemovedRule():
            return StillEvaluator(rule)
        case _:
            return AreaEvaluator(rule, _MANNERS[type(rule)])
