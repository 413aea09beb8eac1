"""What accounts and rights refuse."""

from collections.abc import Sequence
from typing import Any

from vms_api.errors import FieldError, InvalidRequest, NotFound, Problem


class Hidden(NotFound):
    """It is there, but not for this person: answered as if it were not, and recorded as a denial."""

    hides = True


class NotAllowed(Problem):
    """The person may see the place, but not do this there. `who_can_grant` are the names of people who can help."""

    status, code, title = 403, "not-allowed", "You are not allowed to do this"

    def __init__(self, permission: str, who_can_grant: Sequence[str] = ()) -> None:
        super().__init__(f"this needs the right {permission}")
        self.permission = permission
        self.who_can_grant = tuple(who_can_grant)

    def document(self) -> dict[str, Any]:
        """The refusal with the missing permission and the people who can grant it."""
        return {**super().document(), "permission": self.permission, "who_can_grant": list(self.who_can_grant)}


class SessionRequired(Problem):
    """API tokens do not change the account they belong to."""

    status, code, title = 403, "session-required", "This needs a person's login, not an API token"


class PasswordChangeRequired(Problem):
    """The password was given by somebody else."""

    status, code, title = 403, "password-change-required", "Please choose a password of your own first"


class TotpSetupRequired(Problem):
    """The person's role needs a second factor."""

    status, code, title = 403, "totp-setup-required", "Please set up the second factor first"


class TotpNeeded(Problem):
    """The password is right; the second factor is missing."""

    status, code, title = 401, "totp-needed", "Please enter the code of your second factor"


class TotpWrong(Problem):
    """The code is wrong or was used already."""

    status, code, title = 401, "totp-wrong", "The code is wrong or was used already"


class TotpCodeRefused(InvalidRequest):
    """The code does not prove that the second factor was set up."""

    code, title = "totp-wrong", "The code is wrong"


class TokenWrong(Problem):
    """No such API token, or it has expired or was withdrawn."""

    status, code, title = 401, "token-wrong", "The API token is not valid"


class TokenInQuery(Problem):
    """Addresses end in logs and in Referer headers, so nothing secret may be in them."""

    status, code, title = 400, "token-in-query", "Secrets do not belong into an address"


class PasswordWrong(Problem):
    """The present password was asked for and was not given."""

    status, code, title = 403, "password-wrong", "The present password is wrong"


class PasswordReused(InvalidRequest):
    """The person has had this password lately."""

    code, title = "password-reused", "This password was used before"


class LastAdmin(Problem):
    """Somebody must be able to grant rights."""

    status, code, title = 409, "last-admin", "Somebody must remain administrator of the whole site"


class GrantExists(Problem):
    """The same right twice."""

    status, code, title = 409, "grant-exists", "This right is granted already"


class UsernameTaken(Problem):
    """Another user has that name."""

    status, code, title = 409, "name-taken", "The name is taken"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("username", self.code, "there is a user of that name")])


class GroupNameTaken(Problem):
    """Another group has that name."""

    status, code, title = 409, "name-taken", "The name is taken"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("name", self.code, "there is a group of that name")])


class OidcRefused(Problem):
    """The provider did not say who it is, or not in a way that can be believed."""

    status, code, title = 401, "oidc-refused", "The login by the provider did not succeed"


class OidcDenied(Problem):
    """The provider knows the person, but that is not enough. `username` is for the audit log, not for the answer."""

    status = 403

    def __init__(self, username: str | None = None) -> None:
        super().__init__()
        self.username = username


class OidcUserUnknown(OidcDenied):
    """The provider knows the person; here there is no such user, or another person has the name."""

    code, title = "oidc-user-unknown", "You have no account here"


class OidcSecondFactor(OidcDenied):
    """The account has a second factor here, which a login elsewhere must not pass by."""

    code, title = "oidc-second-factor", "Please log in with password and code"


class OidcUnavailable(Problem):
    """The provider does not answer, or not as a provider does."""

    status, code, title = 503, "oidc-unavailable", "The login provider is not available"
