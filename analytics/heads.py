"""Which head decodes what, by its name in the catalogue."""

from collections.abc import Callable, Mapping

from analytics.end_to_end_head import EndToEndHead
from analytics.head import Classes, Head
from analytics.ssd_head import SsdHead
from analytics.yolo_head import YoloHead
from analytics.yolox_head import YoloxHead

HEADS: Mapping[str, Callable[[Classes], Head]] = {
    "yolox": YoloxHead,
    "yolo": YoloHead,
    "end2end": EndToEndHead,
    "ssd": SsdHead,
}
