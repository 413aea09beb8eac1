"""Which events of devices are taken: those about places and equipment. All others are dropped where they are parsed.

The list is of what is let in. So whatever a maker invents about who somebody is never gets past the parser.
"""

from enum import StrEnum


class Topic(StrEnum):
    """What an event is about."""

    MOTION = "motion"
    TAMPER = "tamper"
    SIGNAL_LOSS = "signal-loss"
    DIGITAL_INPUT = "digital-input"
    RELAY = "relay"


_TAKEN = {
    "VideoSource/MotionAlarm": Topic.MOTION,
    "RuleEngine/CellMotionDetector/Motion": Topic.MOTION,
    "RuleEngine/MotionRegionDetector/Motion": Topic.MOTION,
    "VideoAnalytics/Motion": Topic.MOTION,
    "VideoSource/GlobalSceneChange/ImagingService": Topic.TAMPER,
    "VideoSource/GlobalSceneChange/AnalyticsService": Topic.TAMPER,
    "RuleEngine/TamperDetector/Tamper": Topic.TAMPER,
    "VideoSource/SignalLoss": Topic.SIGNAL_LOSS,
    "VideoSource/SignalLoss/ImagingService": Topic.SIGNAL_LOSS,
    "Device/Trigger/DigitalInput": Topic.DIGITAL_INPUT,
    "Device/Trigger/Relay": Topic.RELAY,
}
_STATES = {
    "true": True,
    "1": True,
    "active": True,
    "on": True,
    "false": False,
    "0": False,
    "inactive": False,
    "off": False,
}


def topic_of(text: str) -> Topic | None:
    """What a topic expression is about, whatever its prefixes; None for what is not taken."""
    path = "/".join(part.rpartition(":")[2] for part in text.strip().split("/"))
    return _TAKEN.get(path)


def state_of(text: str) -> bool | None:
    """A state as devices write it."""
    return _STATES.get(text.strip().lower())
