#include <aio/log/datagram.hpp>
#include <aio/log/file.hpp>
#include <aio/log/output.hpp>
#include <aio/log/stream.hpp>

#include <unistd.h>

#include <stdexcept>

namespace aio::log {

output::~output() = default;

namespace {

class null_output final : public output {
    void write(const record&, std::string_view) noexcept override {}
};

struct opener {
    const std::string& directory;
    output_services& services;

    std::unique_ptr<output> operator()(const null_args&) const {
        return std::make_unique<null_output>();
    }

    std::unique_ptr<output> operator()(const stream_args& args) const {
        return open_stream(args.target == stream::out ? STDOUT_FILENO : STDERR_FILENO, services);
    }

    std::unique_ptr<output> operator()(const file_args& args) const {
        return open_file(args, directory, services);
    }

    std::unique_ptr<output> operator()(const rotating_args& args) const {
        return open_file(args, directory, services);
    }

    std::unique_ptr<output> operator()(const timed_args& args) const {
        return open_file(args, directory, services);
    }

    std::unique_ptr<output> operator()(const syslog_args& args) const {
        return open_syslog(args, services.lost);
    }

    /// open_handler() has handled sinks, so this is never reached.
    std::unique_ptr<output> operator()(const custom_args& args) const {
        throw std::logic_error(args.class_name + " is no built-in handler class");
    }

    std::unique_ptr<output> operator()(const journald_args& args) const {
        return open_journal(args, services.lost);
    }
};

} // namespace

std::unique_ptr<output>
open_output(const handler_args& args, const std::string& directory, output_services& services) {
    return std::visit(opener{directory, services}, args);
}

} // namespace aio::log
