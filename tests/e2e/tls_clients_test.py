"""Clients of TLS, against servers that are not ours: openssl s_server, gnutls-serv."""

import shutil
import unittest

from pki import Authority
from support import AIO, Case, Running, clean_environment, free_port, main

GNUTLS = shutil.which("gnutls-serv")


class Clients(Case):
    def setUp(self):
        super().setUp()
        self.ca = Authority(self.folder)
        self.ca.issue("server", "DNS:localhost", "IP:127.0.0.1")
        self.ca.issue("other", "DNS:other.example", "DNS:*.other.example")
        self.ca.issue("client", subject="a client", usage="clientAuth")
        self.port = free_port()

    def dial(self, *words, host="localhost"):
        config = self.write("c.conf", "[aio/commands]\ndial = probe.dial\n")
        argv = [str(AIO), "-c", str(config), "dial", f"tls://{host}:{self.port}",
                "--family", "v4", *words]
        running = Running(argv, self.folder, clean_environment())
        self.addCleanup(running.kill)
        return running

    def says(self, expected, *words, **more):
        running = self.dial("--ca", "ca.pem", *words, **more)
        running.wait_for(expected)
        running.wait()

    def s_server(self, *words, certificate="server"):
        self.listens(["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-rev", "-quiet",
                      "-cert", str(self.folder / f"{certificate}.pem"),
                      "-key", str(self.folder / f"{certificate}.key"), *words], self.port)


class OpenSsl(Clients):
    def test_a_server_answers_in_both_versions(self):
        self.s_server()
        self.says(r"localhost:\d+: olleh \(TLSv1\.3\)$")
        self.says(r"127\.0\.0\.1:\d+: olleh \(TLSv1\.3\)$", host="127.0.0.1")
        self.says(r"olleh \(TLSv1\.3, resumed\)$", "--times", "2")

    def test_an_old_version_is_refused_when_1_3_is_asked_for(self):
        self.s_server("-tls1_2")
        self.says(r"olleh \(TLSv1\.2\)$")
        self.says(r"olleh \(TLSv1\.2, resumed\)$", "--times", "2")
        self.says(r"failed: .*no version of TLS that is allowed here", "--least", "1.3")

    def test_a_wrong_name_is_said_with_the_names(self):
        self.s_server(certificate="other")
        self.says(r"failed: tls://localhost:\d+: the server's certificate is for other\.example, "
                  r"\*\.other\.example, not for localhost")
        self.says(r"olleh", "--name", "www.other.example")

    def test_a_revoked_server_is_refused(self):
        self.s_server()
        self.write("trust.pem", self.read("ca.pem") + self.ca.revoked())
        self.dial("--ca", "trust.pem").wait_for(r"olleh")
        self.write("trust.pem", self.read("ca.pem") + self.ca.revoked("server"))
        self.dial("--ca", "trust.pem").wait_for(
            r"failed: .*the server's certificate has been revoked$")

    def test_a_protocol_is_agreed_on(self):
        self.s_server("-alpn", "h2,http/1.1")
        self.says(r"olleh \(TLSv1\.3, http/1\.1\)$", "--alpn", "http/1.1")

    def test_a_certificate_is_shown_and_missed(self):
        self.s_server("-Verify", "1", "-CAfile", str(self.folder / "ca.pem"),
                      "-verify_return_error")
        self.says(r"olleh", "--certificate", "client.pem", "--key", "client.key")
        self.says(r"failed: .*the peer wants a certificate")

    def test_the_authorities_of_the_system_do_not_know_the_test(self):
        self.s_server()
        running = self.dial()
        running.wait_for(r"failed: .*the issuer 'CN=test authority' of the server's certificate is "
                         r"not known")
        self.assertNotSaid(r"olleh", running)
        self.dial("--unverified", "yes").wait_for(r"olleh")

    def test_a_server_without_tls_is_said_to_be_one(self):
        self.listens(["python3", "-c", (
            "import socket\n"
            f"s = socket.create_server(('127.0.0.1', {self.port}))\n"
            "while True:\n"
            "    c = s.accept()[0]\n"
            "    c.sendall(b'220 mail.example ESMTP\\r\\n')\n"
        )], self.port)
        self.says(r"failed: .*the peer does not speak TLS")


@unittest.skipUnless(GNUTLS, "gnutls-serv is not installed")
class Gnutls(Clients):
    def test_a_server_of_another_library_answers(self):
        self.listens([GNUTLS, "--echo", "-p", str(self.port), "-q",
                      "--x509certfile", str(self.folder / "server.pem"),
                      "--x509keyfile", str(self.folder / "server.key")], self.port)
        self.says(r"hello \(TLSv1\.3\)$")
        self.says(r"hello \(TLSv1\.3, resumed\)$", "--times", "2")


class OurServer(Clients):
    def test_our_server_answers_behind_its_proxy_header(self):
        running, self.port = self.serve(
            "[server/x]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n"
            "tls_certificate = server.pem\ntls_key = server.key\n"
            "proxy_protocol = required\nproxy_from = 127.0.0.1\n"
        )
        self.says(r"hello \(TLSv1\.3\)$", "--announce", "1")
        self.says(r"hello \(TLSv1\.3\)$", "--announce", "2")
        self.assertStops(running)


if __name__ == "__main__":
    main()
