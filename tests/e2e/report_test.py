"""All mistakes of all files, sections and modules in one report. Whole reports: tests/golden."""

from support import BAD_CONFIG, Case, USAGE, main


class Report(Case):
    def setUp(self):
        super().setUp()
        self.write("aio.conf", """
            [aio]
            log_levle = INFO
            stop_timeout = soon
            include = conf.d/*.conf
            modules = no.such

            [server/web]
            protocol = aio.examples.echo
            prot = 8080

            [schedule/a]
            every = 1
            func = aio.examples.tikc
            depends = schedule/b

            [schedule/b]
            every = -1
            func = aio.examples.tick
            depends = schedule/a

            [sever/x]
            port = 1

            [listen/x]
            ticked = aio.examples.echo

            [mine]
            value = ${nope}
            """)
        self.write("conf.d/a.conf", "[cluster/x]\ncore = x\n[logger_root]\nlevel = LOUD\n")

    PATTERNS = (
        r"^aio\.conf:2:1: error: unknown option 'log_levle' in \[aio\]$",
        r"^aio\.conf:3:16: error: ",
        r"^aio\.conf:5:11: error: .*no\.such",
        r"^aio\.conf:9:1: error: unknown option 'prot' in \[server/web\]$",
        r"^aio\.conf:13:8: error: module 'aio\.examples' has no 'tikc'$",
        r"^aio\.conf:17:9: error: ",
        r"^aio\.conf:21:\d: error: .*sever/x",
        r"^aio\.conf:25:10: error: 'aio\.examples\.echo' is a protocol, not a listener$",
        r"^aio\.conf:28:9: error: ",
        r"^conf\.d/a\.conf:1:\d: error: .*not in this version",
        r"^conf\.d/a\.conf:4:9: error: .*LOUD",
        r"schedule/a -> schedule/b -> schedule/a|schedule/b -> schedule/a -> schedule/b",
    )

    def test_a_file_that_would_not_be_checked_is_refused(self):
        done = self.aio("config", "-f", "other.conf", "check")
        self.assertStatus(done, USAGE)
        self.assertSaid(r"use -c FILE", done.err)

    def test_one_pass_reports_everything(self):
        for command in (["run"], ["config", "check"]):
            done = self.aio(*command)
            self.assertStatus(done, BAD_CONFIG)
            for pattern in self.PATTERNS:
                with self.subTest(command=command, pattern=pattern):
                    self.assertSaid(pattern, done.err)
            self.assertEqual(done.out, "")

    def test_each_has_a_line_and_a_caret(self):
        done = self.aio("config", "check")
        lines = done.err.splitlines()
        for at, line in enumerate(lines):
            if ".conf:" in line and ": error: " in line:
                place, column = line.split(": error: ")[0], None
                column = int(place.split(":")[2])
                self.assertRegex(lines[at + 1], "^    ")
                self.assertEqual(lines[at + 2], "    " + " " * (column - 1) + "^", done.err)

    def test_nothing_is_said_twice(self):
        done = self.aio("config", "check")
        heads = [line for line in done.err.splitlines() if ": error: " in line]
        self.assertEqual(len(heads), len(set(heads)), done.err)

    def test_lines_stand_in_the_order_of_the_files(self):
        done = self.aio("config", "check")
        places = [tuple(line.split(":")[:2]) for line in done.err.splitlines()
                  if ": error: " in line and ".conf:" in line]
        own = [int(line) for name, line in places if name == "aio.conf"]
        self.assertEqual(own, sorted(own), done.err)

    def test_syntax_errors_of_all_files_come_together(self):
        self.write("aio.conf", "[aio]\ninclude = conf.d/*.conf\nbad\n")
        self.write("conf.d/a.conf", "early = 1\n[x]\n = 2\n")
        done = self.aio("config", "check")
        self.assertStatus(done, BAD_CONFIG)
        for place in (r"aio\.conf:3:1", r"conf\.d/a\.conf:1:1", r"conf\.d/a\.conf:3:2"):
            self.assertSaid(rf"^{place}: error: ", done.err)

    def test_mistakes_of_the_command_line_and_the_environment_join_in(self):
        self.write("aio.conf", "[aio]\nstrict = maybe\n")
        done = self.aio("-o", "aio:loops=many", "config", "check",
                        env={"AIO_WORKER_THREADS": "few"})
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"^aio\.conf:2:10: error: ", done.err)
        self.assertSaid(r"command line.*: error: ", done.err)
        self.assertSaid(r"environment.*: error: ", done.err)


if __name__ == "__main__":
    main()
