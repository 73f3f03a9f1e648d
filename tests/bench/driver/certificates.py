"""Certificates that sign themselves, made by the openssl program."""

from __future__ import annotations

import subprocess
from pathlib import Path

from place import NotBuilt

_KEYS = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["rsa:2048"]}


def certificate(folder: Path, key_kind: str) -> tuple[Path, Path]:
    """The files of the certificate and of its key; made at the first call."""
    shown, key = folder / f"{key_kind}.pem", folder / f"{key_kind}.key"
    if not shown.exists():
        try:
            subprocess.run(
                ["openssl", "req", "-x509", "-nodes", "-newkey", *_KEYS[key_kind], "-keyout", key,
                 "-out", shown, "-days", "30", "-subj", "/CN=localhost",
                 "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise NotBuilt(f"no certificate: {error}") from None
    return shown, key
