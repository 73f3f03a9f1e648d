"""A real nginx with its stream module, as the proxy before servers and as the target of clients."""

import shutil
import unittest
from pathlib import Path

from support import Case, free_port, main

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")

CONFIG = """
load_module {module};
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
stream {{
    server {{
        listen 127.0.0.1:{port} {listen};
        {action};
    }}
}}
"""


@unittest.skipUnless(NGINX and STREAM.exists(), "nginx with its stream module is not installed")
class Nginx(Case):
    def nginx(self, action, listen=""):
        """Starts nginx; returns its port."""
        port = free_port()
        config = self.write("nginx.conf", CONFIG.format(
            module=STREAM, folder=self.folder, port=port, listen=listen, action=action))
        self.listens([NGINX, "-e", str(self.folder / "nginx.log"), "-p", str(self.folder),
                      "-c", str(config)], port)
        return port

    def test_its_header_announces_the_client(self):
        running = self.start(
            "[server/x]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n"
            "proxy_protocol = required\nproxy_from = 127.0.0.1\ndeny = 127.0.0.9\n")
        server = running.port("x")
        running.wait_for(r"INFO\(aio\): Started$")
        port = self.nginx(f"proxy_pass 127.0.0.1:{server}; proxy_protocol on")
        self.assertEqual(self.answer_from(port, "127.0.0.8"), b"hello\n", running.report())
        self.assertEqual(self.answer_from(port, "127.0.0.9"), b"", running.report())
        running.wait_for(r"the addresses are not permitted: 1 from 127\.0\.0\.9$")
        self.assertStops(running)
        self.assertNotSaid(r"valid PROXY header", running)

    def test_it_takes_the_header_of_a_client(self):
        port = self.nginx('return "client $proxy_protocol_addr:$proxy_protocol_port\\n"',
                          "proxy_protocol")
        config = self.write("c.conf", "[aio/commands]\ndial = probe.dial\n")
        for version in ("1", "2"):
            with self.subTest(version=version):
                done = self.aio("-c", config, "dial", "--announce", version, f"127.0.0.1:{port}")
                self.assertSaid(r"client 192\.0\.2\.1:1000$", done)


if __name__ == "__main__":
    main()
