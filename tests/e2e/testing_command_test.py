"""`aio test`: behaviour §4, cases 76–78."""

import signal

from support import Case, FAILED, OK, gone, main


class Testing(Case):
    def test_case_76_passing_tests(self):
        done = self.aio("test", "probe.good")
        self.assertStatus(done, OK)
        self.assertSaid(r"^Running tests for probe\.good\.\.\.$", done.out)
        self.assertSaid(r"No errors detected", done)

    def test_what_no_terminal_shows_has_no_colours(self):
        done = self.aio("test", "probe.good")
        self.assertNotIn("\x1b", done.out + done.err)

    def test_case_76_failing_tests(self):
        done = self.aio("test", "probe.bad")
        self.assertStatus(done, FAILED)
        self.assertSaid(r"^Running tests for probe\.bad\.\.\.$", done.out)
        self.assertSaid(r"1 failure", done)

    def test_tests_fail_as_well_while_the_ends_of_children_are_ignored(self):
        done = self.aio("test", "probe.bad",
                        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertStatus(done, FAILED)

    def test_case_76_no_tests(self):
        done = self.aio("test", "probe")
        self.assertStatus(done, OK)
        self.assertSaid(r"^No tests for probe$", done.out)

    def test_a_module_that_is_damaged_is_not_passed_over(self):
        self.write("lib/cut/cut.so", "\x7fELF")
        done = self.aio("test", "cut", env={"AIO_MODULE_PATH": str(self.folder / "lib")})
        self.assertStatus(done, FAILED)
        self.assertSaid(r"^aio: cut cannot be loaded: .*/cut/cut\.so is ", done.err)

    def test_case_77_only_those_named(self):
        done = self.aio("test", "probe.good", "probe", config="[aio]\nmodules = probe.bad\n")
        self.assertStatus(done, OK)
        self.assertInOrder([r"^Running tests for probe\.good\.\.\.$", r"^No tests for probe$"],
                           done.out)
        self.assertNotSaid("probe.bad", done)

    def test_case_77_an_unknown_name_lists_the_choices(self):
        done = self.aio("test", "probe.godo")
        self.assertNotEqual(done.status, OK)
        self.assertSaid(r"probe\.godo", done.err)
        self.assertSaid(r"'probe\.good'", done.err)
        self.assertSaid(r"did you mean '?probe\.good", done.err)

    def test_the_default_set_is_builtin_and_modules(self):
        done = self.aio("test", config="[aio]\nmodules = probe\n\tprobe.good\n")
        self.assertStatus(done, OK)
        self.assertInOrder([r"^(No|Running) tests for aio\.app", r"^No tests for probe$",
                            r"^Running tests for probe\.good\.\.\.$"], done.out)

    def test_case_78_modules_of_aio_testing_override_the_default_set(self):
        done = self.aio("test", config="[aio]\nmodules = probe\n[aio/testing]\nmodules = probe.good\n")
        self.assertStatus(done, OK)
        self.assertSaid("probe.good", done)
        self.assertNotSaid(r"aio\.app|for probe$", done)

    def test_who_ends_it_ends_the_tests(self):
        running = self.start(None, "probe.good", "--", "--run_test=one_that_hangs",
                             command=("test",))
        child = int(running.wait_for(r"^hanging (\d+)$").group(1))
        running.send(signal.SIGTERM)
        self.assertEqual(gone(child), -signal.SIGKILL)
        self.assertEnded(running, -signal.SIGTERM)

    def test_one_failing_module_does_not_hide_the_others(self):
        done = self.aio("test", "probe.bad", "probe.good")
        self.assertStatus(done, FAILED)
        self.assertInOrder([r"^Running tests for probe\.bad", r"^Running tests for probe\.good"],
                           done.out)

    def test_a_crash_of_one_does_not_hide_the_others(self):
        done = self.aio("test", "probe.bad", "probe.good", "--", "--run_test=dies")
        self.assertStatus(done, FAILED)
        self.assertSaid(r"^Running tests for probe\.good", done.out)

    def test_one_that_calls_exit_does_not_pass(self):
        for chosen in ("leaves", "fails,leaves"):
            done = self.aio("test", "probe.bad", "--", f"--run_test={chosen}")
            self.assertStatus(done, FAILED)
            self.assertSaid(r"^aio: the tests of probe\.bad ended without a report: one has called exit\(\), ", done.err)

    def test_arguments_after_dashes_go_to_boost_test(self):
        done = self.aio("test", "probe.bad", "--", "--run_test=fine")
        self.assertStatus(done, OK)
        done = self.aio("test", "probe.good", "--", "--list_content")
        self.assertStatus(done, OK)
        self.assertSaid("a_test_of_the_module", done)


if __name__ == "__main__":
    main()
