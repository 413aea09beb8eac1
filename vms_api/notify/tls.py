"""Whom a TLS connection to a receiver believes."""

import ssl


def receiver_tls(authority_pem: str | None) -> ssl.SSLContext:
    """Checks the certificate and its name: against the given authority, or against those the system knows."""
    return ssl.create_default_context(cadata=authority_pem)


def is_tls_fault(error: BaseException) -> bool:
    """Whether the cause of an error is that TLS did not come about."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
