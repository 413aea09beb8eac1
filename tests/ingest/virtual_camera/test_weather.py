"""Drawn weather."""

import numpy as np
import pytest

from ingest.virtual_camera.painter import paint_background
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.weather import Weather, WeatherPainter

_SCENE = Scene(320, 180)


@pytest.mark.parametrize("weather", Weather)
def test_the_same_moment_is_the_same_picture(weather: Weather) -> None:
    """Pure by seed: a figure of a benchmark can be looked at again."""
    background = paint_background(_SCENE)
    one, other = (WeatherPainter(weather, 320, 180).paint(background, 1.2) for _ in range(2))
    assert one.shape == background.shape
    assert np.array_equal(one, other)
    assert np.array_equal(background, paint_background(_SCENE))


@pytest.mark.parametrize("weather", [weather for weather in Weather if weather is not Weather.CLEAR])
def test_every_weather_changes_more_than_a_clear_day_does(weather: Weather) -> None:
    """Somewhere in its period the picture strays from the background by more than sensor noise."""
    background = paint_background(_SCENE)

    def stray(painted: Weather) -> float:
        painter = WeatherPainter(painted, 320, 180)
        pictures = (painter.paint(background, at) for at in (0.15, 1.2, 21.4, 45.0))
        return max(float(np.abs(picture.astype(int) - background).mean()) for picture in pictures)

    assert stray(weather) > 1.5 * stray(Weather.CLEAR)
