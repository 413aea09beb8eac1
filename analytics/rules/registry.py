"""Which evaluator belongs to which kind of rule. A new kind is one file and one row here."""

from analytics.rule import AnyRule, IntrusionRule, RuleEvaluator
from analytics.rules.intrusion import IntrusionEvaluator
from analytics.rules.line_crossing import LineCrossingEvaluator


def evaluator_for(rule: AnyRule) -> RuleEvaluator:
    """A fresh evaluator that remembers nothing yet."""
    if isinstance(rule, IntrusionRule):
        return IntrusionEvaluator(rule)
    return LineCrossingEvaluator(rule)
