"""[client/*] as it runs."""

import os
import signal
import socket
import time
import unittest

from pki import Authority
from support import BAD_CONFIG, Case, FAILED, OK, PATIENCE, SLOW, free_port, main


def section(name="x", protocol="aio.examples.ping", address="127.0.0.1", **options):
    first = {"protocol": protocol, "address": address}
    first.update(options)
    lines = "".join(f"{k} = {v}\n" for k, v in first.items() if v is not None)
    return f"[client/{name}]\n{lines}"


class Listener:
    """A server of the test."""

    def __init__(self, case, host="127.0.0.1", port=0):
        self.case, self.host = case, host
        self.socket = socket.create_server((host, port), backlog=100)
        self.socket.settimeout(PATIENCE)
        self.port = self.socket.getsockname()[1]
        case.addCleanup(self.close)

    def accept(self):
        connection, _ = self.socket.accept()
        connection.settimeout(PATIENCE)
        self.case.addCleanup(connection.close)
        return connection

    def close(self):
        self.socket.close()


def line(connection):
    text = b""
    while not text.endswith(b"\n"):
        more = connection.recv(1)
        if not more:
            break
        text += more
    return text


class Tcp(Case):
    def test_a_protocol_is_called_and_its_answers_arrive(self):
        server = Listener(self)
        running = self.start(section(port=server.port, every="10ms"))
        connection = server.accept()
        running.wait_for(
            rf"INFO\(aio\): Client\(x\) aio\.examples\.ping connected to 127\.0\.0\.1:{server.port}$"
        )
        for number in (1, 2):
            self.assertEqual(line(connection), b"ping %d\n" % number)
            connection.sendall(b"pong %d\n" % number)
        running.wait_for(r"INFO\(aio\.examples\): Answer: pong 2$")
        self.assertStops(running)

    def test_a_server_that_wants_a_proxy_header_gets_one(self):
        _, port = self.serve(
            "[server/x]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n"
            "proxy_protocol = required\nproxy_from = 127.0.0.1\n"
        )
        for version in ("v1", "v2"):
            running = self.start(section(
                port=port, every="10ms", proxy_protocol=version, interface="lo", unsent="64k"
            ))
            running.wait_for(r"INFO\(aio\.examples\): Answer: ping 2$")
            self.assertStops(running)

    def test_an_interface_that_is_not_there_is_a_failed_attempt(self):
        server = Listener(self)
        running = self.start(section(
            port=server.port, interface="no-such-one", wait_connected="no", backoff="10ms"
        ))
        running.wait_for(
            rf"Client\(x\) cannot connect to 127\.0\.0\.1:{server.port}: No such device; it tries"
        )
        self.assertStops(running)

    def test_a_proxy_that_refuses_is_named(self):
        port = free_port()
        running = self.start(section(
            address="bank.example", port=443, proxy=f"http://127.0.0.1:{port}",
            wait_connected="no", backoff="10ms"
        ))
        running.wait_for(
            rf"cannot connect to bank\.example:443: the proxy 127\.0\.0\.1:{port}: "
            r"Connection refused; it tries"
        )
        self.assertStops(running)

    def test_a_server_that_comes_and_goes_20_times_is_found_each_time(self):
        port = free_port()
        running = self.start(section(
            port=port, every="1ms", backoff="10ms", backoff_max="80ms", steady="20ms",
            wait_connected="no",
        ))
        running.wait_for(r"Client\(x\) cannot connect to ")
        for _ in range(20):
            server = Listener(self, port=port)
            connection = server.accept()
            self.assertEqual(line(connection), b"ping 1\n")
            server.close()
            connection.close()
        self.assertStops(running)

    def test_a_peer_that_accepts_and_closes_at_once_is_not_dialed_in_a_circle(self):
        server = Listener(self)
        running = self.start(section(
            port=server.port, backoff="50ms", backoff_max="200ms", wait_connected="no"
        ))
        times = []
        for _ in range(8):
            server.accept().close()
            times.append(time.monotonic())
        pauses = [later - before for before, later in zip(times, times[1:])]
        for pause, whole in zip(pauses, (0.05, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2)):
            self.assertGreater(pause, whole / 2 - 0.02, pauses)
        self.assertStops(running)

    def test_several_connections_over_several_addresses(self):
        port = free_port()
        servers = [Listener(self, host, port) for host in ("127.0.0.1", "127.0.0.2")]
        running = self.start(section(
            address="127.0.0.1\n    127.0.0.2", port=port, connections=3, backoff="10ms"
        ))
        first = [servers[0].accept(), servers[0].accept()]
        second = servers[1].accept()
        for each in (*first, second):
            self.assertEqual(line(each), b"ping 1\n")
        servers[1].close()
        second.close()
        self.assertEqual(line(servers[0].accept()), b"ping 1\n")  # the other address takes over
        self.assertStops(running)

    def test_states_are_shown_by_sigusr2(self):
        port = free_port()
        running = self.start(section(port=port, wait_connected="no", backoff="10s"))
        running.wait_for(r"Client\(x\) cannot connect to ")
        running.send(signal.SIGUSR2)
        running.wait_for(r"^client/x, running, waits \d+\.\d s, 1 failure, last: refused$")
        running.wait_for(rf"^    client/x: connection to 127\.0\.0\.1:{port} awaits sleep")
        self.assertStops(running)

    def test_the_graph_shows_the_section(self):
        done = self.aio("graph", config=section(port=1))
        self.assertStatus(done, OK)
        self.assertSaid(r"^client/x\(0\)  aio\.examples\.ping, loop main, restart never, init$", done)


