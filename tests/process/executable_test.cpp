#include <aio/base/descriptor.hpp>
#include <aio/process/executable.hpp>
#include <aio/process/program_file.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

using namespace aio::process;
namespace base = aio::base;

namespace {

struct files : aio::testing::temporary_folder {
    std::string program(std::string_view name, std::string_view bytes, mode_t mode = 0755) const {
        const std::string path = write(name, bytes);
        ::chmod(path.c_str(), mode);
        return path;
    }

    /// What is said of a program with these bytes; empty: nothing is wrong.
    std::string wrong_with(std::string_view bytes) const {
        const auto why = obstacle_to(program("p", bytes), "", nullptr);
        return why ? why->text : "";
    }
};

std::string bytes_of(const char* path) {
    std::ifstream from(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(executable_file, files)

BOOST_AUTO_TEST_CASE(what_can_be_executed_has_no_obstacle) {
    for (std::string_view good :
         {"#!/bin/sh\necho\n",
          "#! /bin/sh -e\n",
          "#!\t/bin/sh\t\n",
          "#!/bin/sh",
          "#!/usr/bin/env sh\n",
          "#!/usr/bin/env -S sh -e\n",
          "#!/usr/bin/env A=b sh\n"})
        BOOST_TEST(wrong_with(good) == "", good);
    BOOST_TEST(!obstacle_to("/bin/sh", "", nullptr));
    BOOST_TEST(!obstacle_to("/proc/self/exe", "", nullptr));
}

BOOST_AUTO_TEST_CASE(report_prc_6_an_interpreter_that_is_missing_is_named) {
    BOOST_TEST(
        wrong_with("#!/opt/none/python\n") ==
        "asks for the interpreter '/opt/none/python', which does not exist"
    );
    BOOST_TEST(
        wrong_with("#!/etc/passwd -x\n") ==
        "asks for the interpreter '/etc/passwd', which is not executable"
    );
    BOOST_TEST(
        wrong_with("#!/etc\n") ==
        "asks for the interpreter '/etc', which is not a program but a folder"
    );
    BOOST_TEST(
        wrong_with("#!/usr/bin/env no-such-python\n") ==
        "asks env for the interpreter 'no-such-python', which is not in PATH"
    );
    BOOST_TEST(wrong_with("#!\n") == "names no interpreter after its '#!'");
    BOOST_TEST(wrong_with("#!  \t \n") == "names no interpreter after its '#!'");
    BOOST_TEST(
        wrong_with("#!/" + std::string(300, 'x') + "\n") ==
        "has a '#!' line that is longer than the system reads"
    );
}

BOOST_AUTO_TEST_CASE(report_prc_6_an_interpreter_of_an_interpreter_counts) {
    const std::string inner = program("inner", "#!/opt/none/x\n");
    BOOST_TEST(
        wrong_with("#!" + inner + "\n") ==
        "asks for the interpreter '" + inner +
            "', which asks for the interpreter '/opt/none/x', which does not exist"
    );
    const std::string self = *this / "p";
    BOOST_TEST(wrong_with("#!" + self + "\n")
                   .ends_with("has an interpreter with too many interpreters of "
                              "its own"));
}

BOOST_AUTO_TEST_CASE(report_prc_6_windows_line_ends_are_shown) {
    BOOST_TEST(
        wrong_with("#!/bin/sh\r\necho\r\n") ==
        "has Windows line ends: it asks for the interpreter '/bin/sh\\r'"
    );
    BOOST_TEST(
        wrong_with("#!/usr/bin/env python3\r\n") ==
        "has Windows line ends: it asks for the interpreter '/usr/bin/env python3\\r'"
    );
    BOOST_TEST(
        wrong_with("\xef\xbb\xbf#!/bin/sh\n") ==
        "begins with a byte order mark, so its '#!' is not seen"
    );
}

BOOST_AUTO_TEST_CASE(report_prc_6_what_is_no_program_says_so) {
    BOOST_TEST(wrong_with("echo hello\n") == "has no '#!' line that names its interpreter");
    BOOST_TEST(wrong_with(" #!/bin/sh\n") == "has no '#!' line that names its interpreter");
    BOOST_TEST(wrong_with("") == "is empty");
    BOOST_TEST(wrong_with({"\0\1\2\3", 4}) == "is of no kind that this system executes");
    BOOST_TEST(wrong_with("\x1f\x8b\b\0") == "is compressed (gzip)");
    BOOST_TEST(wrong_with({"MZ\x90\0", 4}) == "is a program for Windows");
    BOOST_TEST(wrong_with({"\xcf\xfa\xed\xfe\0", 5}) == "is a program for macOS");
    BOOST_TEST(obstacle_to(path().string(), "", nullptr)->text == "is not a program but a folder");
    BOOST_TEST(obstacle_to("/dev/null", "", nullptr)->text == "is not a program");
    BOOST_TEST(obstacle_to(program("q", "x", 0644), "", nullptr)->text == "is not executable");
    BOOST_TEST(obstacle_to("none", path().string(), nullptr)->text == "does not exist");
    BOOST_TEST(
        obstacle_to("p/x", path().string(), nullptr)->text == "cannot be reached: Not a directory"
    );
}

BOOST_AUTO_TEST_CASE(report_prc_6_a_binary_for_another_machine_or_system) {
    std::string elf = bytes_of("/bin/true");
    BOOST_TEST(wrong_with(elf) == "");
    const std::string loader = "/lib64/ld-linux-x86-64.so.2";
    if (const std::size_t at = elf.find(loader); at != std::string::npos && at < 4096) {
        std::string other = elf;
        other.replace(at, loader.size(), "/lib64/ld-missing-64.so.2\0\0");
        other[at + 25] = '\0';
        BOOST_TEST(
            wrong_with(other) ==
            "needs the loader '/lib64/ld-missing-64.so.2', which does not exist"
        );
    }
    elf[18] = '\x08'; // MIPS
    elf[19] = '\0';
    BOOST_TEST(wrong_with(elf) == "is built for another kind of processor");
}

BOOST_AUTO_TEST_CASE(report_prc_6_a_binary_that_is_cut_off_or_damaged) {
    const std::string elf = bytes_of("/bin/true");
    for (std::size_t size : {4u, 16u, 20u, 51u, 52u, 60u, 63u, 64u, 100u, 200u})
        BOOST_TEST(
            wrong_with(std::string_view{elf}.substr(0, size)) ==
            "is cut off: it ends before its headers do"
        );
    BOOST_TEST(wrong_with(elf.substr(0, 5000)) == "is cut off: it ends before its contents do");
    BOOST_TEST(
        wrong_with(
            "\x7f"
            "ELF" +
            std::string(100, 'x')
        ) == "is damaged: its ELF header has no meaning"
    );
    std::string object = elf;
    object[16] = '\x01';
    BOOST_TEST(wrong_with(object) == "is an object file or a core dump, no program");
}

BOOST_AUTO_TEST_CASE(report_prc_6_a_loader_that_cannot_be_loaded) {
    const std::string elf = bytes_of("/bin/true");
    const std::string loader = "/lib64/ld-linux-x86-64.so.2";
    const std::size_t at = elf.find(loader);
    if (at == std::string::npos)
        return;
    // Relative to the folder of the process, as it has to be short.
    const auto with_loader = [&](std::string_view name) {
        std::string other = elf;
        other.replace(at, loader.size(), std::string(name) + std::string(loader.size(), '\0'));
        other.resize(elf.size());
        return obstacle_to(program("p", other), path().string(), nullptr).value_or(obstacle{});
    };
    program("whole", bytes_of(loader.c_str()));
    program("cut", bytes_of(loader.c_str()).substr(0, 40));
    program("script", "#!/bin/sh\n");
    program("empty", "");
    program("mode", bytes_of(loader.c_str()), 0644);
    BOOST_TEST(with_loader("whole").text == "");
    BOOST_TEST(
        with_loader("cut").text ==
        "needs the loader 'cut', which is cut off: it ends before its headers do"
    );
    BOOST_TEST(with_loader("script").text == "needs the loader 'script', which is no ELF file");
    BOOST_TEST(with_loader("empty").text == "needs the loader 'empty', which is no ELF file");
    BOOST_TEST(with_loader("mode").text == "needs the loader 'mode', which is not executable");
    BOOST_TEST((with_loader("mode").kind == obstacle_kind::hidden));
    BOOST_TEST(
        with_loader("none").hint ==
        "it was built for another system; its C library is not installed here"
    );
}

BOOST_AUTO_TEST_CASE(the_kind_of_an_obstacle_decides_what_is_made_of_it) {
    const auto kind_of = [&](const std::string& file) {
        return obstacle_to(file, path().string(), nullptr)->kind;
    };
    program("interpreter_missing", "#!/opt/none/x\n");
    program("interpreter_not_executable", "#!" + program("text", "text", 0644) + "\n");
    program("interpreter_strange", "#!" + program("strange", {"\0\1\2\3", 4}) + "\n");
    BOOST_TEST((kind_of("none") == obstacle_kind::missing));
    BOOST_TEST((kind_of("text/x") == obstacle_kind::evident));
    BOOST_TEST((kind_of("text") == obstacle_kind::evident));
    BOOST_TEST((kind_of(".") == obstacle_kind::hidden));
    BOOST_TEST((kind_of("strange") == obstacle_kind::possible));
    BOOST_TEST((kind_of("interpreter_missing") == obstacle_kind::hidden));
    BOOST_TEST((kind_of("interpreter_not_executable") == obstacle_kind::hidden));
    BOOST_TEST((kind_of("interpreter_strange") == obstacle_kind::possible));
}

BOOST_AUTO_TEST_CASE(the_registered_formats_are_asked_only_when_something_is_wrong) {
    const aio::testing::temporary_folder formats;
    formats.write("strange", "enabled\ninterpreter /bin/cat\noffset 0\nmagic 00010203\n");
    const base::descriptor watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    BOOST_REQUIRE(::inotify_add_watch(watch.get(), formats.path().c_str(), IN_OPEN) >= 0);
    const auto asked = [&](const std::string& file) {
        const auto why = obstacle_to(file, "", nullptr, formats.path());
        BOOST_TEST(!why);
        char events[4096];
        return ::read(watch.get(), events, sizeof events) > 0;
    };
    BOOST_TEST(!asked("/bin/true"));
    BOOST_TEST(!asked(program("script", "#!/bin/sh\n")));
    BOOST_TEST(!asked(program("env", "#!/usr/bin/env sh\n")));
    BOOST_TEST(asked(program("strange", {"\0\1\2\3", 4})));
}

BOOST_AUTO_TEST_CASE(a_program_with_another_class_byte_is_only_warned_of) {
    std::string elf = bytes_of("/bin/true");
    elf[4] ^= 3; // 32 bits instead of 64, or the other way round
    const auto why = obstacle_to(program("p", elf), "", nullptr);
    BOOST_REQUIRE(why.has_value());
    BOOST_TEST((why->kind == obstacle_kind::possible), why->text);
}

BOOST_AUTO_TEST_CASE(report_prc_6_error_codes_are_explained) {
    const std::string script = program("script", "#!/opt/none/x\n");
    const auto reason = [&](int error) { return reason_not_executed(error, script, "", nullptr); };
    BOOST_TEST(reason(EIO) == reason(ENOENT)); // of a loader that is cut off
    BOOST_TEST(reason(ENOENT) == "it asks for the interpreter '/opt/none/x', which does not exist");
    BOOST_TEST(reason(ETXTBSY) == "Text file busy (another process has the file open for writing)");
    BOOST_TEST(reason(EAGAIN).starts_with("Resource temporarily unavailable (its user has as many")
    );
    BOOST_TEST(reason(ENOMEM) == "Cannot allocate memory");
    BOOST_TEST(reason_not_executed(ENOENT, "/none", "", nullptr) == "No such file or directory");
}

BOOST_AUTO_TEST_CASE(a_first_line_is_taken_apart) {
    const auto line = script_line_of("#! /usr/bin/env  python3 -u \nrest");
    BOOST_REQUIRE(line);
    BOOST_TEST(line->interpreter == "/usr/bin/env");
    BOOST_TEST(line->arguments == "python3 -u ");
    BOOST_TEST(!line->windows_end);
    BOOST_TEST(!line->cut);
    BOOST_TEST(!script_line_of("").has_value());
    BOOST_TEST(!script_line_of("#").has_value());
    BOOST_TEST(script_line_of("#!")->interpreter == "");
}

BOOST_AUTO_TEST_SUITE_END()
