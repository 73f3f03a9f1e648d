"""TLS of servers, against clients that are not ours: openssl s_client, gnutls-cli, Python's ssl."""

import os
import shutil
import ssl
import subprocess
import unittest

from pki import Authority
from support import Case, FAILED, SLOW, main

GNUTLS = shutil.which("gnutls-cli")


class Servers(Case):
    def setUp(self):
        super().setUp()
        self.ca = Authority(self.folder)
        self.ca.issue("server", "DNS:localhost", "IP:127.0.0.1", subject="first")
        self.ca.issue("bank", "DNS:bank.example", "DNS:*.bank.example", subject="bank")

    def section(self, *lines, protocol="aio.examples.echo"):
        return "\n".join([
            "[server/x]", f"protocol = {protocol}", "address = 127.0.0.1", "port = 0", *lines, ""
        ])

    def two(self, *lines):
        return self.section("tls_certificate =\n  server.pem\n  bank.pem",
                            "tls_key =\n  server.key\n  bank.key", *lines)

    def one(self, *lines):
        return self.section("tls_certificate = server.pem", "tls_key = server.key", *lines)

    def s_client(self, port, *words, said="hello\n"):
        """What openssl prints, up to the answer."""
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", "ca.pem",
             "-ign_eof", *words],
            cwd=self.folder, input=said, capture_output=True, text=True, timeout=30 * SLOW,
        )
        return done.stdout + done.stderr

    def client(self, port, name="localhost", certificate=None, **more):
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if certificate:
            context.load_cert_chain(self.folder / f"{certificate}.pem",
                                    self.folder / f"{certificate}.key")
        made = context.wrap_socket(self.connect(port), server_hostname=name, **more)
        self.addCleanup(made.close)
        return made

    def echoes(self, client, text=b"x"):
        client.sendall(text)
        self.assertEqual(client.recv(len(text)), text)


class Names(Servers):
    def test_a_client_is_shown_the_certificate_with_its_name(self):
        running, port = self.serve(self.two())
        for name, subject in (("bank.example", "bank"), ("www.bank.example", "bank"),
                              ("localhost", "first")):
            client = self.client(port, name)  # verifies the name
            self.echoes(client)
            self.assertIn((("commonName", subject),), client.getpeercert()["subject"])
        self.assertIn("CN = first", self.s_client(port, "-noservername", "-no_ign_eof", said="Q\n"))
        self.assertStops(running)

    def test_strict_names_refuse_others(self):
        running, port = self.serve(self.two("tls_sni = strict"))
        self.echoes(self.client(port, "bank.example"))
        for words in (["-servername", "other.example"], ["-noservername"]):
            self.assertIn("unrecognized name", self.s_client(port, *words))
        self.assertStops(running)


class Policy(Servers):
    def test_only_ciphers_with_forward_secrecy_are_left(self):
        running, port = self.serve(self.one())
        for suite in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"):
            self.assertIn("handshake failure", self.s_client(port, "-tls1_2", "-cipher", suite))
        for suite in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"):
            said = self.s_client(port, "-tls1_2", "-cipher", suite, "-no_ign_eof", said="Q\n")
            self.assertIn(f"Cipher is {suite}", said)
        self.assertStops(running)

    def test_an_unknown_name_is_pointed_at(self):
        self.refused(
            self.one("tls_ciphers = ECDHE-RSA-AES128-GCM-SHA256",
                     "    ECDHE-RSA-AES128-GCM-SHA255"),
            r"aio\.conf:8:5: error: \[server/x\] tls_ciphers: 'ECDHE-RSA-AES128-GCM-SHA255' is not "
            r"known to OpenSSL\n.*\n.*\n +did you mean",
        )


class Alpn(Servers):
    def test_the_order_of_the_server_decides(self):
        running, port = self.serve(self.one("tls_alpn =\n  h2\n  http/1.1"))
        said = self.s_client(port, "-alpn", "http/1.1,h2", "-no_ign_eof", said="Q\n")
        self.assertIn("ALPN protocol: h2", said)
        self.assertIn("no application protocol", self.s_client(port, "-alpn", "smtp"))
        self.echoes(self.client(port))
        self.assertStops(running)


