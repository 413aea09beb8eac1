"""The drawing of the demo's township, made by code: fields, a river, roads and houses. No real place looks so."""

import cv2
import numpy as np

WIDTH, HEIGHT = 1760, 1480
_FIELD, _GRASS, _WATER = (214, 236, 226), (196, 226, 208), (230, 205, 168)
_ROAD, _LANE, _HOUSE, _WALL = (255, 255, 255), (244, 244, 240), (188, 206, 222), (130, 150, 170)

Colour = tuple[int, int, int]


def township_drawing() -> bytes:
    """A PNG with north up."""
    sheet = np.full((HEIGHT, WIDTH, 3), _FIELD, np.uint8)
    chance = np.random.default_rng(11)
    for _ in range(90):
        left, top = int(chance.integers(0, WIDTH)), int(chance.integers(0, HEIGHT))
        cv2.rectangle(sheet, (left, top), (left + 130, top + 84), _GRASS, -1)
    river = [(0, 1310), (420, 1240), (900, 1290), (1270, 1130), (1400, 900), (1540, 640), (WIDTH, 520)]
    _strip(sheet, river, 92, _WATER)
    for road in (
        [(0, 560), (520, 620), (900, 660), (1330, 960), (WIDTH, 1050)],
        [(880, 0), (900, 660), (820, 1060), (760, HEIGHT)],
        [(300, HEIGHT), (520, 620), (560, 0)],
    ):
        _strip(sheet, road, 34, _WALL)
        _strip(sheet, road, 28, _ROAD)
    for row in range(4):
        _strip(sheet, [(560, 720 + row * 92), (880, 700 + row * 92)], 14, _LANE)
    cv2.rectangle(sheet, (920, 700), (1090, 830), _LANE, -1)
    _houses(sheet, chance, (570, 640, 860, 1010), 46)
    _houses(sheet, chance, (930, 420, 1180, 640), 30)
    _houses(sheet, chance, (1320, 1000, 1640, 1220), 34)
    ok, data = cv2.imencode(".png", sheet)
    if not ok:
        raise RuntimeError("the drawing could not be encoded")
    return data.tobytes()


def _strip(sheet: np.ndarray, points: list[tuple[int, int]], width: int, colour: Colour) -> None:
    cv2.polylines(sheet, [np.array(points, np.int32)], False, colour, width, cv2.LINE_AA)


def _houses(sheet: np.ndarray, chance: np.random.Generator, field: tuple[int, int, int, int], count: int) -> None:
    left, top, right, bottom = field
    for _ in range(count):
        x, y = int(chance.integers(left, right)), int(chance.integers(top, bottom))
        corner = x + int(chance.integers(22, 56)), y + int(chance.integers(18, 40))
        cv2.rectangle(sheet, (x, y), corner, _HOUSE, -1, cv2.LINE_AA)
        cv2.rectangle(sheet, (x, y), corner, _WALL, 2, cv2.LINE_AA)
