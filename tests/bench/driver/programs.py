"""The programs that are compared, and the INI files that aio runs."""

from __future__ import annotations

from pathlib import Path

from certificates import certificate
from place import Place, Program


def _peer(name: str, binary: str, transport: str = "tcp") -> Program:
    return Program(name, lambda place, port: [place.program(binary), str(port)], transport)


EPOLL = _peer("raw epoll", "epoll_echo")
ASIO_CALLBACKS = _peer("Asio callbacks", "asio_callbacks")
ASIO_CALLBACKS_64K = _peer("Asio callbacks 64 KiB", "asio_callbacks_64k")
ASIO_COROUTINE = _peer("Asio coroutine", "asio_coroutine")
ASIO_COROUTINE_64K = _peer("Asio coroutine 64 KiB", "asio_coroutine_64k")
ASIO_GRACEFUL = _peer("Asio graceful", "asio_graceful")
ASIO_UDP = _peer("Asio UDP", "asio_udp", "udp")


def asio_timers(count: int) -> Program:
    return Program("Asio timers", lambda place, _: [place.program("asio_timers"), str(count)], "none")


def asio_coroutines(count: int) -> Program:
    return Program("Asio coroutines", lambda place, _: [place.program("asio_coroutines"), str(count)],
                   "none")


def asio_dialer(slots: int, kind: str) -> Program:
    """`kind`: guarded, by what each connection of aio has; or bare."""
    return Program(f"Asio {kind}", lambda place, port: [
        place.program("asio_dialer"), str(port), str(slots), kind], "none")


def write_ini(place: Place, name: str, text: str) -> Path:
    file = place.folder / name
    file.write_text(text)
    return file


def run_ini(place: Place, name: str, text: str) -> list[str]:
    file = write_ini(place, name, "[aio]\nlog_level = WARNING\n" + text)
    return [place.aio_program(), "run", "-c", str(file)]


def _aio(name: str, protocol: str, transport: str = "tcp") -> Program:
    def command(place: Place, port: int) -> list[str]:
        many = "" if transport == "udp" else "max_connections = 20000\n"
        return run_ini(place, f"{protocol}-{port}.conf", f"""
[server/echo]
protocol = {protocol}
transport = {transport}
address = 127.0.0.1
port = {port}
{many}""")
    return Program(name, command, transport)


AIO_COROUTINE = _aio("aio coroutine", "aio.examples.echo")
AIO_CALLBACK = _aio("aio callback", "aio.examples.echo_callback")
AIO_UDP = _aio("aio UDP", "aio.examples.echo_datagram", "udp")


def aio_schedules(count: int) -> Program:
    def command(place: Place, port: int) -> list[str]:
        modules = place.build / "bench" / "modules"
        sections = "".join(
            f"[schedule/s{i}]\nfunc = bench.lateness.fire\nevery = 1\n"
            for i in range(count))
        head = f"module_path = {modules}\n[listen/lateness]\naio-stopping = bench.lateness.report\n"
        return run_ini(place, f"schedules-{port}.conf", head + sections)
    return Program("aio schedules", command, "none")


def _with_services(name: str, sections: str) -> Program:
    def command(place: Place, port: int) -> list[str]:
        modules = place.build / "bench" / "modules"
        return run_ini(place, f"services-{port}.conf", f"module_path = {modules}\n" + sections)
    return Program(name, command, "none")


def aio_services(count: int) -> Program:
    moments = "".join(f"aio-{one} = bench.services.{one}\n"
                      for one in ("starting", "started", "stopping", "stopped"))
    return _with_services("aio services", f"[listen/moments]\n{moments}" + "".join(
        f"[service/s{i}]\nclass = bench.services.idle\n" for i in range(count)))


def aio_children(count: int) -> Program:
    return _with_services(
        "aio children", f"[service/root]\nclass = bench.services.family\ncount = {count}\n")


