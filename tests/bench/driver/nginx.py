"""nginx as a peer: the one of the system, or that of Debian's package, unpacked and not installed
(an installed one would be started as a service)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from place import NotBuilt, Place, Program

# One process and one worker, as many as aio has; it keeps silent clients as long as aio does.
_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.err;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    client_header_timeout 1h;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; return 204; }}
}}
"""


def program() -> Program:
    def command(place: Place, port: int) -> list[str]:
        folder = place.folder / f"nginx-{port}"
        folder.mkdir(exist_ok=True)
        file = folder / "nginx.conf"
        file.write_text(_CONFIG.format(folder=folder, port=port))
        return [_binary(place), "-p", str(folder), "-e", str(folder / "nginx.err"), "-c", str(file)]
    return Program("nginx", command)


def _binary(place: Place) -> str:
    installed = shutil.which("nginx", path="/usr/local/sbin:/usr/sbin:/usr/bin:/usr/local/bin")
    unpacked = place.build / "bench" / "nginx" / "usr" / "sbin" / "nginx"
    if not installed and not unpacked.exists():
        _unpack(place.build / "bench" / "nginx")
    return installed or str(unpacked)


def _unpack(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(["apt-get", "download", "-q", "nginx"], cwd=folder, check=True,
                       capture_output=True, timeout=120)
        for package in folder.glob("nginx_*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise NotBuilt(f"nginx: not installed, and its package cannot be fetched: {error}") from None
