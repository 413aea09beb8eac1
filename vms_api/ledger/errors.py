"""What the ledger and its import refuse.

Problem
├── LedgerVersionStale  SignMissing  ImportStateWrong  TooManyImports    409
└── InvalidRequest                                                        422
    ├── PlaceProhibited
    ├── FileUnreadable        neither CSV nor XLSX, damaged, or made to do harm
    ├── FileTooLarge          in rows, columns or unpacked bytes
    └── HeaderMissing         no row of titles
"""

from vms_api.errors import FieldError, InvalidRequest, Problem


class LedgerVersionStale(Problem):
    """Somebody else has changed the ledger since it was read."""

    status, code, title = 409, "ledger-version-stale", "The ledger was changed meanwhile"


class SignMissing(Problem):
    """The site wants a sign recorded before a camera goes into service."""

    status, code, title = 409, "sign-missing", "No sign is recorded for this camera"


class ImportStateWrong(Problem):
    """It is being done, was done, or was given up."""

    status, code, title = 409, "import-state-wrong", "This cannot be done with the import any more"


class TooManyImports(Problem):
    """They are kept in memory until they are done or an hour old."""

    status, code, title = 409, "too-many-imports", "Too many imports are open"


class PlaceProhibited(InvalidRequest):
    """No camera may be in such a place."""

    code, title = "place-prohibited", "No camera may be in such a place"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("place_kind", self.code, "the law, or this site, allows no camera there")])


class FileUnreadable(InvalidRequest):
    """Not a table that is understood."""

    code, title = "file-unreadable", "The file is neither a CSV nor an XLSX table that can be read"


class FileTooLarge(InvalidRequest):
    """More than one import takes."""

    code, title = "file-too-large", "The table is too large for one import"


class HeaderMissing(InvalidRequest):
    """The first rows hold no title that is known, so nothing says what the columns are."""

    code, title = "header-missing", "No row of column titles was found"
