"""How it stops: behaviour §3 "Stopping", exit statuses of §1."""

import os
import signal
import socket
import time

from support import (AIO, Case, FAILED, FORCED, OK, PATIENCE, Running, SLOW, clean_environment, main, read_all,
                     read_line)

ECHO = "[server/x]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n"
SLOW_REPLY = ("[server/x]\nprotocol = probe.slow_reply\naddress = 127.0.0.1\nport = 0\n"
              "takes = {}\n")
TICK = "[schedule/tick]\nevery = 1h\nfunc = probe.tick\n"


class Graceful(Case):
    def test_sigterm_and_sigint_end_with_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            running, _ = self.serve(ECHO + TICK)
            self.assertStops(running, OK, number)

    def test_an_idle_connection_sees_the_end_at_once(self):
        for protocol in ("echo", "echo_callback"):
            running, port = self.serve(ECHO.replace("echo", protocol))
            idle, used = self.connect(port), self.connect(port)
            used.sendall(b"x")
            self.assertEqual(used.recv(1), b"x")
            begun = time.monotonic()
            running.send(signal.SIGTERM)
            self.assertEqual(idle.recv(1), b"")
            self.assertEqual(used.recv(1), b"")
            self.assertLess(time.monotonic() - begun, 1 * SLOW)
            self.assertEnded(running, OK, 3 * SLOW)

    def test_a_connection_in_work_may_finish(self):
        running, port = self.serve(SLOW_REPLY.format("1s"))
        with self.connect(port) as client:
            client.sendall(b"question\n")
            running.wait_for("^slow_reply x got question$")
            running.send(signal.SIGTERM)
            self.assertEqual(read_all(client), b"answer to question\n")
        self.assertEnded(running, OK)

    def test_new_connections_are_refused_while_work_finishes(self):
        running, port = self.serve(
            SLOW_REPLY.format("1500ms") + "[listen/x]\naio-stopping = probe.heard\n"
        )
        client = self.connect(port)
        client.sendall(b"question\n")
        running.wait_for("^slow_reply x got question$")
        running.send(signal.SIGTERM)
        running.wait_for("^heard aio-stopping")
        refused = None
        # The listening socket is closed after aio-stopping was awaited; there is no line for it.
        for _ in range(50):
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as late:
                    late.settimeout(0.1)
                    if late.recv(1) == b"":
                        refused = True
                        break
            except ConnectionError:
                refused = True
                break
            except TimeoutError:
                pass
        self.assertTrue(refused, running.report())
        self.assertEqual(read_all(client), b"answer to question\n")
        self.assertEnded(running, OK)

    def test_nothing_new_is_taken_while_a_queue_is_heard(self):
        running, port = self.serve(
            ECHO + "[schedule/tick]\nevery = 20ms\nfunc = probe.tick\n"
            "[listen/x]\naio-stopping = probe.later\nqueue = 10\n"
        )
        with self.connect(port) as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
            running.wait_for("^tick")
            running.send(signal.SIGTERM)
            running.wait_for("^later begins$")
            time.sleep(0.1 * SLOW)  # the order is given; there is no line for it
            ticks = len(running.find("^tick"))
            with self.assertRaises(ConnectionError):
                socket.create_connection(("127.0.0.1", port), timeout=5)
            client.sendall(b"y")
            self.assertEqual(client.recv(1), b"y")
            running.wait_for("^later ends$")
        self.assertEnded(running, OK)
        self.assertEqual(len(running.find("^tick")), ticks, running.report())

    def test_a_hook_of_the_start_that_stops_the_app_is_obeyed_there(self):
        running = self.start(
            TICK + "[schedule/then]\nevery = 1h\nfunc = probe.tick\ndepends = schedule/tick\n"
            "[listen/x]\nservice-starting = probe.stop_listener\n"
        )
        self.assertEnded(running, OK)
        self.assertFalse(running.find("Scheduler started|^tick"), running.report())

    def test_work_longer_than_the_sections_time_is_cancelled(self):
        running, port = self.serve(SLOW_REPLY.format("1h") + "stop_timeout = 500ms\n")
        with self.connect(port) as client:
            client.sendall(b"question\n")
            running.wait_for("^slow_reply x got question$")
            begun = time.monotonic()
            self.assertStops(running, OK)
            self.assertAlmostEqual(time.monotonic() - begun, 0.5, delta=0.45 * SLOW)

    def test_work_longer_than_the_apps_time_is_cancelled_and_ends_well(self):
        running, port = self.serve(SLOW_REPLY.format("1h"), "--stop-timeout", "1s")
        with self.connect(port) as client:
            client.sendall(b"question\n")
            running.wait_for("^slow_reply x got question$")
            begun = time.monotonic()
            self.assertStops(running, OK)  # work is no hook: nothing was promised to it
            self.assertLess(time.monotonic() - begun, 2 * SLOW)

    def test_unsent_bytes_are_sent(self):
        running, port = self.serve(ECHO.replace("aio.examples.echo", "probe.flood"))
        with self.connect(port) as client:
            client.sendall(b"go\n")
            running.wait_for("^flood begins$")
            running.send(signal.SIGTERM)
            total = len(read_all(client))
            self.assertEqual(total, 20_000_000)
        self.assertEnded(running, OK)

    def test_two_signals_within_a_moment_are_one(self):
        running, _ = self.serve(ECHO)
        running.send(signal.SIGINT)
        running.send(signal.SIGINT)
        self.assertEnded(running, OK)

    def test_the_app_can_stop_itself(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.stops_app\n")
        self.assertEnded(running, OK)

    def test_code_that_stops_the_main_loop_stops_the_app_in_order(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.stops_loop\n"
                             "[listen/x]\naio-stopping = probe.later\n")
        self.assertEnded(running, FAILED)
        self.assertInOrder(["the main loop crashed: code of a module has stopped it$", "Stopped$"],
                           running.out)

    def test_code_that_stops_another_loop_stops_the_app_in_order(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.stops_its_loop\nloop = own\n")
        self.assertEnded(running, FAILED)
        self.assertInOrder(["a loop crashed: code of a module has stopped it$", "Stopped$"],
                           running.out)

    def test_aio_stopping_is_awaited(self):
        running = self.start(TICK + "[listen/x]\naio-stopping = probe.later\n")
        running.wait_for("^tick")
        self.assertStops(running)
        self.assertInOrder(["^later begins$", "^later ends$"], running.out)

    def test_a_listener_of_aio_stopping_that_hangs_is_inside_the_deadline(self):
        running = self.start(
            TICK + "[listen/x]\naio-stopping = probe.hangs\n", "--stop-timeout", "700ms"
        )
        running.wait_for("^tick")
        begun = time.monotonic()
        self.assertStops(running, FORCED)
        self.assertLess(time.monotonic() - begun, 2 * SLOW)

    def test_a_broken_listener_does_not_hinder_the_stop(self):
        running = self.start(TICK + "[listen/x]\naio-stopping = probe.raising_listener\n")
        running.wait_for("^tick")
        self.assertStops(running)
        self.assertSaid("Error calling listener: .*boom", running)

    def test_a_crash_in_any_step_of_the_stop_counts(self):
        for event in ("aio-stopping", "aio-stopped"):
            for how, said in (("mistaken_listener", "a listener crashed: "),
                              ("mistaken_listener_later", "a listener crashed: "),
                              ("posts_error", "the main loop crashed: posted")):
                with self.subTest(event=event, how=how):
                    running = self.start(TICK + f"[listen/x]\n{event} = probe.{how}\n")
                    running.wait_for("^tick")
                    self.assertStops(running, FAILED)
                    self.assertSaid("CRITICAL.*" + said, running)
                    self.assertSaid("Stopped$", running)


class Forced(Case):
    STUBBORN = "[schedule/rock]\nevery = 1h\nfunc = probe.stubborn\n"

    def test_the_stop_deadline_names_the_service_and_ends_with_70(self):
        running = self.start(self.STUBBORN + TICK, "--stop-timeout", "700ms")
        running.wait_for("^stubborn begins$")
        begun = time.monotonic()
        self.assertStops(running, FORCED)
        self.assertAlmostEqual(time.monotonic() - begun, 0.7, delta=0.6 * SLOW)
        self.assertSaid("schedule/rock", running)
        self.assertNotSaid("schedule/tick .*(await|not ended)", running)

    def test_who_has_not_ended_is_on_standard_error_though_the_log_is_a_file(self):
        running = self.start(
            "[aio]\nlog_file = x.log\n[service/bad]\nclass = probe.stuck\n" + TICK,
            "--stop-timeout", "700ms")
        running.wait_for("^tick")
        self.assertStops(running, FORCED)
        self.assertInOrder(
            [r"\Aaio: the stop deadline has passed, ending by force$",
             r"^aio: service/bad has not ended$", r"^aio: +service/bad: on_stop awaits sleep"],
            running.err,
        )
        self.assertNotSaid("schedule/tick", running.err)
        log = self.read("x.log")
        self.assertSaid(r"ERROR\(aio\): service/bad has not ended within the stop deadline$", log)
        self.assertSaid(r"ERROR\(aio\): service/bad: on_stop awaits sleep", log)

    def test_a_blocked_loop_does_not_prevent_the_end(self):
        running = self.start(
            "[schedule/rock]\nevery = 1h\nfunc = probe.block\ntakes = 1h\n",
            "--stop-timeout", "700ms",
        )
        running.wait_for("^block begins$")
        begun = time.monotonic()
        self.assertStops(running, FORCED)
        self.assertLess(time.monotonic() - begun, 2.5 * SLOW)

    def test_what_was_logged_is_in_the_file_though_the_loop_is_blocked(self):
        config = (
            "[aio]\nlog_file = x.log\nblocking_timeout = 200ms\n"
            "[schedule/rock]\nevery = 1h\nfunc = probe.block\ntakes = 1h\ndelay = 50ms\n"
        )
        running = self.start(config)
        running.wait_for("Blocking detected")
        deadline = time.monotonic() + PATIENCE
        while "INFO(aio): Started\n" not in self.read("x.log"):
            self.assertLess(time.monotonic(), deadline, self.read("x.log"))
            time.sleep(0.01)
        running.send(signal.SIGKILL)
        running.popen.wait()

        running = self.start(config.replace("200ms", "none"), "--stop-timeout", "300ms")
        running.wait_for("^block begins$")
        self.assertStops(running, FORCED)
        self.assertIn("INFO(aio): Started\n", self.read("x.log"))

    def test_a_blocked_loop_and_what_runs_are_named(self):
        running = self.start(
            "[aio]\nblocking_timeout = none\n"
            "[schedule/rock]\nevery = 1h\nfunc = probe.block\ntakes = 1h\n"
            "[schedule/far]\nevery = 1h\nfunc = probe.tick\nloop = own\n"
            "[schedule/off]\nevery = 1h\nfunc = probe.tick\nenabled = no\n",
            "--stop-timeout", "700ms",
        )
        running.wait_for("^block begins$")
        self.assertStops(running, FORCED)
        self.assertInOrder(
            [r"^aio: the stop deadline has passed, ending by force$",
             r"^aio: loop main is blocked: it has been in one call for \S*\d+ms$",
             r"^aio: schedule/rock has not ended \(loop main\)$"],
            running.err,
        )
        self.assertNotSaid("schedule/off", running)

    def test_an_end_by_force_takes_the_pid_file_along(self):
        held = "[aio]\npid_file = x.pid\n"
        for config in (self.STUBBORN,
                       "[schedule/rock]\nevery = 1h\nfunc = probe.block\ntakes = 1h\n"):
            running = self.start(held + config, "--stop-timeout", "700ms")
            running.wait_for("^(stubborn|block) begins$")
            self.assertTrue((self.folder / "x.pid").exists())
            self.assertStops(running, FORCED)
            self.assertFalse((self.folder / "x.pid").exists(), running.report())

    KEPT = ("[schedule/rock]\nevery = 1h\nfunc = probe.crash\nkind = hang\n"
            "[logger_root]\nhandlers = bad, good\n"
            "[handler_bad]\nclass = probe.kept_lines\npath = bad.log\nhangs = the last line\n"
            "[handler_good]\nclass = probe.kept_lines\npath = good.log\n")

    def test_log_handlers_of_modules_are_flushed_and_one_that_hangs_holds_up_nothing(self):
        running = self.start(self.KEPT, "--stop-timeout", "300ms")
        running.wait_for("^logged$")
        self.assertNotSaid("the last line", self.read("good.log"))
        self.assertStops(running, FORCED)
        self.assertSaid("the last line$", self.read("good.log"))
        self.assertNotSaid("the last line", self.read("bad.log"))

    def test_a_second_signal_flushes_them_too(self):
        running = self.start(self.KEPT)
        running.wait_for("^logged$")
        running.send(signal.SIGTERM)
        running.insist()
        self.assertEnded(running, 143)
        self.assertSaid("the last line$", self.read("good.log"))

    def test_a_second_signal_takes_the_pid_file_along(self):
        running = self.start("[aio]\npid_file = x.pid\n" + self.STUBBORN)
        running.wait_for("^stubborn begins$")
        running.send(signal.SIGTERM)
        running.insist()
        self.assertEnded(running, 143)
        self.assertFalse((self.folder / "x.pid").exists(), running.report())

    def test_a_full_pipe_does_not_prevent_the_end(self):
        running = self.start(
            "[schedule/x]\nevery = 1h\nfunc = probe.fills_pipe\n", "--stop-timeout", "700ms",
        )
        running.wait_for("^xxx")
        with running.deaf():
            time.sleep(0.5)  # the pipe fills; nothing can be seen of it from outside
            running.send(signal.SIGTERM)
            status = running.popen.wait(5 * SLOW)
        self.assertEqual(status, FORCED)

    def test_a_second_signal_ends_at_once(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            running = self.start(self.STUBBORN)
            running.wait_for("^stubborn begins$")
            running.send(number)
            running.wait_for("Stopping")
            begun = time.monotonic()
            running.insist(number)
            self.assertEnded(running, 128 + number)
            self.assertLess(time.monotonic() - begun, 0.25 + 1 * SLOW)

    def test_a_loop_that_blocks_while_it_loads_a_library_is_reported_and_ended(self):
        """The constructor of the library waits, and the dynamic linker's lock is held."""
        door = self.folder / "door"
        os.mkfifo(door)
        config = ("[aio]\nblocking_timeout = 300ms\n[schedule/x]\nevery = 1h\nfunc = probe.load\n"
                  f"library = {os.environ['AIO_TEST_WAITS_WHEN_LOADED']}\n")
        for insists in (True, False):
            running = self.start(config, "--stop-timeout", "2s", env={"AIO_TEST_DOOR": str(door)})
            running.wait_for("Blocking detected")
            running.wait_for(r"probe\.so")
            running.send(signal.SIGTERM)
            if insists:
                running.insist()
            self.assertEnded(running, 143 if insists else FORCED)
            self.assertNotSaid("^load ends$", running)

    def test_a_second_signal_ends_a_blocked_loop_too(self):
        running = self.start("[schedule/rock]\nevery = 1h\nfunc = probe.block\ntakes = 1h\n")
        running.wait_for("^block begins$")
        running.send(signal.SIGTERM)
        running.insist()
        self.assertEnded(running, 143)


class DuringPreparation(Case):
    """Nothing runs yet, no loop turns: somebody is asked for a name, a key is read."""

    def preparing(self, *args):
        """It waits for somebody to write a certificate: (running, where to write it)."""
        os.mkfifo(self.folder / "pem")
        running = self.start(
            "[server/x]\nprotocol = aio.examples.echo\nport = 0\ntls_certificate = pem\n", *args
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                pem = os.open(self.folder / "pem", os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody reads yet
                self.assertLess(time.monotonic(), deadline, running.report())
                time.sleep(0.02)
                continue
            self.addCleanup(os.close, pem)
            return running, pem

    def test_a_second_signal_ends_at_once(self):
        for _ in range(20):
            running, _ = self.preparing()
            running.send(signal.SIGTERM)
            pause = running.insist()
            if running.wait() == OK and pause > 0.3:
                (self.folder / "pem").unlink()
                continue  # this test was late: the first signal has ended the preparation
            self.assertEnded(running, 143)
            self.assertSaid("second signal", running)
            return
        self.fail("the machine is too busy for a second signal")

    def test_the_first_signal_ends_it(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number=number):
                running, _ = self.preparing()
                begun = time.monotonic()
                self.assertStops(running, OK, number)
                self.assertLess(time.monotonic() - begun, 1 + 1 * SLOW)
                self.assertInOrder(
                    ["^aio: told to stop before any service has started, ending$",
                     "^aio: server/x was being prepared$"], running.err)
                (self.folder / "pem").unlink()

    def silent_resolver(self, config):
        """It waits for a resolver: a socket that takes questions and answers none."""
        if os.geteuid() != 0:
            self.skipTest("only root makes namespaces")
        self.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30\n")
        self.write("nsswitch.conf", "hosts: dns\n")
        self.write("run.sh", """
            ip link set lo up
            mount --bind resolv.conf /etc/resolv.conf
            mount --bind nsswitch.conf /etc/nsswitch.conf
            python3 -c '
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("127.0.0.1", 53))
            print("silent", flush=True)
            s.recv(1000)
            print("asked", flush=True)
            s.recv(1000000)
            ' &
            until grep -q silent out 2>/dev/null; do sleep 0.05; done
            exec "$@"
            """)
        self.write("aio.conf", config)
        with (self.folder / "out").open("wb") as out:
            running = Running(
                ["unshare", "-nm", "sh", "run.sh", str(AIO), "run"], self.folder,
                clean_environment(), stdout=out)
        self.addCleanup(running.kill)
        self.log_says("out", "^asked$")
        return running

    def test_a_name_that_nobody_resolves(self):
        running = self.silent_resolver("[server/x]\nprotocol = aio.examples.echo\n"
                                       "address = nowhere.example\nport = 0\n")
        begun = time.monotonic()
        self.assertStops(running, OK)
        self.assertLess(time.monotonic() - begun, 1 + 1 * SLOW)
        self.assertSaid("^aio: server/x was being prepared$", running.err)

    def test_a_name_of_a_service_or_a_bean_that_nobody_resolves(self):
        """They listen on their loop, which goes on, and a stop does not wait for the resolver."""
        for section in ("[service/x]\nclass = probe.mistaken_server\n",
                        "[bean/x]\ncore = probe.tcp\n"):
            with self.subTest(section=section):
                running = self.silent_resolver(
                    section + "address = nowhere.example\nport = 0\n"
                    "[service/other]\nclass = probe.ticker\n")
                ticks = self.read("out").count("tick")
                self.log_says("out", f"tick {ticks + 3}$")
                begun = time.monotonic()
                self.assertStops(running, OK)
                self.assertLess(time.monotonic() - begun, 1 + 1 * SLOW)
                self.assertNotSaid("failed", running)
                (self.folder / "out").unlink()

    def test_the_configuration_is_read_from_a_pipe_that_nothing_comes_from(self):
        os.mkfifo(self.folder / "fifo.conf")
        silent = os.open(self.folder / "fifo.conf", os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, silent)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number=number):
                running = self.start(None, command=("-c", "fifo.conf", "run"))
                deadline = time.monotonic() + PATIENCE
                while "fifo.conf" not in self.opened(running.pid):
                    self.assertLess(time.monotonic(), deadline, running.report())
                    time.sleep(0.02)
                begun = time.monotonic()
                # reading gives up by itself after 10 s: the signal comes first
                self.assertStops(running, OK, number, timeout=2 * SLOW)
                self.assertLess(time.monotonic() - begun, 2 * SLOW)
                self.assertSaid("^aio: told to stop while the configuration was read$", running.err)

    def opened(self, pid):
        """The names of the files that a process has open."""
        names = []
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                names.append(os.path.basename(os.readlink(f"/proc/{pid}/fd/{fd}")))
            except FileNotFoundError:
                pass
        return names

    def test_the_stop_deadline_counts(self):
        running, _ = self.preparing("--stop-timeout", "500ms")
        self.assertStops(running, FORCED)
        self.assertSaid("^aio: no service has started yet, they were being prepared$", running)


class CutOff(Case):
    """What is cut short when its time is over makes the status 70, and is named."""

    def test_a_hook_of_the_stop(self):
        for hook in ("stop", "exit", "shutdown"):
            with self.subTest(hook=hook):
                running = self.start(
                    f"[aio]\nlog_file = x.log\n[service/s]\nclass = probe.slow_end\nin = {hook}\n"
                    + TICK, "--stop-timeout", "1s")
                running.wait_for("^tick")
                self.assertStops(running, FORCED)
                self.assertSaid(rf"^aio: service/s: on_{hook} was cut off", running.err)
                self.assertSaid(rf"ERROR.*on_{hook} was cut off", self.read("x.log"))
                self.assertSaid("Stopped$", self.read("x.log"))

    def test_one_that_fails_is_a_failure(self):
        for hook in ("stop", "exit", "shutdown"):
            with self.subTest(hook=hook):
                running = self.start(f"[service/s]\nclass = probe.slow_end\nin = {hook}\nfails = yes\n" + TICK)
                running.wait_for("^tick")
                self.assertStops(running, FAILED)
                self.assertSaid(rf"ERROR.*on_{hook} failed: no space left", running)

    def test_one_that_is_given_less_than_the_app(self):
        running = self.start(
            "[service/s]\nclass = probe.slow_end\nstop_timeout = 300ms\n" + TICK)
        running.wait_for("^tick")
        self.assertStops(running, FORCED)

    def test_a_hook_of_a_child(self):
        running = self.start(
            "[service/s]\nclass = probe.slow_parent\n" + TICK, "--stop-timeout", "1s")
        running.wait_for("^tick")
        self.assertStops(running, FORCED)
        self.assertSaid("^aio: service/s/child: on_stop was cut off", running.err)

    def test_a_handler_of_a_bean(self):
        running = self.start("[bean/b]\ncore = probe.slow_bean\n" + TICK, "--stop-timeout", "1s")
        running.wait_for("^tick")
        self.assertStops(running, FORCED)
        self.assertSaid("^aio: bean/b: its handler of SIGTERM was cut off", running.err)

    def cut_off(self, config, ready, said, timeout="1s"):
        running = self.start(config, "--stop-timeout", timeout)
        running.wait_for(ready)
        self.assertStops(running, FORCED)
        self.assertSaid(rf"^aio: {said} when the time for the stop was over$", running.err)
        return running

    def test_a_run_with_a_shield(self):
        for limit, timeout in (("", "1s"), ("stop_timeout = 300ms\n", "20s")):
            with self.subTest(timeout=timeout):
                self.cut_off(
                    "[schedule/x]\nevery = 1h\nfunc = probe.slow\ntakes = 1h\nshield = yes\n" + limit,
                    "^slow x begins$",
                    "schedule/x: run 1, which has shield = yes, was cut off", timeout)

    def test_a_run_without_a_shield_has_no_such_promise(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.slow\ntakes = 1h\n")
        running.wait_for("^slow x begins$")
        self.assertStops(running, OK)

    def test_a_listener_behind_a_queue(self):
        self.cut_off(
            TICK + "[listen/l]\naio-started = probe.hangs\nqueue = 10\n", "^hangs begins$",
            r"0 events for probe\.hangs \(signal 'aio-started'\), which is at work: not heard, and lost,")

    def test_a_listener_that_a_unit_waits_for(self):
        running = self.cut_off(
            "[schedule/tick]\nfunc = probe.tick\nevery = 1h\n"
            "[listen/a]\nservice-stopping = probe.hangs\n", "^tick",
            r"schedule/tick: listeners of service-stopping \(probe\.hangs\) were cut off", "2s")
        self.assertSaid(r"Waiting for schedule/tick: listeners of service-stopping \(probe\.hangs\)$",
                        running)
        self.assertNotSaid("schedule/tick did not finish in time", running)

    def test_a_listener_that_the_app_waits_for(self):
        for event in ("aio-stopping", "aio-stopped"):
            with self.subTest(event=event):
                self.cut_off(TICK + f"[listen/a]\n{event} = probe.hangs\n", "^tick",
                             rf"listeners of {event} \(probe\.hangs\) were cut off")

    def test_one_that_ends_in_time_is_not(self):
        running = self.start(
            "[service/s]\nclass = probe.slow_end\ntakes = 200ms\n" + TICK, "--stop-timeout", "9s")
        running.wait_for("^tick")
        self.assertStops(running, OK)


class AfterTheStop(Case):
    """Whatever runs after the last line is under the deadline of the stop until the process is gone."""

    def test_report_time_1_what_is_never_idle(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.never_idle\n")
        running.wait_for("^never idle$")
        self.assertStops(running, OK, timeout=5 * SLOW)
        self.assertSaid("Stopped$", running)

    def test_report_time_1_a_destructor_that_hangs(self):
        running = self.start(
            "[schedule/x]\nevery = 1h\nfunc = probe.at_the_end\n" + TICK, "--stop-timeout", "1s")
        running.wait_for("^tick")
        begun = time.monotonic()
        self.assertStops(running, FORCED)
        self.assertLess(time.monotonic() - begun, 1.2 + 1 * SLOW)
        self.assertSaid("Stopped$", running)
        self.assertSaid("^the last destructor begins$", running)
        self.assertSaid("^aio: the stop deadline has passed", running.err)

    def test_report_time_1_a_second_signal_is_obeyed_there(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.at_the_end\n" + TICK,
                             "--stop-timeout", "none")
        running.wait_for("^tick")
        running.send(signal.SIGTERM)
        running.wait_for("^the last destructor begins$")
        running.insist()
        self.assertEnded(running, 143)


class DuringStart(Case):
    def test_a_stop_during_a_slow_start_is_obeyed(self):
        running = self.start(ECHO + TICK + "[listen/x]\naio-starting = probe.hangs\n"
                                           "aio-started = probe.heard\n")
        running.wait_for("^hangs begins$")
        begun = time.monotonic()
        self.assertStops(running)
        self.assertLess(time.monotonic() - begun, 2 * SLOW)
        self.assertNotSaid("^heard aio-started|^tick", running)

    def test_a_listener_that_holds_up_the_start_of_a_unit_is_named(self):
        running = self.start(
            TICK + "start_timeout = 1500ms\n[listen/x]\nservice-starting = probe.hangs\n")
        running.wait_for(r"Waiting for schedule/tick: listeners of service-starting \(probe\.hangs\)$")
        running.wait_for(r"schedule/tick: listeners of service-starting \(probe\.hangs\) "
                         "did not finish in time, they are cancelled$")
        self.assertEnded(running, FAILED)

    def test_a_stop_during_the_start_of_a_service(self):
        running = self.start(
            TICK + "[server/z]\nfactory = probe.hanging_factory\nport = 0\n"
                   "depends = schedule/tick\n[listen/x]\naio-started = probe.heard\n"
        )
        running.wait_for("^hanging_factory begins$")
        self.assertStops(running, timeout=5 * SLOW)
        self.assertNotSaid("^heard aio-started", running)

    def test_a_stop_while_a_start_blocks_the_loop(self):
        running = self.start(
            "[service/a]\nclass = probe.blocked_start\ntakes = 2s\n"
            "[service/b]\nclass = probe.blocked_start\ntakes = 1h\n"
            "[listen/x]\naio-started = probe.heard\n", "--stop-timeout", "20s")
        running.wait_for("^a blocks$")
        self.assertStops(running)
        self.assertNotSaid("^b blocks|^heard aio-started", running)
        self.assertInOrder(["^a has blocked$", "Terminated received", "Stopping", "Stopped"],
                           running.out)

    def test_a_start_that_blocks_its_loop_for_ever_is_given_up(self):
        running = self.start(
            "[aio]\nloops = 2\n[service/x]\nclass = probe.blocked_start\ntakes = 1h\nloop = 1\n"
            "start_timeout = 300ms\n", "--stop-timeout", "5s")
        running.wait_for("service/x was not ready within 300ms, and its start has not ended")
        self.assertEnded(running, FORCED)
        self.assertSaid("service/x", running.err)

    def test_a_stop_asked_for_while_starting(self):
        running = self.start(TICK + "[listen/x]\naio-starting = probe.stop_listener\n")
        self.assertEnded(running, OK)
        self.assertNotSaid("^tick", running)


if __name__ == "__main__":
    main()
