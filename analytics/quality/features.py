"""What is measured of one sample, before anything is judged."""

from dataclasses import dataclass

from analytics.quality.grid import Floats, Mask
from analytics.quality.light import Light
from ingest.frame import Image


@dataclass(frozen=True, slots=True)
class Numbers:
    """One number each, of which a baseline keeps what is usual; None where it could not be measured.

    `level` mean luma; `contrast` spread of the cells' luma; `flat` share of pixels without any grain; `change`
    logarithm of the luma steps from the picture before; `impulses` share of pixels that stick out of their neighbours;
    `stripes` luma steps of the strongest regular pattern; `tint_a`, `tint_b` the median colour in Lab, 0 neutral;
    `clipped` share of pixels at white; `frame_rate` measured by declared, pictures a second where none is declared;
    `gap` 95th percentile of arrival gaps by the mean one; `bare` share of the cells that have lost their detail;
    `likeness` share of the view's parts whose outlines are where they were; `crisp` logarithm of fine by coarse detail
    at the sharpest strong outlines, wherever.
    """

    level: float
    contrast: float
    flat: float
    clipped: float
    impulses: float
    stripes: float
    tint_a: float
    tint_b: float
    change: float | None = None
    frame_rate: float | None = None
    gap: float | None = None
    bare: float | None = None
    likeness: float | None = None
    crisp: float | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """(ROWS, COLUMNS) each, NaN where a cell does not count.

    `fine` and `coarse` detail and mean `luma` (see `detail`), mean colour `tint_a` and `tint_b` (see `tint`).
    """

    fine: Floats
    coarse: Floats
    luma: Floats
    tint_a: Floats
    tint_b: Floats


@dataclass(frozen=True, slots=True)
class Alike:
    """The map of outlines beside an older one: correlation `here` and at the `best` place, which is `away`.

    `away` is a share of the picture's width; `kept` the share of the parts that are where they were, None where too
    few parts show any outlines.
    """

    here: float
    best: float
    away: float
    kept: float | None


@dataclass(frozen=True, slots=True)
class Features:
    """All of one picture."""

    light: Light
    numbers: Numbers
    cells: Cells
    moves: float | None
    """Share of the picture that moved since the picture before, a ticking clock aside."""

    alike: Alike | None
    """Beside the reference."""

    moved: Mask
    """(ROWS, COLUMNS): which cells moved. What they show is in no cell's detail or colour."""

    outlines: Image
    learnt: Alike | None = None
    """Beside what is learnt of the view in this light."""
