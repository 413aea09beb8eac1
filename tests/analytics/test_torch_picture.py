"""Pictures read where they lie, on the processor in place of a GPU: the same arithmetic as there, the same planes."""

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from analytics.motion import gate_size
from analytics.torch_detector import TorchDetector
from analytics.torch_picture import fitted_colour, gate_luma, sampled_luma
from ingest.av_decoder import AvPicture, Colour
from ingest.frame import Frame, Image
from ingest.surface import CUDA, Surface, gpu_surface
from tests.fakes.onnx_file import entry_of, silent_output, write_constant_model
from tests.fakes.picture import frame_at

torch = pytest.importorskip("torch", reason="the gpu extra is not installed")

_FIT = (416, 234)


def _scene(width: int, height: int) -> Image:
    """Soft shades with edges of strong colours, blue first."""
    down, across = np.mgrid[0:height, 0:width]
    image = np.dstack((across * 255 / width, down * 255 / height, (across + down) * 255 / (width + height)))
    image = image.astype(np.uint8)
    for number, colour in enumerate([(0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255), (0, 0, 0)]):
        cv2.circle(image, (width * (1 + number) // 6, height // 2), height // 12, colour, -1)
    return image


def _picture(
    image: Image, layout: str = "nv12", space: int = Colorspace.ITU601, reach: int = ColorRange.MPEG
) -> AvPicture:
    """The image as a decoder would leave it, its colours told as the stream's own."""
    frame = av.VideoFrame.from_ndarray(image, "bgr24")
    frame = VideoReformatter().reformat(frame, format=layout, dst_colorspace=space, dst_color_range=reach)
    frame.colorspace, frame.color_range = space, reach
    return AvPicture(frame, Colour())


@pytest.mark.parametrize("layout", ["nv12", "p010le"])
@pytest.mark.parametrize("space", [Colorspace.ITU601, Colorspace.ITU709])
@pytest.mark.parametrize("reach", [ColorRange.MPEG, ColorRange.JPEG])
@pytest.mark.parametrize("size", [(640, 360), (1920, 1080)])
def test_colours_are_those_of_the_processors_way(layout: str, space: int, reach: int, size: tuple[int, int]) -> None:
    """Two grey levels in the mean of the picture, eight in ninety-nine of a hundred values: no detector sees that."""
    picture = _picture(_scene(*size), layout, space, reach)
    assert picture.surface is not None
    told = fitted_colour(torch, picture.surface, _FIT).flip(0).permute(1, 2, 0).numpy()
    apart = np.abs(told - picture.bgr(_FIT).astype(np.float32))
    assert told.shape == (_FIT[1], _FIT[0], 3)
    assert apart.mean() < 2.0
    assert np.percentile(apart, 99) < 8.0


@pytest.mark.parametrize(
    ("planes", "full", "wide", "expected"),
    [
        # BT.601-7 table 3 and BT.709-6 table 4: the digital values of red at full strength, of white and of black.
        ((81, 90, 240), False, False, (255, 0, 0)),
        ((63, 102, 240), False, True, (255, 0, 0)),
        ((235, 128, 128), False, False, (255, 255, 255)),
        ((16, 128, 128), False, True, (0, 0, 0)),
        # JFIF 1.02: the whole range; red is 76, 85, 255.
        ((76, 85, 255), True, False, (255, 0, 0)),
    ],
)
def test_known_values_become_known_colours(
    planes: tuple[int, int, int], full: bool, wide: bool, expected: tuple[int, int, int]
) -> None:
    """Brightness and the two colour differences of the standards."""
    luma = torch.full((16, 32), planes[0], dtype=torch.uint8)
    chroma = torch.tensor(planes[1:], dtype=torch.uint8).expand(8, 16, 2).contiguous()
    colour = fitted_colour(torch, Surface(luma, chroma, full, wide, None), (8, 4))
    assert colour.shape == (3, 4, 8)
    assert colour[:, 2, 3].tolist() == pytest.approx(expected, abs=2.0)


def test_the_gate_is_given_the_points_that_it_would_take() -> None:
    """Every point of the small luma is that of the whole one, to a pixel of its place."""
    picture = _picture(_scene(1920, 1080))
    assert picture.surface is not None
    size = gate_size(1920, 1080)
    told = sampled_luma(torch, picture.surface, size)
    expected = cv2.resize(picture.luma(), size, interpolation=cv2.INTER_NEAREST)
    assert told.shape == expected.shape == (100, 178)
    assert (told != expected).mean() < 0.01


def test_what_lies_in_our_memory_is_read_as_before() -> None:
    """The planes of a processor's picture are no GPU's, and the gate gets the whole luma."""
    picture = _picture(_scene(640, 360))
    assert gpu_surface(picture) is None
    assert np.array_equal(gate_luma(picture), picture.luma())


class _OnGpu:
    """A plane that says it lies on a GPU; its bytes are here all the same."""

    def __init__(self, plane: object) -> None:
        self._plane = plane

    def __dlpack__(self, *, stream: int | None = None) -> object:
        return self._plane.__dlpack__(stream=stream)  # type: ignore[attr-defined]

    def __dlpack_device__(self) -> tuple[int, int]:
        return CUDA, 0


class _GpuPicture:
    """A decoded picture whose pixels cannot be had but by its surface: whoever fetches them to our memory fails."""

    def __init__(self, picture: AvPicture) -> None:
        surface = picture.surface
        assert surface is not None
        self.width, self.height = picture.width, picture.height
        self.surface = Surface(_OnGpu(surface.luma), _OnGpu(surface.chroma), surface.full_range, False, picture)

    def luma(self) -> Image:
        raise AssertionError("the whole luma was fetched")

    def bgr(self, size: tuple[int, int] | None = None) -> Image:
        raise AssertionError("the colours were fetched")


def test_a_picture_on_the_gpu_never_leaves_it(tmp_path) -> None:
    """Gate and detector see the same as of the processor's picture, and nobody asks for the pixels here."""
    seen = []

    def model(pictures):
        seen.append(pictures.clone())
        return torch.from_numpy(silent_output()).expand(len(pictures), -1, -1)

    here = _picture(_scene(640, 360))
    there = _GpuPicture(here)
    assert gate_luma(there).shape == (100, 178)
    entry = entry_of(write_constant_model(tmp_path / "any.onnx", silent_output()), runtime="torch")
    detector = TorchDetector(entry, model, 0.25)
    frames = [frame_at(0.0, _scene(640, 360)) for _ in range(2)]
    detector.detect([_with(frames[0], here), _with(frames[1], there)])
    (pictures,) = seen
    across, down = entry.input[0], int(360 * entry.input[0] / 640)
    assert (pictures[0] - pictures[1]).abs()[:, :down, :across].mean() < 4.0 * entry.scale  # shrunk to a tenth
    assert torch.equal(pictures[0][:, down:], pictures[1][:, down:])


def _with(frame: Frame, picture: object) -> Frame:
    return Frame(frame.camera_id, 0, 0, 0.0, frame.received_at, 0.0, picture)  # type: ignore[arg-type]
