"""Pictures that lie in a GPU's memory as a decoder left them (NV12, P010), read there without a copy to ours.

All of it runs on whatever device holds the picture, the processor too: that is how it is tested.
"""

import importlib.util
from functools import cache
from typing import Any

import numpy as np

from analytics.motion import gate_size
from ingest.frame import Image, Picture
from ingest.surface import Exported, Surface, gpu_surface

# Rec. ITU-R BT.601-7 2.5.1 and BT.709-6 item 3.2: red's and blue's share of brightness.
_BT601, _BT709 = (0.299, 0.114), (0.2126, 0.0722)
# Rec. ITU-R BT.601-7 2.5.3: where black and white lie, and how far colours reach, of 255; whole range beside it.
_LIMITED, _FULL = (16.0, 219.0, 224.0), (0.0, 255.0, 255.0)
_MIDDLE = 128.0
# P010 keeps its ten bits at the upper end of sixteen: 256 of its steps are one of a byte.
_STEPS_OF_P010 = 256.0


@cache
def has_torch() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("torch") is not None


def gate_luma(picture: Picture) -> Image:
    """Brightness for a motion gate: of a picture on a GPU only the points that the gate takes leave it."""
    surface = gpu_surface(picture)
    if surface is None or not has_torch():
        return picture.luma()
    import torch  # noqa: PLC0415 - an optional extra, imported only where it is used

    return sampled_luma(torch, surface, gate_size(picture.width, picture.height))


def fitted_colour(torch: Any, surface: Surface, size: tuple[int, int]) -> Any:
    """The picture scaled to `size` (width, height): red, green, blue (3, height, width), float32 of 0 to 255.

    Averaged where it shrinks, as the processor's way does; on the picture's own device.
    """
    across, down = size
    luma, chroma = _plane(torch, surface.luma), _plane(torch, surface.chroma)
    brightness = _scaled(torch, luma[None, None], (down, across))[0, 0]
    blueness, redness = _scaled(torch, chroma.permute(2, 0, 1)[None], (down, across))[0] - _MIDDLE
    black, reach, colour_reach = _FULL if surface.full_range else _LIMITED
    red_share, blue_share = _BT709 if surface.wide_gamut else _BT601
    brightness = (brightness - black) * (255.0 / reach)
    red = brightness + redness * (2 * (1 - red_share) * 255.0 / colour_reach)
    blue = brightness + blueness * (2 * (1 - blue_share) * 255.0 / colour_reach)
    green = (brightness - red_share * red - blue_share * blue) / (1 - red_share - blue_share)
    return torch.stack((red, green, blue)).clamp_(0.0, 255.0)


def sampled_luma(torch: Any, surface: Surface, size: tuple[int, int]) -> Image:
    """The brightness of `size` (width, height) points of the picture, in our memory: all that a motion gate needs.

    The points are those that OpenCV's nearest neighbour takes, to a pixel.
    """
    luma = torch.from_dlpack(surface.luma.__dlpack__())
    (height, width), (across, down) = luma.shape, size
    rows = torch.arange(down, device=luma.device) * height // down
    columns = torch.arange(across, device=luma.device) * width // across
    points = luma[rows][:, columns]
    if points.dtype is not torch.uint8:
        points = (points.float() / _STEPS_OF_P010).to(torch.uint8)
    return np.asarray(points.cpu().numpy(), np.uint8)


def _plane(torch: Any, plane: Exported) -> Any:
    # A capsule and not the plane itself: torch would ask for a stream to wait on, which PyAV does not offer. Both use
    # the device's default stream, which keeps the order.
    values = torch.from_dlpack(plane.__dlpack__())
    numbers = values.float()
    return numbers if values.dtype is torch.uint8 else numbers / _STEPS_OF_P010


def _scaled(torch: Any, planes: Any, size: tuple[int, int]) -> Any:
    return torch.nn.functional.interpolate(planes, size, mode="bilinear", antialias=True, align_corners=False)
