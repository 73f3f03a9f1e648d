"""TLS of servers, against clients that are not ours: openssl s_client, gnutls-cli, Python's ssl."""

import os
import re
import shutil
import ssl
import subprocess
import threading
import unittest

from pki import Authority
from support import BAD_CONFIG, Case, FAILED, SLOW, SOURCE, main

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


class Manual(Servers):
    def test_the_example_of_etc_readme_serves_both_names(self):
        text = (SOURCE / "etc/README.md").read_text(encoding="utf-8")
        [block] = re.findall(r"^    \[server/web\]\n(?:    .*\n)+", text, re.M)
        config = "".join(line[4:] for line in block.splitlines(True))
        self.assertIn("/etc/ssl/shop/fullchain.pem", config)
        for name in ("shop", "bank"):
            self.ca.issue(name, f"DNS:{name}.example", subject=name)
            for theirs, ours in (("fullchain.pem", "pem"), ("privkey.pem", "key")):
                config = config.replace(f"/etc/ssl/{name}/{theirs}", f"{name}.{ours}")
        config = config.replace("my.web.site", "aio.examples.echo").replace("8443", "0")
        config += "address = 127.0.0.1\n"
        self.assertRan(self.aio("config", "check", config=config))
        running, port = self.serve(config)
        for name in ("shop", "bank"):
            client = self.client(port, f"{name}.example")
            self.echoes(client)
            self.assertIn((("commonName", name),), client.getpeercert()["subject"])
        self.assertIn("ALPN protocol: h2",
                      self.s_client(port, "-alpn", "http/1.1,h2", "-no_ign_eof", said="Q\n"))
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


    def test_nobody_is_lost_while_the_files_are_swapped_under_64_connections(self):
        running, port = self.serve(self.one("tls_watch = 50ms"))
        held = [self.client(port) for _ in range(64)]
        lost, done = [], threading.Event()

        def keep_talking(clients):
            while not done.is_set():
                for client in clients:
                    try:
                        client.sendall(b"x")
                        if client.recv(1) != b"x":
                            raise OSError("another answer")
                    except OSError as error:
                        lost.append(str(error))
                        return

        def keep_coming():
            while not done.is_set():
                try:
                    with self.client(port) as client:
                        self.echoes(client)
                except OSError as error:
                    lost.append(str(error))

        threads = [threading.Thread(target=keep_talking, args=(held[i::2],)) for i in range(2)]
        threads.append(threading.Thread(target=keep_coming))
        for thread in threads:
            thread.start()
        try:
            for turn in range(1, 4):
                self.renew("server", "DNS:localhost", "IP:127.0.0.1", subject=f"turn {turn}")
                running.wait_for(r"uses the new files of TLS from now on", turn)
        finally:
            done.set()
            for thread in threads:
                thread.join()
        self.assertEqual(lost, [], running.report())
        for client in held:
            self.echoes(client)
            self.assertIn((("commonName", "first"),), client.getpeercert()["subject"])
        self.assertIn((("commonName", "turn 3"),), self.client(port).getpeercert()["subject"])
        self.assertStops(running)