def aio_storm(count: int, restarts: int, backoff_ms: int) -> Program:
    """All crash 1 ms after each start, until the supervisor gives up. The first back-off of each
    is drawn between half of `backoff_ms` and all of it, its others between this and the double."""
    longest = 2 * backoff_ms
    return _with_services(
        "aio services, all crash",
        f"[service/pulse]\nclass = bench.services.pulse\n[supervisor/storm]\n"
        f"max_restarts = {restarts}\nover = 10m\nbackoff = {backoff_ms}ms\n"
        f"backoff_max = {longest}ms\n" + "".join(
            f"[service/s{i}]\nclass = bench.services.crashing\nsupervisor = storm\n"
            f"least = {backoff_ms // 2}ms\n" for i in range(count)))


def _server(name: str, port: int, protocol: str, *options: str) -> str:
    return "\n".join([f"[server/{name}]", f"protocol = {protocol}", "address = 127.0.0.1",
                      f"port = {port}", "max_connections = 20000", *options, ""])


def _with_network(name: str, sections, cores: int = 1, transport: str = "tcp") -> Program:
    """`sections` makes them of the place and the port. The module has no protocol that others have."""
    def command(place: Place, port: int) -> list[str]:
        modules = place.build / "bench" / "modules"
        return run_ini(place, f"network-{port}.conf",
                       f"module_path = {modules}\n{sections(place, port)}")
    return Program(name, command, transport, cores)


def aio_dialer(slots: int) -> Program:
    return _with_network(
        "aio client", lambda _, port: "[service/clients]\nclass = bench.network.dialer\n"
        f"port = {port}\nslots = {slots}\n", transport="none")


def _tls(place: Place, key_kind: str) -> list[str]:
    shown, key = certificate(place.folder, key_kind)
    return [f"tls_certificate = {shown}", f"tls_key = {key}"]


def aio_greeting(key_kind: str, loops: int = 1) -> Program:
    """TLS; says hello and closes."""
    def sections(place: Place, port: int) -> str:
        return f"loops = {loops}\n" + _server(
            "tls", port, "bench.network.greet", f"loops = {loops}", *_tls(place, key_kind))
    return _with_network("aio TLS" if loops == 1 else f"aio TLS, {loops} loops", sections, loops)


def aio_files(file: Path) -> Program:
    """TLS; serves this file to each request."""
    return _with_network("aio TLS", lambda place, port: _server(
        "tls", port, "bench.network.serve_file", f"file = {file}", *_tls(place, "ec")))


def aio_echo_beside_tls(tls_port: int, key_kind: str) -> Program:
    return _with_network("aio coroutine", lambda place, port: _server(
        "echo", port, "aio.examples.echo") + _server(
        "tls", tls_port, "aio.examples.echo", *_tls(place, key_kind)))


def aio_echo_beside_gush(gush_port: int) -> Program:
    return _with_network("aio coroutine", lambda _, port: _server(
        "echo", port, "aio.examples.echo") + _server("gush", gush_port, "bench.network.gush"))


# Every limit that a connection of the load has to pass, and passes.
AIO_LIMITED = _with_network("aio, all limits", lambda _, port: _server(
    "echo", port, "aio.examples.echo", "accept_rate = 10000000/s", "address_connections = 1000",
    "address_rate = 1000000/s", "allow = 127.0.0.0/8 ::1 10.0.0.0/8 192.168.0.0/16 172.16.0.0/12",
    "deny = 127.1.0.0/16 10.1.0.0/16 203.0.113.0/24 198.51.100.7 2001:db8::/32"))


# With --peers-only a peer stands in for aio: its ratio to its own like shows the noise.
_STAND_INS = {
    AIO_COROUTINE.name: ASIO_COROUTINE,
    AIO_CALLBACK.name: ASIO_CALLBACKS,
    AIO_UDP.name: ASIO_UDP,
}


def candidate(program: Program, peers_only: bool, peer: Program | None = None) -> Program:
    """The program, or with `peers_only` a second instance of `peer`, or of the peer that is like
    the program."""
    if not peers_only:
        return program
    stand_in = peer or _STAND_INS[program.name]
    return Program("(" + stand_in.name + ")", stand_in.command, stand_in.transport)
