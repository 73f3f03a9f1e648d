#include <aio/base/new_file.hpp>
#include <aio/cli/output.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace aio::cli {

output_error::output_error(int error)
    : std::system_error(error, std::generic_category(), "cannot write to standard output") {}

void write_output(std::string_view text) {
    flush_output(); // what modules have printed comes first
    if (!base::write_all(STDOUT_FILENO, text))
        throw output_error(errno);
}

void flush_output() {
    if (std::fflush(stdout) != 0)
        throw output_error(errno);
    if (std::ferror(stdout))
        throw output_error(EIO); // the reason is gone
}

} // namespace aio::cli