class Resumption(Servers):
    def session(self, port, *words):
        said = self.s_client(port, *words, "-no_ign_eof", said="x\nQ\n")
        return "resumed" if "Reused, TLS" in said else "whole" if "New, TLS" in said else said

    def test_tickets_resume_over_a_restart_with_keys_of_a_file(self):
        keys = self.folder / "keys"
        keys.write_bytes(os.urandom(80))
        keys.chmod(0o600)
        config = self.one("tls_ticket_keys = keys")
        running, port = self.serve(config)
        self.assertEqual(self.session(port, "-tls1_2", "-sess_out", "s.pem"), "whole")
        self.assertEqual(self.session(port, "-tls1_2", "-sess_in", "s.pem"), "resumed")
        self.assertStops(running)
        running, port = self.serve(config)
        self.assertEqual(self.session(port, "-tls1_2", "-sess_in", "s.pem"), "resumed")
        self.assertStops(running)
        running, port = self.serve(self.one())
        self.assertEqual(self.session(port, "-tls1_2", "-sess_in", "s.pem"), "whole")
        self.assertStops(running)

    def test_a_resumed_client_of_tls_1_3_gets_the_ticket_for_the_next_time(self):
        running, port = self.serve(self.one())
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        last, seen = None, set()
        for resumed in (False, True, True):
            made = context.wrap_socket(self.connect(port), server_hostname="localhost", session=last)
            self.addCleanup(made.close)
            self.echoes(made)  # the ticket comes before it
            self.assertEqual(made.session_reused, resumed)
            last = made.session
            seen.add(last.id)
        self.assertEqual(len(seen), 3)
        self.assertStops(running)

    def test_keys_that_everybody_may_read_are_refused(self):
        keys = self.folder / "keys"
        keys.write_bytes(os.urandom(80))
        keys.chmod(0o644)
        running = self.start(self.one("tls_ticket_keys = keys"))
        self.assertEnded(running, FAILED)
        self.assertSaid(r"cannot use the ticket keys in keys: everybody may read or write it",
                        running)


class Renewal(Servers):
    def renew(self, file, *names, **more):
        self.ca.issue("next", *names, **more)
        for ending in (".key", ".pem"):
            os.replace(self.folder / f"next{ending}", self.folder / f"{file}{ending}")

    def test_a_renewed_certificate_serves_new_connections_and_old_ones_go_on(self):
        running, port = self.serve(self.one("tls_watch = 100ms"))
        old = self.client(port)
        self.renew("server", "DNS:renewed.example", subject="renewed")
        running.wait_for(r"INFO\(aio\): Server\(x\) uses the new files of TLS from now on: ")
        self.echoes(self.client(port, "renewed.example"))
        self.echoes(old)
        (self.folder / "server.pem").write_text("no certificate\n")
        running.wait_for(r"WARNING\(aio\): Server\(x\) goes on with the files of TLS that it has read "
                         r"before: cannot use the certificate server\.pem: it holds no certificate")
        self.echoes(self.client(port, "renewed.example"))
        self.assertStops(running)

    def test_the_end_of_a_certificate_is_announced(self):
        self.ca.openssl(
            "req", "-x509", *self.ca.new_key("ec"), "-keyout", "server.key", "-out", "server.pem",
            "-days", "3", "-subj", "/CN=x", "-addext", "subjectAltName = DNS:localhost",
        )
        done = self.aio("config", "check", config=self.one())
        self.assertSaid(r"aio\.conf:5:19: warning: \[server/x\] tls_certificate: 'server\.pem' expires "
                        r"in 2 days, on \d", done)
        running, _ = self.serve(self.one())
        running.wait_for(r"WARNING\(aio\): Server\(x\): the certificate server\.pem expires in 2 days")
        self.assertStops(running)


class Clients(Servers):
    def test_only_the_clients_that_are_named_may_come(self):
        self.ca.issue("bob", subject="bob", usage="clientAuth")
        self.ca.issue("carol", subject="carol", usage="clientAuth")
        running, port = self.serve(self.one("tls_ca = ca.pem", "tls_client = require",
                                            "tls_client_names = bob"))

        def visit(name):
            try:
                client = self.client(port, certificate=name)
                client.sendall(b"x")
                return client.recv(1) == b"x"
            except OSError:
                return False

        self.assertTrue(visit("bob"))
        self.assertFalse(visit("carol"))
        self.assertStops(running)


@unittest.skipUnless(GNUTLS, "gnutls-cli is not installed")
class Gnutls(Servers):
    def gnutls(self, port, *words):
        done = subprocess.run(
            [GNUTLS, "--x509cafile", str(self.folder / "ca.pem"), "-p", str(port), "127.0.0.1",
             *words],
            input="hello\n", capture_output=True, text=True, timeout=30 * SLOW,
        )
        return done.stdout + done.stderr

    def test_a_client_of_another_library_is_served_and_resumes(self):
        running, port = self.serve(self.two("tls_alpn =\n  h2\n  http/1.1"))
        said = self.gnutls(port, "--sni-hostname=bank.example",
                           "--verify-hostname=www.bank.example", "--alpn=http/1.1")
        self.assertIn("The certificate is trusted", said)
        self.assertIn("hello", said)
        self.assertIn("Application protocol: http/1.1", said)
        self.assertIn("This is a resumed session",
                      self.gnutls(port, "--resume", "--sni-hostname=bank.example",
                                  "--verify-hostname=bank.example"))
        self.assertStops(running)


if __name__ == "__main__":
    main()
