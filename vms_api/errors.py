"""Everything the control process refuses, at start and in an answer.

    StartRefused                  the process does not start; the message is for whoever started it
    ├── SettingsRefused           a site file with mistakes, each with its line and key
    ├── DataFolderUnwritable      no permission, or not a folder
    ├── DataFolderInUse           another control process works on it
    ├── DatabaseNewer             written by a later version of Xueliang
    ├── DatabaseInUse             another control process works on this database of a server
    ├── DatabaseUnreachable       the database server does not answer, or does not let us in
    ├── SecretKeyRefused          the key file does not fit the stored camera passwords
    ├── AuditKeyRefused           the key of the audit log is not a key
    ├── AuditUnreadable           there is no audit log to be checked
    ├── IndexUnreadable           there is no index of recordings to be checked
    ├── PresetPasswordWeak        XUELIANG_ADMIN_PASSWORD is too short
    ├── PortInUse
    └── UserRefused               `xueliang user` cannot do what was asked
    Problem                       an HTTP answer (RFC 9457); the class knows its status and stable code
    ├── InvalidRequest  ZoneSelfIntersecting  ZoneKindWrong  PasswordWeak                         422
    ├── NotLoggedIn  LoginFailed  LoginTokenWrong  NodeTokenWrong                                401
    ├── ForeignOrigin  SetupTokenWrong                                                           403
    ├── NotFound  MethodNotAllowed                                                               404, 405
    ├── SetupDone  NameTaken  ZoneInUse  MaskVersionStale  EpochStale                            409
    ├── BodyTooLarge  ContentTypeRequired  TooManyAttempts                                       413, 415, 429
    ├── NodeUnavailable                                                                          503
    ├── NodeProblem               a refusal of the media node, handed on as it is
    └── InternalError                                                                            500

No message of either tree carries a secret or repeats what was sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

_DENIALS = {401, 403, 429}


class StartRefused(Exception):
    """The process cannot start. `code` is stable; the message says what is wrong and where."""

    code: ClassVar[str] = "start-refused"


class SettingsRefused(StartRefused):
    """The site file has mistakes; `problems` holds one line for each."""

    code = "settings-refused"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class DataFolderUnwritable(StartRefused):
    """The data folder cannot be made or written."""

    code = "data-folder-unwritable"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: cannot be written ({reason}); choose another storage.data_dir or change its owner")


class DataFolderInUse(StartRefused):
    """Two control processes on one database would lose writes."""

    code = "data-folder-in-use"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: another xueliang works on this folder; stop it first")


class DatabaseNewer(StartRefused):
    """An older program must not touch a newer schema."""

    code = "database-newer"

    def __init__(self, place: str, revision: str) -> None:
        super().__init__(
            f"{place}: database-newer: its schema is {revision}, unknown to this version; upgrade Xueliang"
        )


class DatabaseInUse(StartRefused):
    """Two control processes on one database would not know of each other's rights and views."""

    code = "database-in-use"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: another xueliang works on this database; stop it first")


class DatabaseUnreachable(StartRefused):
    """The database server does not answer, or does not let us in."""

    code = "database-unreachable"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: cannot be opened ({reason})")


class SecretKeyRefused(StartRefused):
    """Camera passwords could not be read with this key."""

    code = "secret-key-refused"


class AuditKeyRefused(StartRefused):
    """The audit log's heads could not be signed or checked with this key."""

    code = "audit-key-refused"


class AuditUnreadable(StartRefused):
    """There is no audit log to be checked."""

    code = "audit-unreadable"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: its audit log cannot be read ({reason})")


class IndexUnreadable(StartRefused):
    """There is no index of recordings to be checked."""

    code = "index-unreadable"

    def __init__(self, database: str, reason: str) -> None:
        super().__init__(f"{database}: its index of recordings cannot be read ({reason})")


class PresetPasswordWeak(StartRefused):
    """The preset password would be guessed."""

    code = "password-weak"

    def __init__(self, minimum: int) -> None:
        super().__init__(f"XUELIANG_ADMIN_PASSWORD: password-weak: it needs at least {minimum} characters")


class PortInUse(StartRefused):
    """Somebody else listens there."""

    code = "port-in-use"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"{host}:{port}: cannot listen there ({reason}); choose another server.port")


