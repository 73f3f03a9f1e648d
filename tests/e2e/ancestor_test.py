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


if __name__ == "__main__":
    main()
