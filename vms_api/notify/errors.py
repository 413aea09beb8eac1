"""What is refused about receivers.

Problem
├── SecretWrong  MailMissing   422
└── TooManyReceivers           409
"""

from vms_api.errors import InvalidRequest, Problem


class SecretWrong(InvalidRequest):
    """Webhooks are signed with `whsec_` and the base64 form of 24 to 64 bytes."""

    code, title = "webhook-secret-wrong", "This is no secret for webhooks"


class MailMissing(InvalidRequest):
    """The site file names no mail server."""

    code, title = "mail-missing", "This site has no mail server"


class TooManyReceivers(Problem):
    """Every alert is written down once for each of them."""

    status, code, title = 409, "too-many-receivers", "There are as many receivers as there may be"
