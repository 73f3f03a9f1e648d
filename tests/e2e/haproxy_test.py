"""Servers behind a real HAProxy, which announces its clients in PROXY headers."""

import shutil
import time
import unittest

from support import Case, free_port, main

HAPROXY = shutil.which("haproxy")

CONFIG = """
global
    maxconn 100
defaults
    mode tcp
    timeout connect 60s
    timeout client 60s
    timeout server 60s
frontend in
    bind 127.0.0.1:{port}
    default_backend out
backend out
    server x 127.0.0.1:{server} {options}
"""


@unittest.skipUnless(HAPROXY, "haproxy is not installed")
class HaProxy(Case):
    def behind(self, options, server):
        """Starts HAProxy before the server; returns its port."""
        port = free_port()
        config = self.write("haproxy.cfg", CONFIG.format(port=port, server=server, options=options))
        self.listens([HAPROXY, "-db", "-f", str(config)], port)
        return port

    def serving(self, more, protocol="aio.examples.echo"):
        running = self.start(
            f"[server/x]\nprotocol = {protocol}\naddress = 127.0.0.1\nport = 0\n"
            "proxy_protocol = required\nproxy_from = 127.0.0.1\n" + more
        )
        port = int(running.wait_for(r"started on 127\.0\.0\.1:(\d+)$").group(1))
        running.wait_for(r"INFO\(aio\): Started$")
        return running, port

    def test_each_of_its_headers_announces_the_client(self):
        for options in ("send-proxy", "send-proxy-v2", "send-proxy-v2-ssl-cn",
                        "send-proxy-v2 proxy-v2-options crc32c,unique-id,authority"):
            with self.subTest(options=options):
                running, server = self.serving("deny = 127.0.0.9\n")
                port = self.behind(options, server)
                self.assertEqual(self.answer_from(port, "127.0.0.8"), b"hello\n", running.report())
                self.assertEqual(self.answer_from(port, "127.0.0.9"), b"", running.report())
                running.wait_for(r"the addresses are not permitted: 1 from 127\.0\.0\.9$")
                self.assertEqual(running.stop(), 0, running.report())
                self.assertNotSaid(r"valid PROXY header", running)

    def test_its_checks_are_served(self):
        for options in ("send-proxy", "send-proxy-v2",
                        "send-proxy-v2 proxy-v2-options crc32c"):
            with self.subTest(options=options):
                running, server = self.serving("address_connections = 1\n")
                port = self.behind(options + " check inter 20ms", server)
                time.sleep(0.3)
                self.assertEqual(self.answer_from(port, "127.0.0.8"), b"hello\n", running.report())
                self.assertEqual(running.stop(), 0, running.report())

    def test_a_full_server_says_its_last_word_through_it(self):
        for options in ("send-proxy", "send-proxy-v2"):
            with self.subTest(options=options):
                running, server = self.serving(
                    "max_connections = 1\nwhen_full = refuse\n", "probe.polite_echo")
                port = self.behind(options, server)
                with self.served(port):
                    for _ in range(3):
                        self.assertEqual(self.answer_from(port, "127.0.0.8"), b"421 x is full\n",
                                         running.report())
                running.wait_for(r"refuses connections: it has as many as max_connections allows")
                self.assertEqual(running.stop(), 0, running.report())

    def served(self, port):
        """A connection that has the place. That of the look whether HAProxy listens may go on."""
        for _ in range(100):
            client = self.connect(port)
            client.sendall(b"hello\n")
            if client.recv(100) == b"hello\n":
                return client
            client.close()
            time.sleep(0.02)
        self.fail("never served")

    def test_without_its_header_it_is_refused(self):
        running, server = self.serving("")
        port = self.behind("", server)
        self.assertEqual(self.answer_from(port, "127.0.0.8"), b"")
        running.wait_for(r"refuses connections: they do not begin with a valid PROXY header")
        self.assertEqual(running.stop(), 0, running.report())


if __name__ == "__main__":
    main()
