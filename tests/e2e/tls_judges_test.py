"""TLS of servers, judged by programs that look for weaknesses: testssl.sh and sslscan."""

import json
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as xml

from pki import Authority
from support import Case, SLOW, main

TESTSSL = shutil.which("testssl") or shutil.which("testssl.sh")
SSLSCAN = shutil.which("sslscan")

# What testssl.sh does not like, and why it stays. It gives no grades before 3.2, only severities.
ACCEPTED = {
    # Mozilla's policy leaves the choice to the client, which knows whether it has AES in hardware:
    # there is no weak cipher to choose. testssl.sh 3.2 thinks so, too.
    "cipher_order": "HIGH",
    # The certificates are those of this test: their authority publishes no list of revoked ones.
    "cert_revocation": "HIGH",
    # Not about the server: it ends its connection at once, and has no result when that was before
    # the ticket of TLS 1.3 came.
    "sessionresumption_ticket": "WARN",
}
FINE = ("OK", "INFO", "LOW", "DEBUG")
# About the programs of this machine, not about the server.
ABOUT_ITSELF = ("engine_problem",)


class Judged(Case):
    def setUp(self):
        super().setUp()
        ca = Authority(self.folder)
        for kind in ("ec", "rsa"):
            # testssl.sh complains of less than 60 days.
            ca.issue(kind, "DNS:localhost", "IP:127.0.0.1", kind=kind, days=90)

    def serve_tls(self, *kinds, more=""):
        def files(ending):
            return "".join(f"\n  {kind}.{ending}" for kind in kinds)

        self.running, port = self.serve(
            "[server/x]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n"
            f"tls_certificate ={files('pem')}\ntls_key ={files('key')}\n{more}"
        )
        return port


@unittest.skipUnless(TESTSSL, "testssl.sh is not installed")
class TestSsl(Judged):
    def judge(self, name, port, *parts):
        """Starts one run; several share the cores."""
        return name, subprocess.Popen(
            [TESTSSL, "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none",
             "--add-ca", "ca.pem", "--jsonfile", f"{name}.json", *parts, f"127.0.0.1:{port}"],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )

    def findings(self, started):
        name, process = started
        self.addCleanup(process.kill)
        said, _ = process.communicate(timeout=200 * SLOW)
        found = json.loads((self.folder / f"{name}.json").read_text())
        found = [each for each in found if each["id"].split(" ")[0] not in ABOUT_ITSELF]
        self.assertGreater(len(found), 10, said)
        return {
            f"{each['id']}: {each['severity']}: {each['finding']}" for each in found
            if each["severity"] not in FINE
            and ACCEPTED.get(each["id"].split(" ")[0]) != each["severity"]
        }, {each["id"].split(" ")[0]: each["finding"] for each in found}

    def test_it_finds_nothing_of_medium_severity(self):
        port = self.serve_tls("ec", "rsa")
        started = [self.judge("policy", port, "--protocols", "--server-defaults",
                              "--server-preference"),
                   self.judge("holes", port, "--vulnerable")]
        (policy, told), (holes, vulnerable) = [self.findings(each) for each in started]
        self.assertEqual(policy | holes, set(), self.running.report())
        for old in ("SSLv2", "SSLv3", "TLS1", "TLS1_1"):
            self.assertIn("not offered", told[old])
        for new in ("TLS1_2", "TLS1_3"):
            self.assertIn("offered", told[new])
        for hole in ("heartbleed", "CCS", "secure_renego", "CRIME_TLS", "SWEET32", "DROWN",
                     "LOGJAM", "BEAST", "LUCKY13", "RC4"):
            self.assertIn(hole, vulnerable)
        self.assertEqual(self.running.stop(), 0, self.running.report())
        # A client can end its own connection in many ways, but not fill our log.
        self.assertNotSaid("ERROR", self.running)


@unittest.skipUnless(SSLSCAN, "sslscan is not installed")
class SslScan(Judged):
    def scan(self, port):
        done = subprocess.run(
            [SSLSCAN, "--xml=-", "--no-colour", f"127.0.0.1:{port}"], cwd=self.folder,
            capture_output=True, text=True, timeout=60 * SLOW, check=False,
        )
        return xml.fromstring(done.stdout).find("ssltest")

    def judge(self, port):
        found = self.scan(port)
        self.assertEqual(found.find("renegotiation").get("supported"), "0")
        self.assertEqual({each.get("vulnerable") for each in found.findall("heartbleed")}, {"0"})
        self.assertIn(found.find("compression") is None
                      or found.find("compression").get("supported"), (True, "0"))
        self.assertGreater(len(found.findall("cipher")), 0)
        for each in found.findall("cipher"):
            self.assertGreaterEqual(int(each.get("bits")), 128)
            self.assertIn(each.get("strength"), ("strong", "acceptable"))
            self.assertRegex(each.get("cipher"), r"GCM|CHACHA20")
        return {each.get("type") + each.get("version") for each in found.findall("protocol")
                if each.get("enabled") == "1"}

    def test_only_versions_and_ciphers_of_the_policy_are_found(self):
        for kinds in (("ec",), ("rsa",)):
            self.assertEqual(self.judge(self.serve_tls(*kinds)), {"tls1.2", "tls1.3"})
            self.assertEqual(self.running.stop(), 0)

    def test_the_modern_policy_is_one_version(self):
        self.assertEqual(self.judge(self.serve_tls("ec", more="tls_policy = modern\n")), {"tls1.3"})
        self.assertEqual(self.running.stop(), 0)


if __name__ == "__main__":
    main()
