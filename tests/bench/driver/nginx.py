"""nginx as a peer: the one of the system, or that of Debian's packages, unpacked and not installed
(an installed one would be started as a service)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from certificates import certificate
from place import NotBuilt, Place, Program

# One process and one worker, as many as aio has.
_PROCESS = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.err;
events {{ worker_connections 20000; }}
"""

# It keeps silent clients as long as aio does.
_HTTP = """
http {{
    access_log off;
    client_header_timeout 1h;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ {server} }}
}}
"""

# Tickets are on, as they are by default; there is no cache of sessions, as aio has none.
_TLS = """
    listen 127.0.0.1:{port} ssl backlog=1024;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_timeout 12h;
"""


def program() -> Program:
    return _program("nginx", _PROCESS + _HTTP.replace(
        "{server}", "listen 127.0.0.1:{port}; return 204;"))


def greeting(key_kind: str) -> Program:
    """TLS; says hello and closes."""
    text = "load_module {modules}/ngx_stream_module.so;" + _PROCESS + (
        "stream {{ server {{" + _TLS + 'return "hello\\n"; }} }}')
    return _program("nginx", text, key_kind)


def files(folder: Path) -> Program:
    """TLS; serves the files of a folder, in records of 16 KiB as it does by default."""
    return _program("nginx", _PROCESS + _HTTP.replace("{server}", _TLS + f"root {folder};"), "ec")


def _program(name: str, text: str, key_kind: str = "") -> Program:
    def command(place: Place, port: int) -> list[str]:
        folder = place.folder / f"nginx-{port}"
        folder.mkdir(exist_ok=True)
        file = folder / "nginx.conf"
        shown, key = certificate(place.folder, key_kind) if key_kind else ("", "")
        binary, modules = _installation(place)
        file.write_text(text.format(
            folder=folder, port=port, certificate=shown, key=key, modules=modules))
        return [binary, "-p", str(folder), "-e", str(folder / "nginx.err"), "-c", str(file)]
    return Program(name, command)


def _installation(place: Place) -> tuple[str, str]:
    """The program, and the folder of its modules."""
    installed = shutil.which("nginx", path="/usr/local/sbin:/usr/sbin:/usr/bin:/usr/local/bin")
    if installed:
        return installed, "/usr/lib/nginx/modules"
    unpacked = place.build / "bench" / "nginx" / "usr"
    if not (unpacked / "lib" / "nginx" / "modules").exists():
        _unpack(unpacked.parent)
    return str(unpacked / "sbin" / "nginx"), str(unpacked / "lib" / "nginx" / "modules")


def _unpack(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(["apt-get", "download", "-q", "nginx", "libnginx-mod-stream"], cwd=folder,
                       check=True, capture_output=True, timeout=120)
        for package in folder.glob("*nginx*_*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise NotBuilt(f"nginx: not installed, and its package cannot be fetched: {error}") from None
