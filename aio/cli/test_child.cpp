#include <aio/cli/test_child.hpp>

#include <dlfcn.h>
#include <fmt/core.h>
#include <sys/prctl.h>

#include <csignal>
#include <vector>

namespace aio::cli {

bool is_test_child(std::span<const std::string> arguments) noexcept {
    return arguments.size() >= 3 && arguments[0] == test_child_word;
}

int test_child(std::span<const std::string> arguments) {
    constexpr int not_loaded = 250;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that hangs does not outlive `aio test`
    const std::string& library = arguments[1];
    const std::string& module = arguments[2];
    void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        fmt::print(stderr, "aio: {}\n", ::dlerror());
        return not_loaded;
    }
    using entry = int (*)(const char* name, int count, char** values);
    const auto run = reinterpret_cast<entry>(::dlsym(handle, "aio_test_main"));
    if (!run) {
        fmt::print(
            stderr,
            "aio: {} is no test library: it has no aio_test_main (aio_add_module adds it)\n",
            library
        );
        return not_loaded;
    }
    std::vector<std::string> own(arguments.begin() + 2, arguments.end());
    std::vector<char*> values;
    for (std::string& one : own)
        values.push_back(one.data());
    values.push_back(nullptr);
    return run(module.c_str(), static_cast<int>(values.size()) - 1, values.data());
}

} // namespace aio::cli
