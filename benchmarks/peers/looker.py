"""The detector that contenders share."""

from datetime import UTC, datetime

from analytics.detector_choice import open_detector
from analytics.model import read_catalogue
from analytics.model_store import model_folders
from analytics.settings import AnalyticsSettings
from ingest.array_picture import ArrayPicture
from ingest.camera import CameraId
from ingest.frame import Frame, Image

MODEL = "yolox-nano"


class FullFrameLooker:
    """Looks at whole pictures, (height, width, 3) uint8, blue first. Used by one thread."""

    def __init__(self) -> None:
        self._detector = open_detector(read_catalogue().entry(MODEL), model_folders(), AnalyticsSettings())
        self.judged = 0

    def look(self, image: Image) -> None:
        """Detects; what is found interests nobody here."""
        frame = Frame(CameraId("peer"), 1, 1, 0.0, datetime.now(UTC), 0.0, ArrayPicture(image))
        self._detector.detect([frame])
        self.judged += 1
