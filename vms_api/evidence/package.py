"""The papers of an evidence package: manifest, signature, public key and the page that explains them."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from string import Template

from vms_api.evidence.manifest import Manifest, PackagePart
from vms_api.evidence.signature import EvidenceKey, public_pem

MANIFEST, SIGNATURE, PUBLIC_KEY, README = "manifest.json", "manifest.sig", "public-key.pem", "README.txt"
UNLISTED = frozenset({MANIFEST, SIGNATURE})
"""What the manifest cannot vouch for: itself and its signature."""


def documents(key: EvidenceKey, facts: Mapping[str, str]) -> Mapping[str, bytes]:
    """The papers that the manifest lists; `facts` fill the places of readme.txt."""
    return {PUBLIC_KEY: public_pem(key), README: _readme().substitute(facts).encode()}


def listed(papers: Mapping[str, bytes]) -> tuple[PackagePart, ...]:
    """The entries of papers in a manifest."""
    return tuple(
        PackagePart(name=name, sha256=sha256(content).hexdigest(), size_bytes=len(content))
        for name, content in papers.items()
    )


def sealed(manifest: Manifest, key: EvidenceKey) -> Mapping[str, bytes]:
    """The manifest as text, and its signature."""
    text = manifest.text()
    return {MANIFEST: text, SIGNATURE: key.sign(text)}


@cache
def _readme() -> Template:
    return Template(resources.files("vms_api.evidence").joinpath("readme.txt").read_text(encoding="utf-8"))