class Failures(Case):
    def test_attempts_in_a_row_end_the_app_with_status_1(self):
        port = free_port()
        running = self.start(section(port=port, connect_attempts=2, backoff="10ms"))
        running.wait_for(
            r"Client\(x\) failed to start: 2 attempts to connect in a row have failed, the last: "
            rf"127\.0\.0\.1:{port}: Connection refused"
        )
        self.assertEnded(running, FAILED)

    def test_a_supervisor_restarts_a_client_that_has_crashed(self):
        port = free_port()
        running = self.start(
            "[supervisor/s]\nbackoff = 10ms\nmax_restarts = 100\n" +
            section(port=port, connect_attempts=1, backoff="10ms", supervisor="s",
                    restart="on_failure")
        )
        running.wait_for(r"failed to start: 1 attempt to connect in a row has failed", 3)
        server = Listener(self, port=port)
        self.assertEqual(line(server.accept()), b"ping 1\n")
        self.assertStops(running)

    def test_a_name_that_is_not_resolved(self):
        running = self.start(section(
            address="no-such-host.invalid", port=80, wait_connected="no", backoff="10s"
        ))
        running.wait_for(r"Client\(x\) cannot connect to no-such-host\.invalid:80: ")
        running.send(signal.SIGUSR2)
        running.wait_for(r"^client/x, running, waits .* last: name not resolved$")
        self.assertStops(running)

    def test_a_source_port_that_is_taken(self):
        server, taken = Listener(self), Listener(self)
        running = self.start(section(
            port=server.port, source=f"127.0.0.1:{taken.port}", wait_connected="no", backoff="10ms"
        ))
        running.wait_for(r"Client\(x\) cannot connect to .*: Address already in use; it tries again")
        taken.close()
        self.assertEqual(line(server.accept()), b"ping 1\n")
        self.assertStops(running)

    def test_a_stop_during_an_attempt_ends_at_once(self):
        hole = Listener(self)
        hole.socket.listen(0)
        self.connect(hole.port)  # the one place of the queue is taken
        running = self.start(section(port=hole.port, wait_connected="no"))
        running.wait_for(r"INFO\(aio\): Started$")
        begun = time.monotonic()
        self.assertStops(running)
        self.assertLess(time.monotonic() - begun, 1 * SLOW)

    def test_a_stop_while_the_start_waits(self):
        running = self.start(section(port=free_port(), backoff="10s"))
        running.wait_for(r"Client\(x\) cannot connect to ")
        self.assertStops(running)

    def test_a_start_timeout_bounds_the_wait_for_the_first_connection(self):
        running = self.start(section(port=free_port(), start_timeout="200ms"))
        running.wait_for(r"client/x was not ready within 200ms")
        self.assertEnded(running, FAILED)

    def test_mistakes_are_told_with_their_place(self):
        self.refused(section(port=80, stedy="1s"), r"unknown option 'stedy' in \[client/x\]")
        self.refused(section(), r"Section \[client/x\] must specify port to connect to")
        self.refused(section(port=80, protocol="aio.examples.echo_datagram"),
                     r"which does not go with transport = tcp")

    def refused(self, config, pattern):
        done = self.aio("config", "check", config=config)
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(pattern, done)


class Tls(Case):
    def setUp(self):
        super().setUp()
        self.ca = Authority(self.folder)
        self.ca.issue("server", "DNS:localhost", "IP:127.0.0.1")
        self.port = free_port()
        self.server = self.start(
            f"[server/s]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = {self.port}\n"
            "tls_certificate = server.pem\ntls_key = server.key\n"
        )
        self.server.port("s")

    def test_the_server_is_verified(self):
        running = self.start(section(port=self.port, tls="yes", tls_ca="ca.pem", every="10ms"))
        running.wait_for(rf"connected to tls://127\.0\.0\.1:{self.port}$")
        running.wait_for(r"Answer: ping 2$")
        self.assertStops(running)

    def test_an_unknown_authority_is_refused(self):
        running = self.start(section(port=self.port, tls="yes", wait_connected="no"))
        running.wait_for(r"Client\(x\) cannot connect to tls://.*certificate")
        self.assertNotSaid("connected to", running)
        self.assertStops(running)

    def test_verification_is_switched_off_by_a_word_and_with_a_warning(self):
        running = self.start(section(port=self.port, tls="yes", tls_verify="no", every="10ms"))
        running.wait_for(r"WARNING\(aio\): Client\(x\) does not verify its server: tls_verify = no$")
        running.wait_for(r"Answer: ping 2$")
        self.assertStops(running)

    def test_a_missing_file_is_an_error_before_the_start(self):
        config = section(port=self.port, tls="yes", tls_ca="nothing.pem")
        for command in (("config", "check"), ("run",)):
            done = self.aio(*command, config=config)
            self.assertStatus(done, BAD_CONFIG)
            self.assertSaid(r"error: \[client/x\] tls_ca: cannot read 'nothing\.pem': No such file", done.err)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_files_belong_to_whom_aio_runs_as(self):
        os.chown(self.folder / "ca.pem", 65534, 65534)
        config = section(port=self.port, tls="yes", tls_ca="ca.pem")
        done = self.aio("config", "check", config=config)
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"tls_ca: cannot read 'ca\.pem': root does not act on it", done.err)
        self.assertRan(self.aio("config", "check", config="[aio]\nuser = nobody\n" + config))

    def test_a_damaged_file_ends_the_start(self):
        self.write("ca.pem", "nothing")
        running = self.start(section(port=self.port, tls="yes", tls_ca="ca.pem"))
        running.wait_for(r"Client\(x\) failed to start: .*ca\.pem")
        self.assertEnded(running, FAILED)


if __name__ == "__main__":
    main()