class Faults(Servers):
    """Certificates of clients that a server does not believe, and files that it cannot use."""

    def visit(self, port, *names):
        """What becomes of a client with this chain; the key is that of the first."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if names:
            chain = self.folder / "chain.pem"
            chain.write_text("".join(self.read(f"{name}.pem") for name in names))
            context.load_cert_chain(chain, self.folder / f"{names[0]}.key")
        try:
            with context.wrap_socket(self.connect(port), server_hostname="localhost") as client:
                client.sendall(b"x")
                return client.recv(1).decode()
        except OSError as error:
            return str(error)

    def test_each_fault_of_a_clients_certificate_is_an_alert_and_a_reason_in_the_log(self):
        self.ca.issue("good", subject="good", usage="clientAuth")
        self.ca.issue("old", subject="old", end="-1 day")
        self.ca.issue("early", subject="early", begin="+1 day")
        self.ca.issue("for_servers", subject="wrong use", usage="serverAuth")
        Authority(self.folder, "another authority", "other").issue("foreign", subject="foreign")
        between = self.ca.intermediate("between")
        between.issue("below", subject="below")
        Authority(self.folder, "myself", "myself")
        running, port = self.serve(self.one("tls_ca = ca.pem", "tls_client = require"),
                                   "-l", "debug")
        self.assertEqual(self.visit(port, "good"), "x")
        self.assertEqual(self.visit(port, "below", "between"), "x")
        for names, alert, reason in (
                ((), "certificate required|handshake failure", "the peer has shown no certificate"),
                (("old",), "certificate expired", "the client's certificate has expired, on "),
                (("early",), "bad certificate|alert", "the client's certificate is not valid before"),
                (("for_servers",), "unsupported certificate|bad certificate",
                 "the client's certificate is not meant for clients"),
                (("foreign",), "unknown ca", "the issuer 'CN=another authority' of the client's "
                                             "certificate is not known"),
                (("below",), "unknown ca", "the issuer 'CN=between' of the client's certificate is "
                                           "not known"),
                (("myself",), "unknown ca", "the client's certificate 'CN=myself' is signed by "
                                            "itself, and is not trusted")):
            with self.subTest(names=names):
                self.assertRegex(self.visit(port, *names), f"(?i){alert}")
                running.wait_for(reason)
        self.assertStops(running)

    def test_a_revoked_client_does_not_come_back(self):
        self.ca.issue("bob", subject="bob", usage="clientAuth")
        self.ca.issue("carol", subject="carol", usage="clientAuth")
        self.write("trust.pem", self.read("ca.pem") + self.ca.revoked())
        running, port = self.serve(
            self.one("tls_ca = trust.pem", "tls_client = require", "tls_watch = 50ms"),
            "-l", "debug")
        for name in ("bob", "carol"):
            self.assertEqual(self.visit(port, name), "x")
        words = ("-cert", "bob.pem", "-key", "bob.key", "-tls1_2", "-no_ign_eof")
        self.s_client(port, *words, "-sess_out", "s.pem", said="Q\n")
        self.write("next.pem", self.read("ca.pem") + self.ca.revoked("bob"))
        os.replace(self.folder / "next.pem", self.folder / "trust.pem")
        running.wait_for(r"uses the new files of TLS from now on: trust\.pem has changed$")
        self.assertEqual(self.visit(port, "carol"), "x")
        self.assertIn("revoked", self.visit(port, "bob"))
        running.wait_for("the client's certificate has been revoked")
        self.assertNotIn("Reused", self.s_client(port, *words, "-sess_in", "s.pem", said="Q\n"))
        self.assertStops(running)

    def test_authorities_may_lie_in_a_folder(self):
        folder = self.folder / "authorities"
        folder.mkdir()
        other = Authority(self.folder, "another authority", "other")
        for name in ("ca", "other"):
            shutil.copy(self.folder / f"{name}.pem", folder)
        self.ca.openssl("rehash", str(folder))
        self.ca.issue("bob", subject="bob")
        other.issue("eve", subject="eve")
        config = self.one("tls_ca = authorities", "tls_client = require", "tls_watch = 50ms")
        self.assertRan(self.aio("config", "check", config=config))
        running, port = self.serve(config)
        for name in ("bob", "eve"):
            self.assertEqual(self.visit(port, name), "x")
        (folder / "other.pem").unlink()
        running.wait_for(r"uses the new files of TLS from now on: authorities.* has changed$")
        self.assertEqual(self.visit(port, "bob"), "x")
        self.assertRegex(self.visit(port, "eve"), "(?i)unknown ca")
        self.assertStops(running)
        for file in folder.iterdir():
            file.unlink()
        running = self.start(config)
        self.assertEnded(running, FAILED)
        self.assertSaid("cannot use the certificates in authorities: no file in it holds a "
                        "certificate in PEM form", running)

    def test_a_key_of_another_and_an_encrypted_key_end_the_start(self):
        self.ca.openssl("pkey", "-in", "server.key", "-aes256", "-passout", "pass:x", "-out",
                        "encrypted.key")
        for key, reason in (
                ("bank", r"the key bank\.key does not belong to the certificate server\.pem$"),
                ("encrypted", r"cannot use the key encrypted\.key: it is encrypted, and nobody can "
                              r"be asked for its password$")):
            with self.subTest(key=key):
                running = self.start(
                    self.section("tls_certificate = server.pem", f"tls_key = {key}.key"))
                self.assertEnded(running, FAILED)
                self.assertSaid(reason, running)
                done = self.aio("config", "check")
                self.assertStatus(done, BAD_CONFIG)
                self.assertSaid(r"aio\.conf:5:19: error: \[server/x\] " + reason, done)

    def test_a_check_tells_all_certificates_that_a_start_cannot_use(self):
        whole = (self.folder / "bank.pem").read_bytes()
        (self.folder / "cut.pem").write_bytes(whole[:len(whole) // 2])
        (self.folder / "empty.pem").write_bytes(b"")
        (self.folder / "ca-cut.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nMIIB\n")
        done = self.aio("config", "check", config=self.section(
            "tls_certificate =\n  server.pem\n  cut.pem\n  bank.pem\n  empty.pem",
            "tls_key =\n  bank.key\n  bank.key\n  bank.key\n  bank.key",
            "tls_client = require", "tls_ca = ca-cut.pem", "tls_ticket_keys = empty.pem",
        ) + "[client/y]\nprotocol = aio.examples.ping\naddress = localhost\nport = 1\ntls = yes\n"
            "tls_ca = ca-cut.pem\n")
        self.assertStatus(done, BAD_CONFIG)
        for line in (r"6:3: error: \[server/x\] the key bank\.key does not belong to the certificate "
                     r"server\.pem$",
                     r"7:3: error: \[server/x\] cannot use the certificate cut\.pem: ",
                     r"9:3: error: \[server/x\] cannot use the certificate empty\.pem: ",
                     r"16:10: error: \[server/x\] cannot use the certificates in ca-cut\.pem: ",
                     r"17:19: error: \[server/x\] .*empty\.pem",
                     r"23:10: error: \[client/y\] cannot use the certificates in ca-cut\.pem: "):
            self.assertSaid(r"aio\.conf:" + line, done)
        self.assertNotSaid(r"aio\.conf:8:", done)

    def test_a_check_leaves_pipes_to_the_start(self):
        os.mkfifo(self.folder / "pipe.key")
        self.assertRan(self.aio("config", "check", config=self.section(
            "tls_certificate = server.pem", "tls_key = pipe.key")))
        done = self.aio("config", "check", config=self.section(
            "tls_certificate =\n  server.pem\n  bank.pem", "tls_key =\n  pipe.key\n  server.key"))
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:7:3: error: .* server\.key does not belong to .* bank\.pem$", done)


class Rights(Servers):
    def test_a_key_that_everybody_may_read_is_a_warning(self):
        self.folder.chmod(0o755)
        (self.folder / "server.key").chmod(0o644)
        done = self.aio("config", "check", config=self.one())
        self.assertStatus(done, 0)
        self.assertSaid(r"aio\.conf:6:11: warning: \[server/x\] tls_key: 'server\.key' holds a key that "
                        r"everybody may read: chmod 600$", done)
        running, _ = self.serve(self.one())
        line = r"WARNING\(aio\): Server\(x\): server\.key holds a key that everybody may read: chmod 600$"
        running.wait_for(line)
        self.assertStops(running)
        self.assertEqual(len(running.find(line)), 1, running.report())
        (self.folder / "server.key").chmod(0o640)
        self.assertRan(self.aio("config", "check"))

    def test_a_folder_that_is_closed_protects_its_keys(self):
        (self.folder / "server.key").chmod(0o644)  # the folder is 0700
        self.assertRan(self.aio("config", "check", config=self.one()))

    @unittest.skipUnless(os.geteuid() == 0, "only root can give files away")
    def test_root_acts_on_no_key_and_no_authority_that_others_may_write(self):
        config = self.one("tls_ca = ca.pem", "tls_client = require")
        for name, option, place in (("server.key", "tls_key", "6:11"), ("ca.pem", "tls_ca", "7:10")):
            with self.subTest(name=name):
                os.chown(self.folder / name, 65534, 65534)
                self.refused(config, rf"aio\.conf:{place}: error: \[server/x\] {option}: cannot read "
                                     rf"'{name}': root does not act on it, because .*{name} belongs "
                                     r"to user 65534\n.*\n.*\n +give it, and every folder above it, "
                                     r"to root")
                os.chown(self.folder / name, 0, 0)

    @unittest.skipUnless(os.geteuid() == 0, "only root can give files away")
    def test_a_renewed_key_of_another_user_is_not_used(self):
        running, port = self.serve(self.one("tls_watch = 50ms"))
        self.ca.issue("next", "DNS:localhost", "IP:127.0.0.1", subject="planted")
        os.chown(self.folder / "next.key", 65534, 65534)
        for ending in (".key", ".pem"):
            os.replace(self.folder / f"next{ending}", self.folder / f"server{ending}")
        running.wait_for(r"goes on with the files of TLS that it has read before: cannot use the key "
                         r"server\.key: root does not act on it, because .* belongs to user 65534$")
        self.assertIn((("commonName", "first"),), self.client(port).getpeercert()["subject"])
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
