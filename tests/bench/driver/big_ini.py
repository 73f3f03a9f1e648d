"""A large configuration in the shape of real ones: components with a server, a schedule and
listeners on several lines each, and values that refer to others."""

from __future__ import annotations

_HEAD = """[aio]
log_level = INFO
host = 127.0.0.1
root = /srv/app

"""

_COMPONENT = """; component {i}
[server/web{i}]
factory = my.example.server_factory
address = ${{aio:host}}
port = {port}
root = ${{aio:root}}/site{i}
tls = no

[schedule/job{i}]
every = {every}
func = my.example.job_{i}

[listen/group{i}]
signal-{i} = my.example.listener
"""

_CONTINUATIONS = "\tmy.example.other_listener\n\tmy.example.third_listener\n"


def big_ini(lines: int, continuations: bool = True) -> str:
    """About so many lines; without continuation lines as many sections and values."""
    tail = (_CONTINUATIONS if continuations else "") + "\n"
    per_component = _COMPONENT.count("\n") + 3
    parts = [_HEAD]
    for i in range((lines - _HEAD.count("\n")) // per_component):
        parts.append(_COMPONENT.format(i=i, port=1024 + i % 60000, every=1 + i % 60) + tail)
    return "".join(parts)
