"""Models as data: what a file of weights expects and what its outputs mean."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analytics.detection import ALLOWED_LABELS

CATALOGUE_FILE = Path(__file__).resolve().parent.parent / "configs" / "models.toml"


class RefusalCode(StrEnum):
    """Why a model is not used; stable, translated by the page."""

    UNKNOWN = "model-unknown"
    MISSING = "model-missing"
    UNREADABLE = "model-unreadable"
    HASH = "model-hash-mismatch"
    SCHEMA = "model-schema-mismatch"
    PURPOSE = "model-purpose-refused"
    RUNTIME = "model-runtime-missing"
    ENTRY = "model-entry-invalid"
    PICTURES = "model-pictures-few"
    INEXACT = "model-twin-inexact"


class ModelRefused(Exception):
    """A model that must not or cannot be used. `code` is stable, the message is for a technician."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Runtime(StrEnum):
    """The library that runs a model."""

    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"
    TORCH = "torch"


# Head, layout and fit that a runtime's detector is written for; a new one is a new row and its code.
_UNDERSTOOD = MappingProxyType(
    {
        Runtime.ONNXRUNTIME: (
            *((head, "nchw", "letterbox") for head in ("yolox", "yolo", "end2end", "ssd")),
            ("ssd", "nchw", "stretch"),
        ),
        Runtime.OPENVINO: (("ssd", "nhwc", "stretch"),),
        Runtime.TORCH: tuple((head, "nchw", "letterbox") for head in ("yolox", "yolo", "end2end")),
    }
)

# The product watches places, not persons. A model that says it is for one of these is not loaded.
_REFUSED_PURPOSE = re.compile(
    r"(?<![a-z])(faces?|facial|facenet|arcface|retinaface|(licen[cs]e|number)?[ _-]?plates?|lpr|alpr|anpr"
    r"|embeddings?|re[ _-]?id|re-?identification|gait|emotions?|ethnicity|gender)(?![a-z])",
    re.IGNORECASE,
)


def refuse_purpose(texts: Iterable[str]) -> None:
    """Looks through a model's own words: names, classes, metadata.

    Raises:
        ModelRefused: they name faces, plates, embeddings or attributes of persons.

    """
    for text in texts:
        found = _REFUSED_PURPOSE.search(text)
        if found:
            raise ModelRefused(RefusalCode.PURPOSE, f'the model says "{found[0]}": this product watches places')


class Twin(BaseModel):
    """Of which model another one is the twin in fewer bits, and how well the two were seen to agree.

    The comparison holds for the file and for the processor that it was made with: others round in other ways.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    processor: str
    pictures: int = Field(gt=0)
    objects: int = Field(gt=0)
    kept: float = Field(ge=0, le=1)
    confirmed: float = Field(ge=0, le=1)


class ModelEntry(BaseModel):
    """One model of the catalogue; configs/models.toml explains each key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    file: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")
    runtime: Runtime
    head: Literal["yolox", "yolo", "end2end", "ssd"]
    input: tuple[int, int]
    layout: Literal["nchw", "nhwc"]
    colour: Literal["bgr", "rgb"]
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = Field(gt=0)
    fit: Literal["letterbox", "stretch"]
    labels: tuple[str, ...] = Field(min_length=1, max_length=1000)
    licence: str = Field(min_length=1)
    size_bytes: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    address: str | None = Field(default=None, pattern=r"^https://")
    package: tuple[str, str] | None = None
    twin: Twin | None = None

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if not 32 <= min(self.input) <= max(self.input) <= 4096:  # noqa: PLR2004 - smallest and largest sensible input
            raise ValueError("input sides must be 32 to 4096 pixels")
        if not ALLOWED_LABELS.intersection(self.labels):
            raise ValueError("none of the labels may be analysed")
        if (self.head, self.layout, self.fit) not in _UNDERSTOOD[self.runtime]:
            raise ValueError(f"{self.runtime} detectors understand only {_UNDERSTOOD[self.runtime]}")
        if self.runtime is Runtime.OPENVINO and (self.scale != 1.0 or any(self.mean)):
            raise ValueError("openvino detectors take pixels as they are: scale must be 1.0, mean 0")
        return self

    @property
    def allowed_labels(self) -> tuple[str, ...]:
        """The classes of this model that are used."""
        return tuple(label for label in self.labels if label in ALLOWED_LABELS)


class Catalogue:
    """The known models, best first."""

    def __init__(self, entries: Iterable[ModelEntry]) -> None:
        self._entries = {entry.name: entry for entry in entries}

    @property
    def entries(self) -> tuple[ModelEntry, ...]:
        """Best first."""
        return tuple(self._entries.values())

    def entry(self, name: str) -> ModelEntry:
        """The model of that name.

        Raises:
            ModelRefused: UNKNOWN, there is none.

        """
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(self._entries)
            raise ModelRefused(RefusalCode.UNKNOWN, f'no model is called "{name}"; known are {known}') from None

    def twin_of(self, entry: ModelEntry) -> ModelEntry | None:
        """The same model in fewer bits, if one was made."""
        return next((one for one in self.entries if one.twin is not None and one.twin.of == entry.name), None)

    def extended(self, entries: Iterable[ModelEntry]) -> "Catalogue":
        """With a site's own models after these."""
        return Catalogue((*self.entries, *entries))


def read_catalogue(path: Path = CATALOGUE_FILE) -> Catalogue:
    """The models of a TOML file, in its order.

    Raises:
        ModelRefused: ENTRY or PURPOSE, naming the entry and the key that are wrong.

    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("models", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelRefused(RefusalCode.ENTRY, f"{path.name}: {error}") from error
    return Catalogue(read_entry(name, table) for name, table in tables.items())


def read_entry(name: str, table: Mapping[str, object]) -> ModelEntry:
    """One table [models.NAME].

    Raises:
        ModelRefused: ENTRY or PURPOSE, naming the key that is wrong.

    """
    try:
        entry = ModelEntry.model_validate({"name": name, **table})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ModelRefused(RefusalCode.ENTRY, f"models.{name}.{key}: {first['msg']}") from error
    refuse_purpose((entry.name, entry.file, *entry.labels))
    return entry
