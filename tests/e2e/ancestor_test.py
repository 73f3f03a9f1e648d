"""The README example of the ancestor, in its own INI text."""

import time

from support import Case, SLOW, main, read_all

CONFIG = """
[aio]
log_level = INFO

[schedule:test-scheduler]
every: 2
func: probe.tick

[server:additiontest]
protocol: aio.examples.adder
port: 0

[listen/example]
example-signal = probe.heard
    probe.heard2

[schedule/emitter]
func = probe.emit
every = 1h
signal = example-signal
payload = BOOM!
"""


class Ancestor(Case):
    def test_case_41_48_58_the_whole_example_runs(self):
        running = self.start(CONFIG)
        self.assertEqual(self.exchange(running.port("additiontest"), b"2 + 2 + 3\n").strip(), b"7")
        running.wait_for(r"^heard example-signal BOOM!$")
        running.wait_for(r"^heard2 example-signal BOOM!$")

        running.wait_for(r"^tick test-scheduler ", 3)
        ticks = running.find(r"^tick test-scheduler ")
        begun = ticks[0].when
        running.silent_for(r"^tick test-scheduler ", begun + 5 - time.monotonic() - 0.05)
        self.assertStops(running)

        at = [round(tick.when - begun, 2) for tick in ticks]
        for due, real in zip((0, 2, 4), at):
            self.assertAlmostEqual(due, real, delta=0.25 * SLOW, msg=str(at))
        self.assertEqual(len(running.find("^heard2? example-signal")), 2, running.report())

    def test_the_server_closes_after_the_answer(self):
        running, ports = self.serve(CONFIG, name="additiontest")
        with self.connect(ports) as client:
            client.sendall(b"2 + 2 + 3\n")
            answer = client.recv(100)
            self.assertEqual(answer.strip(), b"7")
            self.assertEqual(client.recv(100), b"")
        self.assertStops(running)

    def test_the_client_of_the_ancestor_reads_its_sum(self):
        """It sends neither the end of a line nor its own end."""
        running, port = self.serve(CONFIG, name="additiontest")
        for said, heard in ((b"17 + 5 + 1", b"23"), (b"2 + 2 + 3\n", b"7")):
            with self.connect(port) as client:
                client.sendall(said)
                self.assertEqual(read_all(client).strip(), heard)
        with self.connect(port) as client:
            client.sendall(b"17 + 5 +")
            client.settimeout(0.2)
            with self.assertRaises(TimeoutError):
                client.recv(1)
            client.settimeout(10 * SLOW)
            client.sendall(b" 1")
            self.assertEqual(read_all(client).strip(), b"23")
        self.assertEqual(self.exchange(port, b"two + 2").strip(), b"not a sum: two + 2")
        self.assertStops(running)

    def test_case_26_the_signal_is_set_by_the_command(self):
        value = r"my.listener\nmy.listener2"
        done = self.aio("config", "-s", "listen/example:example-signal", value)
        self.assertRan(done, "")
        done = self.aio("config", "-g", "listen/example:example-signal")
        self.assertRan(done, "my.listener\nmy.listener2\n")


FORMER = ("aio.app", "aio.config", "aio.core", "aio.manhole.server", "aio.signals", "aio.testing")


class FormerModules(Case):
    """Modules of the ancestor that INI files list. They are built in."""

    def test_case_39_every_way_to_list_them_works(self):
        job = "[schedule/x]\nevery = 1h\nfunc = probe.tick\n"
        for listed in (" ".join(FORMER), "\n    ".join(FORMER), "\t".join(FORMER),
                       "aio.app aio.signals\n   aio.core", "aio.app aio.app"):
            with self.subTest(listed=listed):
                done = self.accepted(f"[aio]\nmodules = {listed}\n{job}")
                self.assertEqual(done.err, "")
        running = self.start(f"[aio]\nmodules = {' '.join(FORMER)} probe\n{job}")
        running.wait_for("^tick x ")
        self.assertStops(running)

    def test_the_one_of_a_line_that_is_missing_is_marked(self):
        self.refused("[aio]\nmodules = aio.app aio.singals aio.core\n",
                     r"aio\.conf:2:19: error: unknown module 'aio\.singals'",
                     r"did you mean '?aio\.signals")
        self.refused("[aio/testing]\nmodules = aio.app aio.singals\n",
                     r"aio\.conf:2:19: error: .*there is no module 'aio\.singals'")

    def test_each_says_what_became_of_it(self):
        for name in FORMER:
            with self.subTest(name=name):
                done = self.aio("module", "show", name)
                self.assertRan(done)
                self.assertSaid(rf"^{name}: built in$", done.out)
                self.assertGreater(len(done.out.splitlines()), 1, done.out)
        self.assertSaid("aio graph", self.aio("module", "show", "aio.manhole.server").out)

    def test_what_they_offered_is_refused_with_what_became_of_it(self):
        self.refused("[server/x]\nfactory = aio.manhole.server.factory\nport = 7373\n",
                     r"module 'aio\.manhole\.server' has no 'factory'", "Python prompt")

    def test_aio_test_knows_them(self):
        done = self.aio("test", "aio.app")
        self.assertRan(done, "No tests for aio.app\n")
        for section in ("aio", "aio/testing"):
            with self.subTest(section=section):
                done = self.aio("test", config=f"[{section}]\nmodules = {' '.join(FORMER)}\n")
                self.assertRan(done)
                for name in FORMER:
                    self.assertSaid(rf"^No tests for {name}$", done.out)

    def test_a_module_that_is_listed_twice_keeps_the_place_of_its_defaults(self):
        self.write("mods/my/own/aio.conf", "[aio]\nloops = 3\n")
        done = self.aio("config", "-g", "aio:loops", env={"AIO_MODULE_PATH": "mods"},
                        config="[aio]\nmodules = my.own aio.app\n")
        self.assertRan(done, "3\n")


if __name__ == "__main__":
    main()
