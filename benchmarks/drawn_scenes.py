"""Drawn scenes with exact truth, and drawn weather in which nothing happens."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from analytics.detection import MOTION
from analytics.geometry import Point
from benchmarks.analysed_footage import ANALYSED_FPS, drawn_frame
from benchmarks.event_score import REACH, Event
from benchmarks.labelled_scene import LabelledScene, Trial, area, line
from ingest.frame import Frame, Image
from ingest.virtual_camera.painter import ScenePainter, paint_background
from ingest.virtual_camera.scene import Figure, Scene, figures
from ingest.virtual_camera.weather import Weather, WeatherPainter
from ingest.virtual_camera.weather_look import STANDARD_SEED

_SIZE = (320, 180)
_NAMED = ("person", "bicycle", "motorcycle", "car", "bus", "truck", "dog", "cat")
_LABELS = (*_NAMED, MOTION)
_MIDDLE = 0.5
_IDLE_FPS = 2.0
_GATE = line("gate", ((_MIDDLE, 0.05), (_MIDDLE, 0.98)), _LABELS)
_CORNERS = ((0.02, 0.30), (0.98, 0.30), (0.98, 0.99), (0.02, 0.99))
NAMED_GROUND = area("ground, named classes", _CORNERS, _NAMED)
ANY_GROUND = area("ground, whatever moves", _CORNERS, _LABELS)

FIGURE_WEATHERS = tuple(Weather)
EMPTY_WEATHERS = tuple(weather for weather in Weather if weather is not Weather.CLEAR)


def crossings(weather: Weather, duration_s: float, seed: int = STANDARD_SEED) -> Trial:
    """Walkers and cars that cross the middle, each at a known moment, in that weather; the seed draws its look."""
    scene = Scene(*_SIZE, frame_rate=round(ANALYSED_FPS), duration_s=duration_s, seed=7, walker_count=4, car_count=3)
    events = tuple(_crossing(figure) for figure in figures(scene))
    truth = LabelledScene(f"figures in {_called(weather, seed)}", (_GATE,), events)
    return Trial(truth, lambda: _in_weather(ScenePainter(scene).pictures(), weather, seed))


def emptiness(weather: Weather, duration_s: float, seed: int = STANDARD_SEED) -> Trial:
    """Nothing but weather: every alert is false. The seed draws the weather's look."""
    scene = Scene(*_SIZE, frame_rate=round(ANALYSED_FPS), duration_s=duration_s, walker_count=0, car_count=0)
    background = paint_background(scene)
    truth = LabelledScene(f"nothing in {_called(weather, seed)}", (NAMED_GROUND, ANY_GROUND))
    return Trial(truth, lambda: _in_weather((background for _ in range(scene.frame_count)), weather, seed))


def weathered(trial: Trial, weather: Weather, seed: int = STANDARD_SEED) -> Trial:
    """A real scene in drawn weather: what happens is the same and must still be told."""
    scene = replace(trial.scene, name=f"{trial.scene.name} in {_called(weather, seed)}")
    return Trial(scene, lambda: _weathered(trial.frames(), weather, seed))


def parked(footage: Callable[[], Iterator[Frame]], stops_s: float, duration_s: float) -> Trial:
    """Real footage that stands still from `stops_s` on, with sensor noise, sampled as idle cameras are."""
    return Trial(LabelledScene("parked car", (ANY_GROUND,)), partial(_held, footage, stops_s, duration_s))


def _crossing(figure: Figure) -> Event:
    (from_x, from_y), (to_x, to_y) = figure.feet_from, figure.feet_to
    share = (_MIDDLE - from_x) / (to_x - from_x)
    at_s = figure.enters_s + share * (figure.leaves_s - figure.enters_s)
    place = Point(_MIDDLE, from_y + share * (to_y - from_y))
    return Event(_GATE.name, at_s, place, f"{figure.label} {figure.id}", REACH + figure.width)


def _called(weather: Weather, seed: int) -> str:
    return weather if seed == STANDARD_SEED else f"{weather} {seed}"


def _weathered(frames: Iterator[Frame], weather: Weather, seed: int) -> Iterator[Frame]:
    painter = None
    for frame in frames:
        picture = frame.picture
        painter = painter or WeatherPainter(weather, picture.width, picture.height, seed)
        yield drawn_frame(frame.sequence, frame.media_time_s, painter.paint(picture.bgr(), frame.media_time_s))


def _in_weather(pictures: Iterator[Image], weather: Weather, seed: int) -> Iterator[Frame]:
    painter = WeatherPainter(weather, *_SIZE, seed)
    for index, picture in enumerate(pictures):
        time_s = index / ANALYSED_FPS
        yield drawn_frame(index, time_s, painter.paint(picture, time_s))


def _held(footage: Callable[[], Iterator[Frame]], stops_s: float, duration_s: float) -> Iterator[Frame]:
    last = None
    for frame in footage():
        if frame.media_time_s > stops_s:
            break
        last = frame
        yield frame
    if last is None:
        return
    still = last.picture.bgr()
    painter = WeatherPainter(Weather.CLEAR, last.picture.width, last.picture.height)
    for step in range(1, round(duration_s * _IDLE_FPS)):
        time_s = last.media_time_s + step / _IDLE_FPS
        yield drawn_frame(last.sequence + step, time_s, painter.paint(still, time_s))
