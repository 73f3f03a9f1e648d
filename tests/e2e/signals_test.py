"""Signals and [listen/*]: behaviour §3, cases 57–68."""

import time

from support import Case, OK, SLOW, main


def emit(signal="test-signal", payload="BOOM!", every="1h", **more):
    lines = "".join(f"{k} = {v}\n" for k, v in more.items())
    return (f"[schedule/emit]\nevery = {every}\nfunc = probe.emit\n"
            f"signal = {signal}\npayload = {payload}\n{lines}")


class Listen(Case):
    def run_once(self, config, *patterns):
        """Runs until the emitter has said what came back."""
        running = self.start(config)
        running.wait_for("^emitted ")
        for pattern in patterns:
            running.wait_for(pattern)
        self.assertStops(running)
        return running

    def test_case_57_a_listener_of_the_configuration(self):
        self.run_once(
            emit() + "[listen/testlistener]\ntest-signal = aio.examples.print\n",
            r"^Listener received: BOOM!$",
        )

    def test_case_57_the_event_knows_its_signal(self):
        self.run_once(emit() + "[listen/x]\ntest-signal = probe.heard\n",
                      r"^heard test-signal BOOM!$")

    def test_case_58_several_functions_on_one_signal(self):
        running = self.run_once(
            emit() + "[listen/x]\ntest-signal = probe.heard\n    probe.heard2\n"
        )
        self.assertInOrder([r"^heard test-signal BOOM!$", r"^heard2 test-signal BOOM!$"],
                           running.out)
        self.assertEqual(len(running.find("^heard")), 2)

    def test_case_58_the_list_may_start_on_the_next_line(self):
        running = self.run_once(
            emit() + "[listen/x]\ntest-signal =\n    probe.heard\n    probe.heard2\n"
        )
        self.assertEqual(len(running.find("^heard")), 2)

    def test_case_59_several_sections_and_signals_with_one_function(self):
        running = self.run_once(
            emit() + "[listen/a]\ntest-signal = probe.heard\n[listen/b]\nother = probe.heard\n"
        )
        self.assertEqual(len(running.find("^heard test-signal")), 1)
        self.assertEqual(len(running.find("^heard other")), 0)

    def test_case_60_62_listen_and_unlisten_at_run_time(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.listening\n")
        running.wait_for("^listening is done$")
        self.assertStops(running)
        self.assertInOrder(
            [r"^listened: 1$", r"^listened again: 1$", r"^unlistened: 0$",
             r"^unlistened again: 0$"],
            running.out,
        )

    def test_case_61_the_same_function_twice_is_once(self):
        running = self.run_once(
            emit() + "[listen/a]\ntest-signal = probe.heard\n    probe.heard\n"
                     "[listen/b]\ntest-signal = probe.heard\n"
        )
        self.assertEqual(len(running.find("^heard")), 1, running.report())

    def test_case_63_emit_waits_and_collects(self):
        running = self.start(emit() + "[listen/x]\ntest-signal = probe.later\n")
        running.wait_for(r'^emitted results=1 \["done"\] after \d+ms$')
        began = running.find("^later begins")[0].when
        self.assertAlmostEqual(running.find("^emitted")[0].when - began, 1, delta=0.3 * SLOW)
        self.assertStops(running)

    def test_case_64_without_listeners_emit_returns_at_once(self):
        self.run_once(emit(), r"^emitted results=0 \[\] ")

    def test_case_66_a_listener_that_raises(self):
        running = self.start(
            emit() + "[listen/x]\ntest-signal = probe.raising_listener\n    probe.heard\n"
        )
        running.wait_for(r"^heard test-signal BOOM!$")
        running.wait_for(r"ERROR.*Error calling listener: .*boom")
        running.wait_for(r"^emit raised .*boom")
        self.assertStops(running)

    def test_case_67_starting_started_stopping_stopped_in_order(self):
        running = self.start(
            "[schedule/x]\nevery = 1h\nfunc = probe.tick\n[listen/x]\n"
            + "".join(f"aio-{when} = probe.heard\n"
                      for when in ("stopped", "starting", "stopping", "started"))
        )
        running.wait_for("^heard aio-started none$")
        self.assertStops(running)
        self.assertInOrder(
            [r"^heard aio-starting none$", r"Scheduler started", r"^heard aio-started none$",
             r"^heard aio-stopping none$", r"^heard aio-stopped none$"],
            running.out,
        )

    def test_case_67_started_comes_after_every_server_accepts(self):
        running = self.start(
            "[listen/x]\naio-started = probe.heard\n"
            "[server/a]\nprotocol = aio.examples.echo\nport = 0\n"
            "[server/b]\nprotocol = aio.examples.echo\nport = 0\n"
        )
        running.wait_for("^heard aio-started")
        self.assertInOrder([r"Server\(a\).*started", r"^heard aio-started"], running.out)
        self.assertInOrder([r"Server\(b\).*started", r"^heard aio-started"], running.out)
        self.assertStops(running)

    def test_case_68_mixed_case_of_a_signal(self):
        self.run_once(emit("my-signal") + "[listen/x]\nMy-Signal = probe.heard\n",
                      r"^heard my-signal BOOM!$")

    def test_another_type_than_sent_is_an_error_naming_both(self):
        running = self.start(emit() + "[listen/x]\ntest-signal = probe.wants_number\n")
        line = running.wait_for(r"ERROR.*Error calling listener: .*").group(0)
        self.assertRegex(line, "string")
        self.assertRegex(line, r"\bint\b")
        self.assertStops(running)

    def test_a_wildcard_hears_every_signal_below(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.wildcard\n")
        running.wait_for("^wildcard is done$")
        self.assertInOrder([r"^wild server\.up$", r"^wild server\.down$"], running.out)
        self.assertNotSaid("^wild other$", running.out)
        self.assertStops(running)

    def test_only_listeners_run_until_stopped(self):
        running = self.start("[listen/x]\naio-started = probe.heard\n")
        running.wait_for("^heard aio-started")
        running.silent_for("aio-stop", 0.3)
        self.assertStops(running)


class Mistakes(Case):
    def test_an_unknown_listener_names_the_nearest_with_its_place(self):
        self.refused(
            "[listen/x]\ns = aio.examples.print\n    aio.examples.pritn\n",
            r"aio\.conf:3:5: error: .*pritn", r"did you mean 'aio\.examples\.print'",
        )

    def test_the_wrong_kind_names_both(self):
        self.refused("[listen/x]\ns = aio.examples.echo\n",
                     r"aio\.conf:2:5: error: 'aio\.examples\.echo' is a protocol, not a listener")

    def test_a_misspelt_signal_of_the_app_is_near_an_own_one(self):
        self.refused("[listen/x]\naio-startde = probe.heard\n", r"aio\.conf:2:1: error: ",
                     "did you mean 'aio-started'")


if __name__ == "__main__":
    main()
