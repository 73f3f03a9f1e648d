#include <aio/cli/output.hpp>

#include <cerrno>
#include <cstdio>

namespace aio::cli {

output_error::output_error(int error)
    : std::system_error(error, std::generic_category(), "cannot write to standard output") {}

void write_output(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
        throw output_error(errno);
}

void flush_output() {
    if (std::fflush(stdout) != 0)
        throw output_error(errno);
    if (std::ferror(stdout))
        throw output_error(EIO); // the reason is gone
}

} // namespace aio::cli
