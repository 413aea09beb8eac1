"""Where log entries go: JSON lines on standard error, or coloured ones where a person watches."""

import sys

import structlog
from structlog.typing import Processor


def configure_logging() -> None:
    """Set once by each process before its first entry.

    Tracebacks are plain: structlog's own default prints the local variables of every frame, and with them passwords.
    JSON keeps an entry on one line, whatever a camera's name contains.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_renderers(is_watched=sys.stderr.isatty()),
        ],
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _renderers(*, is_watched: bool) -> list[Processor]:
    if is_watched:
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
