"""Password hashing with argon2id (RFC 9106), away from the event loop; and what makes a password weak."""

import asyncio
import re
import secrets
import string
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vms_api.accounts.account import MIN_PASSWORD_LENGTH, name_key

_WORDS = Path(__file__).with_name("common_passwords.txt")
_RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1q2w3e4r5t6y7u8i9o0p")
_RUN_LENGTH = 4
_FEWEST_LETTERS = 5
_LEET = str.maketrans("013457@$!", "oieastasi")
_GENERATED_ALPHABET = "".join(sorted(set(string.ascii_letters + string.digits) - set("Il1O0o")))
_GENERATED_LENGTH = 16


def weakness(password: str, username: str = "") -> str | None:
    """Why the password would be guessed, None for one that would not.

    Length counts, and what guessers try first; there are no rules about kinds of characters (NIST SP 800-63B clause
    5.1.1.2). Common words stay common with numbers, runs and repetitions around them.
    """
    if len(password) < MIN_PASSWORD_LENGTH:
        return f"at least {MIN_PASSWORD_LENGTH} characters"
    text = unicodedata.normalize("NFKC", password).casefold()
    if len(set(text)) < _FEWEST_LETTERS:
        return "too few different characters"
    if len(username) >= _RUN_LENGTH and name_key(username) in text and len(text) - len(username) < MIN_PASSWORD_LENGTH:
        return "the user name with little around it"
    if _is_common(text) or _is_common(text.translate(_LEET)):
        return "common words, runs or repetitions only"
    return None


def is_weak(password: str, username: str = "") -> bool:
    """Whether the password would be guessed."""
    return weakness(password, username) is not None


def generated_password() -> str:
    """A random password of 92 bits, without letters that are mistaken for each other."""
    return "".join(secrets.choice(_GENERATED_ALPHABET) for _ in range(_GENERATED_LENGTH))


class Passwords:
    """Hashes and checks passwords in threads, two at a time: each takes 64 MiB while it runs."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._slots = asyncio.Semaphore(2)
        self._decoy = hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The hash to be stored, with its salt and parameters."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password. Takes as long for a user who does not exist (`None`)."""
        async with self._slots:
            matches = await asyncio.to_thread(self._matches, password_hash or self._decoy, password)
        return matches and password_hash is not None

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _is_common(text: str) -> bool:
    """Whether nothing remains without common words, runs of keys, numbers and signs; a few letters are nothing."""
    rest = _unrepeated(text)
    for word in _common_words():
        rest = rest.replace(word, " ")
    for run in _runs():
        rest = rest.replace(run, " ")
    letters = re.sub(r"[\W\d_]+", "", rest)
    return len(letters) < _FEWEST_LETTERS and not _is_long_number_free(rest)


def _unrepeated(text: str) -> str:
    """Without repetition: abcabcabc is abc."""
    return re.sub(r"^(.{1,8}?)\1+$", r"\1", text)


def _is_long_number_free(rest: str) -> bool:
    """Random digits are as good as letters: what remains counts where it is long enough by itself."""
    return len(re.sub(r"\s+", "", rest)) >= MIN_PASSWORD_LENGTH


@cache
def _common_words() -> tuple[str, ...]:
    """The longer ones first, so that a word is not cut up by a shorter one inside it."""
    words = (line for line in _WORDS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return tuple(sorted(words, key=len, reverse=True))


@cache
def _runs() -> tuple[str, ...]:
    """Pieces of the rows of a keyboard, in both directions."""
    rows = (*_RUNS, *(row[::-1] for row in _RUNS))
    pieces = {row[i : i + size] for row in rows for size in range(_RUN_LENGTH, 11) for i in range(len(row) - size + 1)}
    return tuple(sorted(pieces, key=len, reverse=True))
