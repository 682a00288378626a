"""What is drawn: the operations of a program in order, and how often."""

from __future__ import annotations

__all__ = ["PLANS"]

PLANS: dict[str, float] = {
    # counts
    "class count": 3.0, "set filter count": 4.5, "topic count": 3.5, "set compare count": 3.0,
    "set lacking count": 1.2, "set filter filter count": 1.0, "set filter compare count": 1.0,
    "topic follow count": 1.5, "topic butnot count": 0.5, "class follow count": 2.0,
    "set countfilter count": 0.4,
    "set average count": 0.5, "set notfilter count": 0.6, "topic either count": 0.4,
    # superlatives by value
    "set extreme": 3.0, "set extreme follow": 4.5, "set filter extreme": 3.0,
    "set filter extreme follow": 2.5,
    "topic extreme": 1.5, "set ordinal": 1.3, "set ordinal follow": 0.6, "set top": 1.3,
    "set top follow": 0.4,
    "topic extreme follow": 0.7, "set extreme2": 0.8, "set compare extreme": 0.8,
    "set notfilter extreme": 0.3,
    # by numbers of neighbours and by groups
    "set most": 3.0, "set most follow": 1.4, "set group": 3.5, "set group follow": 0.3,
    "set countfilter": 2.0,
    "set groupfilter": 2.5, "set each": 1.2, "set filter group": 0.6, "set groupvalue": 0.7,
    "set countfilter follow": 0.5, "set filter most": 0.6,
    # comparisons
    "set compare": 4.0, "set compare follow": 3.0, "set between": 1.3, "set average": 1.2,
    "set thatof": 1.4,
    "set compare compare": 0.8, "set filter compare": 2.5, "topic compare": 1.0, "set compare2": 1.2,
    "set filter compare follow": 1.0, "set between follow": 0.4, "class ident": 0.6,
    "class ident follow": 1.0,
    # filters, intersections
    "class filter": 3.0, "class filter filter": 2.5, "class filter follow": 3.5, "topic both": 2.0,
    "topic either": 1.2, "topic filter": 1.5, "set filter2": 1.6, "topic same_class": 0.8,
    "topic both follow": 0.5,
    "topic either follow": 0.5, "class": 1.5,
    # negation
    "set lacking": 2.0, "set notfilter": 1.8, "topic butnot": 1.4, "set lacking follow": 0.6,
    "set other_class": 0.6,
    "set having": 0.8, "set notfilter follow": 0.6,
    # summaries
    "set average_of": 3.0, "set filter average_of": 1.2, "set sum": 1.6, "set filter sum": 0.6,
    "set highest_of": 0.6,
    # paths and values
    "topic": 4.0, "topic value": 3.5, "topic follow": 4.5, "topic follow follow": 1.2,
    "topic follow value": 2.0,
    "class value": 1.5, "class follow": 1.5,
    # yes or no
    "topic test_is": 2.0, "named test_path": 1.5, "named test_value": 1.0, "class test_any": 0.5,
    # named things compared
    "choice": 4.0,
    # texts
    "set text": 1.6, "set text follow": 0.7, "set text count": 0.7,
}  # fmt: skip
