#include <aio/base/descriptor.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/cli/test_child.hpp>
#include <aio/module/library.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

namespace aio::cli {

namespace {

// Checks the library by the same rule as a module. Null: the reason was reported.
void* load(const std::string& library) {
    std::string why;
    try {
        const module::library_file file(library);
        const auto& distrusted = file.distrusted();
        void* const handle = distrusted ? nullptr : file.load(why);
        if (handle)
            return handle;
        if (distrusted)
            why = "it is not loaded as root: " + *distrusted;
    } catch (const module::elf_error& problem) {
        why = std::string("it is ") + problem.what();
    }
    base::say(fmt::format("cannot load {}: {}", library, why), base::layout::one_line);
    return nullptr;
}

} // namespace

bool is_test_child(std::span<const std::string> arguments) noexcept {
    return arguments.size() >= 5 && arguments[0] == test_child_word;
}

int test_child(std::span<const std::string> arguments) {
    constexpr int not_loaded = 250;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that hangs does not outlive `aio test`
    if (std::to_string(::getppid()) != arguments[1])
        return not_loaded; // it has ended before
    const base::descriptor report(std::atoi(arguments[2].c_str()));
    ::fcntl(report.get(), F_SETFD, FD_CLOEXEC); // programs of the tests have no part in it
    const std::string& library = arguments[3];
    const std::string& module = arguments[4];
    void* const handle = load(library);
    if (!handle)
        return not_loaded;
    using entry = int (*)(const char* name, int count, char** values);
    const auto run = reinterpret_cast<entry>(::dlsym(handle, "aio_test_main"));
    if (!run) {
        base::say(fmt::format(
            "{} is no test library: it has no aio_test_main (aio_add_module adds it)", library
        ));
        return not_loaded;
    }
    std::vector<std::string> own(arguments.begin() + 4, arguments.end());
    std::vector<char*> values;
    for (std::string& text : own)
        values.push_back(text.data());
    values.push_back(nullptr);
    const int status = run(module.c_str(), static_cast<int>(values.size()) - 1, values.data());
    return ::write(report.get(), "", 1) == 1 ? status : not_reported;
}

} // namespace aio::cli
