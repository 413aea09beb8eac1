"""What all statistics are asked for: a span, an area, and the form of the answer."""

import io
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Annotated, Literal, Self

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from vms_api.reports.alert_report import Language
from vms_api.reports.alert_tally import Window
from vms_api.spreadsheet import CsvWriter, Encoding, TableWriter, XlsxWriter

LONGEST = timedelta(days=366)


class SpanFilter(BaseModel):
    """Of which span and area (with those below it) a report is, by what it is grouped, and how it is answered."""

    by: str
    since: Annotated[AwareDatetime, Field(alias="from")]
    until: Annotated[AwareDatetime, Field(alias="to")]
    area_id: Annotated[str | None, Field(max_length=64)] = None
    kind: Annotated[Literal["json", "csv", "xlsx"], Field(alias="format")] = "json"
    encoding: Encoding = "utf-8"
    language: Language = "zh-CN"

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        if not timedelta(0) < self.until - self.since <= LONGEST:
            raise PydanticCustomError("window_wrong", "the end is after the beginning, by at most 366 days")
        return self

    @property
    def window(self) -> Window:
        """The span, UTC."""
        return Window.model_validate({"from": self.since.astimezone(UTC), "to": self.until.astimezone(UTC)})

    def as_table(self, name: str, write: Callable[[TableWriter], None]) -> Response:
        """A file of that name as it was asked for, CSV or XLSX. Takes its time: call it in a thread."""
        file = io.BytesIO()
        writer = XlsxWriter(file) if self.kind == "xlsx" else CsvWriter(file, self.encoding)
        write(writer)
        headers = {"Content-Disposition": f'attachment; filename="{name}.{self.kind}"'}
        return Response(file.getvalue(), media_type=writer.media_type, headers=headers)
