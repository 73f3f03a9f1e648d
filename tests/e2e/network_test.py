"""Addresses and ends of connections as a peer sees them, from outside."""

import os
import socket
import subprocess
import sys
import time
import unittest

from support import AIO, Case, FAILED, PATIENCE, Running, SLOW, clean_environment, has_ipv6, main
from support import read_all

ROOT = os.geteuid() == 0

ASK = """
import socket, sys
kind = getattr(socket, sys.argv[1])
client = socket.socket(socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET, kind)
client.settimeout(10)
client.connect((sys.argv[2], int(sys.argv[3])))
client.sendall(b"hello")
print(client.recv(100).decode(), end="")
"""

HOSTS = """
127.0.0.1 localhost
::1 localhost ip6-localhost
127.0.0.1 one.test
192.0.2.7 one.test
192.0.2.7 away.test
"""

# A network of its own with loopback, but without IPv6, and with hosts of its own.
WITHOUT_IPV6 = (
    "mount --bind hosts /etc/hosts && ip link set lo up && "
    "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 && exec \"$@\""
)


class Datagrams(Case):
    def ask(self, host, port):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.settimeout(PATIENCE)
            client.connect((host, port))
            client.send(host.encode())
            return client.recv(100).decode()

    def test_report_net_1_the_answer_comes_from_the_address_that_was_asked(self):
        running, port = self.serve(
            "[server/u]\nprotocol = aio.examples.echo_datagram\ntransport = udp\nport = 0\nloops = 2\n"
        )
        for host in ["127.0.0.2", "127.0.0.1", "127.9.9.9"] + (["::1"] if has_ipv6() else []):
            self.assertEqual(self.ask(host, port), host)
        self.assertStops(running)


@unittest.skipUnless(ROOT, "only root has network namespaces")
class Offers(Case):
    """report_net_2: what a name offers, on a machine without IPv6."""

    def launch(self, config):
        self.write("hosts", HOSTS)
        self.write("aio.conf", config)
        argv = ["unshare", "-nm", "sh", "-c", WITHOUT_IPV6, "sh", str(AIO), "run"]
        running = Running(argv, self.folder, clean_environment())
        self.addCleanup(running.kill)
        return running

    def ask(self, running, kind, port):
        done = subprocess.run(
            ["nsenter", "-n", "-t", str(running.popen.pid), sys.executable, "-c", ASK, kind,
             "127.0.0.1", str(port)],
            capture_output=True, text=True, timeout=PATIENCE,
        )
        return done.stdout + done.stderr

    def serves(self, config, kind, pattern):
        running = self.launch(config)
        port = running.wait_for(pattern + r" 127\.0\.0\.1:(\d+)$").group(1)
        self.assertEqual(self.ask(running, kind, port), "hello")
        missing = [line for line in running.err.splitlines() + running.out.splitlines()
                   if "WARNING" in line]
        self.assertEqual(len(missing), 1, missing)
        self.assertIn("[::1]", missing[0])
        self.assertIn("Cannot assign requested address", missing[0])
        self.assertStops(running)

    def test_a_tcp_server_on_localhost(self):
        self.serves(
            "[server/e]\nprotocol = aio.examples.echo\naddress = localhost\nport = 0\n",
            "SOCK_STREAM", r"Server\(e\) \S+ started on",
        )

    def test_a_udp_server_on_localhost(self):
        self.serves(
            "[server/e]\nprotocol = aio.examples.echo_datagram\ntransport = udp\n"
            "address = localhost\nport = 0\n",
            "SOCK_DGRAM", r"Server\(e\) \S+ started on",
        )

    def test_a_bean_on_localhost(self):
        self.serves(
            "[aio]\nmodules = aio.examples\n[bean/e]\ncore = aio.examples.echo_server\n"
            "address = localhost\nport = 0\n",
            "SOCK_STREAM", r"Bean\(e\) listens on",
        )

    def test_a_service_on_localhost(self):
        self.serves(
            "[service/e]\nclass = probe.echo_service\naddress = localhost\nport = 0\n",
            "SOCK_STREAM", r"Serving on",
        )

    def test_a_literal_that_is_missing_is_an_error(self):
        for address in ("::1", "192.0.2.7", "127.0.0.1\n  ::1"):
            running = self.launch(
                f"[server/e]\nprotocol = aio.examples.echo\naddress = {address}\nport = 0\n"
            )
            self.assertEnded(running, FAILED)
            self.assertSaid(r"Cannot assign requested address", running)

    def test_a_name_none_of_whose_addresses_is_here_is_an_error(self):
        running = self.launch(
            "[server/e]\nprotocol = aio.examples.echo\naddress = away.test\nport = 0\n"
        )
        self.assertEnded(running, FAILED)
        self.assertSaid(r"192\.0\.2\.7:0: Cannot assign requested address", running)


class Ends(Case):
    ADDER = "[server/a]\nprotocol = {}\naddress = 127.0.0.1\nport = 0\n"

    def test_an_unfinished_line_is_not_answered_when_the_server_stops(self):
        running, port = self.serve(self.ADDER.format("probe.raising_protocol"))
        with self.connect(port) as client:
            client.sendall(b"1 + 1\n2 + 2")
            self.assertEqual(client.recv(6), b"1 + 1\n")
            time.sleep(0.2 * SLOW)
            self.assertStops(running)
            self.assertEqual(read_all(client), b"")

    def test_an_unfinished_line_is_not_answered_for_silence(self):
        running, port = self.serve(self.ADDER.format("probe.raising_protocol") + "idle_timeout = 300ms\n")
        with self.connect(port) as client:
            client.sendall(b"2 + 2")
            self.assertEqual(read_all(client), b"")
        self.assertEqual(self.exchange(port, b"2 + 20"), b"2 + 20\n")
        self.assertStops(running)

    def test_a_peer_that_never_reads_is_dropped_and_named(self):
        running, port = self.serve(
            self.ADDER.format("probe.callback_flood") + "max_buffered = 1M\n"
        )
        with self.connect(port) as client:
            client.sendall(b"x\n")
            running.wait_for(r"WARNING.*Server\(a\) connection from 127\.0\.0\.1:\d+ is closed: \d+ "
                             r"bytes wait for its peer, more than max_buffered = 1M$")
        self.assertEqual(self.exchange(port, b""), b"")
        self.assertStops(running)


class Start(Case):
    def test_of_two_that_start_at_once_one_serves_and_the_other_says_why(self):
        """Part 2, number 16: the second took away the socket of the first."""
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(self.folder / "sock"))
        stale.close()
        config = "[server/e]\nprotocol = aio.examples.echo\ntransport = unix\npath = sock\n"
        both = [self.start(config) for _ in range(2)]
        deadline = time.monotonic() + PATIENCE
        while all(one.popen.poll() is None for one in both) and time.monotonic() < deadline:
            time.sleep(0.02)
        loser, winner = sorted(both, key=lambda one: one.popen.poll() is None)
        self.assertEnded(loser, FAILED)
        self.assertSaid(r"Address already in use", loser)
        winner.wait_for(r"Server\(e\) \S+ started on sock$")
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(str(self.folder / "sock"))
            client.sendall(b"hi")
            self.assertEqual(client.recv(10), b"hi")
        self.assertStops(winner)
        self.assertEqual([f for f in os.listdir(self.folder) if f.startswith("sock")], [])


if __name__ == "__main__":
    main()
