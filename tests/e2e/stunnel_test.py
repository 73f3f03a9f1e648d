"""A real stunnel, which gives TLS to programs that have none: before our servers and our clients,
and as the TLS server and the TLS client of ours."""

import os
import shutil
import signal
import unittest

from pki import Authority
from support import Case, free_port, main

STUNNEL = shutil.which("stunnel4") or shutil.which("stunnel")


@unittest.skipUnless(STUNNEL, "stunnel is not installed")
class Stunnel(Case):
    def setUp(self):
        super().setUp()
        self.ca = Authority(self.folder)
        self.ca.issue("server", "DNS:localhost", "IP:127.0.0.1")
        self.ca.issue("bob", subject="bob", usage="clientAuth")

    def stunnel(self, target, *options):
        """Starts it; returns its port."""
        port = free_port()
        config = self.write("stunnel.conf", "\n".join((
            "foreground = yes", "pid =", "[x]", f"accept = 127.0.0.1:{port}",
            f"connect = 127.0.0.1:{target}", *options, "")))
        self.listens([STUNNEL, str(config)], port)
        return port

    def own(self, name):
        return f"cert = {self.folder}/{name}.pem", f"key = {self.folder}/{name}.key"

    def verified(self, *options):
        """As a client that believes only a server with the right name."""
        return ("client = yes", f"CAfile = {self.folder}/ca.pem", "verifyChain = yes",
                "checkHost = localhost", "sni = localhost", *options)

    def echo(self, *lines, name="x"):
        running, port = self.serve("\n".join((
            f"[server/{name}]", "protocol = aio.examples.echo", "address = 127.0.0.1", "port = 0",
            *lines, "")))
        running.wait_for(r"INFO\(aio\): Started$")
        return running, port

    TLS = ("tls_certificate = server.pem", "tls_key = server.key")

    def ping(self, port, *lines):
        """Our client; it asks and waits for the second answer."""
        config = self.write("client.conf", "\n".join((
            "[client/c]", "protocol = aio.examples.ping", "every = 10ms", "address = 127.0.0.1",
            f"port = {port}", "tls = yes", *lines, "")))
        return self.start(None, "-c", str(config), command=("run",))

    def test_before_a_plain_server_it_announces_its_clients(self):
        running, server = self.echo("proxy_protocol = required", "proxy_from = 127.0.0.1",
                                    "deny = 127.0.0.9")
        port = self.stunnel(server, "protocol = proxy", *self.own("server"))
        front = self.stunnel(port, *self.verified())
        self.assertEqual(self.answer_from(front, "127.0.0.1"), b"hello\n", running.report())
        client = self.ping(port, "tls_ca = ca.pem")
        client.wait_for(r"Answer: ping 2$")
        self.assertStops(client)
        self.assertStops(running)
        self.assertNotSaid("valid PROXY header", running)

    def test_the_client_that_it_announces_can_be_denied(self):
        running, server = self.echo("proxy_protocol = required", "proxy_from = 127.0.0.1",
                                    "deny = 127.0.0.9")
        port = self.stunnel(server, "protocol = proxy", *self.own("server"))
        client = self.ping(port, "tls_ca = ca.pem", "source = 127.0.0.9", "wait_connected = no")
        running.wait_for(r"the addresses are not permitted: \d+ from 127\.0\.0\.9$")
        self.assertNotSaid("Answer", client)
        self.assertStops(client)
        self.assertStops(running)

    def test_a_program_without_tls_reaches_our_tls_server_through_it(self):
        running, server = self.echo(*self.TLS)
        port = self.stunnel(server, *self.verified())
        self.assertEqual(self.answer_from(port, "127.0.0.1"), b"hello\n", running.report())
        big = os.urandom(1 << 20)
        self.assertEqual(self.exchange(port, big), big, running.report())
        self.assertStops(running)
        self.assertNotSaid("ERROR|WARNING", running)

    def test_it_shows_its_certificate_to_our_server(self):
        running, server = self.echo(*self.TLS, "tls_client = require", "tls_ca = ca.pem",
                                    "tls_client_names = bob")
        shown = self.stunnel(server, *self.verified(*self.own("bob")))
        self.assertEqual(self.answer_from(shown, "127.0.0.1"), b"hello\n", running.report())
        hidden = self.stunnel(server, *self.verified())
        self.assertEqual(self.answer_from(hidden, "127.0.0.1"), b"")
        running.wait_for(r"the TLS handshake failed: ")
        self.assertStops(running)

    def test_our_client_talks_with_a_plain_server_behind_it(self):
        running, server = self.echo()
        port = self.stunnel(server, *self.own("server"))
        client = self.ping(port, "tls_ca = ca.pem")
        client.wait_for(r"Client\(c\) aio\.examples\.ping connected to tls://127\.0\.0\.1:\d+$")
        client.wait_for(r"Answer: ping 2$")
        self.assertStops(client)
        other = self.ping(port, "tls_ca = ca.pem", "tls_name = other.example",
                          "wait_connected = no")
        other.wait_for(r"the server's certificate is for localhost, 127\.0\.0\.1, not for "
                       r"other\.example")
        self.assertStops(other)
        self.assertStops(running)

    def test_our_client_shows_its_certificate_to_it(self):
        running, server = self.echo()
        port = self.stunnel(server, *self.own("server"), f"CAfile = {self.folder}/ca.pem",
                            "verifyChain = yes")
        client = self.ping(port, "tls_ca = ca.pem", "tls_certificate = bob.pem",
                           "tls_key = bob.key")
        client.wait_for(r"Answer: ping 2$")
        self.assertStops(client)
        nobody = self.ping(port, "tls_ca = ca.pem", "wait_connected = no")
        nobody.wait_for(r"the peer wants a certificate")
        self.assertStops(nobody, number=signal.SIGINT)
        self.assertStops(running)


if __name__ == "__main__":
    main()
