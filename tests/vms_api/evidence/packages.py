"""A small evidence package, made as the site makes it."""

import hashlib
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vms_api.evidence.manifest import (
    AlertEntry,
    CameraEntry,
    Manifest,
    MissingSpan,
    PersonEntry,
    PurposeEntry,
    SourceFile,
    VideoPart,
)
from vms_api.evidence.package import documents, listed, sealed
from vms_api.evidence.signature import key_id

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
FACTS = dict.fromkeys(
    ("site", "export_id", "asked_from", "asked_to", "requested_by", "approved_by", "key_id", "missing_zh"), "x"
) | {"missing_en": "none"}
VIDEO = {"gate-1.mp4": b"first moving pictures " * 40, "gate-2.mp4": b"second moving pictures " * 40}


def manifest(key: Ed25519PrivateKey, papers: Mapping[str, bytes], **changes: Any) -> Manifest:
    source = SourceFile(recording_id="r", sha256="a" * 64, epoch=1, mask_version=0, clock_offset_s=0.25)
    videos = tuple(
        VideoPart(
            name=name,
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            camera_id="gate",
            shown_from=START,
            shown_to=START + timedelta(seconds=5),
            frame_count=50,
            codec="h264",
            audio_codec=None,
            sources=(source,),
        )
        for name, content in VIDEO.items()
    )
    facts: dict[str, Any] = {
        "export_id": "e",
        "site": "Plumtree",
        "software": "xueliang 0",
        "made_at": START,
        "time_zone": "Asia/Shanghai",
        "asked_from": START,
        "asked_to": START + timedelta(seconds=30),
        "purpose": PurposeEntry(key="case", reference="17"),
        "note": "",
        "requested_by": PersonEntry(user_id="1", username="zhang", at=START),
        "approved_by": PersonEntry(user_id="2", username="li", at=START),
        "cameras": (CameraEntry(id="gate", name="Gate 门", area_id="a", area_name="Village", mask_version=0),),
        "videos": videos,
        "documents": listed(papers),
        "missing": (
            MissingSpan(
                camera_id="gate",
                starts_at=START + timedelta(seconds=5),
                ends_at=START + timedelta(seconds=10),
                reason="camera-offline",
            ),
        ),
        "alerts": (
            AlertEntry(
                id="a",
                camera_id="gate",
                raised_at=START,
                kind="intrusion",
                severity="high",
                rule_name="Yard",
                state="NEW",
                history=({"at": "2026", "act": "raise"},),
            ),
        ),
        "key_id": key_id(key.public_key()),
    }
    return Manifest(**facts | changes)


def contents(key: Ed25519PrivateKey, **changes: Any) -> dict[str, bytes]:
    """File name → bytes of a whole package."""
    papers = documents(key, FACTS)
    return {**VIDEO, **papers, **sealed(manifest(key, papers, **changes), key)}


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return path