class UserRefused(StartRefused):
    """`xueliang user` cannot do what was asked."""

    code = "user-refused"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of a request that was refused. `field` is its dotted path in the body."""

    field: str
    code: str
    message: str


class Problem(Exception):
    """An HTTP answer that is not what was asked for (RFC 9457). `code` is what the page translates."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong here"
    hides: ClassVar[bool] = False
    """Whether it says that there is nothing where there is something that this person may not know of."""

    def __init__(
        self, detail: str | None = None, *, errors: Sequence[FieldError] = (), retry_after_s: int | None = None
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after_s = retry_after_s

    @property
    def is_denial(self) -> bool:
        """Whether somebody was refused for who that is, and not for what was sent: such attempts are audited."""
        return self.hides or self.status in _DENIALS

    def document(self) -> dict[str, Any]:
        """The body of the answer (RFC 9457 clause 3; `code` and `errors` are extension members)."""
        document: dict[str, Any] = {
            "type": f"urn:xueliang:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            document["errors"] = [
                {"field": error.field, "code": error.code, "message": error.message} for error in self.errors
            ]
        return document


class InternalError(Problem):
    """A mistake of ours; the log has the traceback."""


class InvalidRequest(Problem):
    """The request does not have the shape of the contract."""

    status, code, title = 422, "invalid-request", "The request cannot be understood"

    @classmethod
    def field(cls, name: str, code: str, message: str) -> "InvalidRequest":
        """One field is wrong."""
        return cls(errors=[FieldError(name, code, message)])


class ZoneSelfIntersecting(InvalidRequest):
    """The outline of an area crosses itself."""

    code, title = "zone-self-intersecting", "The outline of the area crosses itself"


class ZoneKindWrong(InvalidRequest):
    """Intrusion needs an area, line crossing a line."""

    code, title = "zone-kind-wrong", "The rule needs another kind of zone"


class PasswordWeak(InvalidRequest):
    """Too short."""

    code, title = "password-weak", "The password is too short"


class NotLoggedIn(Problem):
    """No session, or one that has ended."""

    status, code, title = 401, "not-logged-in", "Please log in"


class LoginFailed(Problem):
    """Wrong user name or password; which of the two is not said."""

    status, code, title = 401, "login-failed", "User name or password is wrong"


class LoginTokenWrong(Problem):
    """The login link was used, has expired or never existed."""

    status, code, title = 401, "login-token-wrong", "This login link is no longer valid"


class NodeTokenWrong(Problem):
    """Not the token handed to the node at its launch."""

    status, code, title = 401, "node-token-wrong", "The node is not known"


class ForeignOrigin(Problem):
    """A write asked for by another site's page."""

    status, code, title = 403, "foreign-origin", "The request comes from another site"


class SetupTokenWrong(Problem):
    """Not the token of the set-up link printed at start."""

    status, code, title = 403, "setup-token-wrong", "This set-up link is not valid"


class NotFound(Problem):
    """No such thing."""

    status, code, title = 404, "not-found", "There is nothing here"


class MethodNotAllowed(Problem):
    """The thing is there, but not for this method."""

    status, code, title = 405, "method-not-allowed", "This cannot be done here"


class SetupDone(Problem):
    """There is a user already."""

    status, code, title = 409, "setup-done", "The set-up is done already"


class NameTaken(Problem):
    """Another camera has that name."""

    status, code, title = 409, "name-taken", "The name is taken"


class ZoneInUse(Problem):
    """A rule looks at this zone."""

    status, code, title = 409, "zone-in-use", "A rule uses this zone"


class MaskVersionStale(Problem):
    """Somebody else has changed the masks since they were read."""

    status, code, title = 409, "mask-version-stale", "The masks were changed meanwhile"


class EpochStale(Problem):
    """Another node process has taken over: this one must exit."""

    status, code, title = 409, "epoch-stale", "The node was replaced"


class BodyTooLarge(Problem):
    """More bytes than any request of the contract needs."""

    status, code, title = 413, "body-too-large", "The request is too large"


class ContentTypeRequired(Problem):
    """Browsers send forms and plain text without asking; JSON they do not."""

    status, code, title = 415, "json-required", "The body must be of the declared type"


class EntityTagWrong(Problem):
    """The request is for another state of the thing than the present one."""

    status, code, title = 412, "etag-wrong", "The entity tag does not match"


class TooManyAttempts(Problem):
    """Somebody is guessing."""

    status, code, title = 429, "too-many-attempts", "Too many attempts, please wait"


class NodeUnavailable(Problem):
    """The media node is down or starting."""

    status, code, title = 503, "node-unavailable", "The media node is not available"


class NodeProblem(Problem):
    """What the media node answered, with its own status and code."""

    def __init__(self, status: int, code: str, detail: str | None, retry_after_s: int | None) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.node_status = status
        self.node_code = code

    def document(self) -> dict[str, Any]:
        """The node's refusal under its own code."""
        kind = f"urn:xueliang:problem:{self.node_code}"
        own = {"type": kind, "title": "The media node refused", "status": self.node_status, "code": self.node_code}
        return {**super().document(), **own}
