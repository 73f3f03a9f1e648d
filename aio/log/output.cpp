#include <aio/log/datagram.hpp>
#include <aio/log/descriptor.hpp>
#include <aio/log/file.hpp>
#include <aio/log/output.hpp>

#include <sys/stat.h>
#include <unistd.h>

namespace aio::log {

output::~output() = default;

namespace {

class null_output final : public output {
    void write(const record&, std::string_view) noexcept override {}
};

bool regular_file(int fd) {
    struct stat now{};
    return ::fstat(fd, &now) == 0 && S_ISREG(now.st_mode);
}

class stream_output final : public output {
  public:
    stream_output(int fd, complaints& to)
        : to_(fd,
              descriptor::owner::borrowed,
              regular_file(fd) ? descriptor::mode::collected : descriptor::mode::direct,
              fd == STDOUT_FILENO ? "standard output" : "standard error",
              to) {}

    void write(const record& one, std::string_view text) noexcept override {
        to_.append(text);
        flush_.after(one, to_);
    }

    void flush() noexcept override { to_.flush(); }

    bool terminal() const noexcept override { return ::isatty(to_.fd()) == 1; }

  private:
    descriptor to_;
    flush_policy flush_;
};

struct opener {
    const std::string& directory;
    complaints& to;

    std::unique_ptr<output> operator()(const null_args&) const {
        return std::make_unique<null_output>();
    }

    std::unique_ptr<output> operator()(const stream_args& of) const {
        return std::make_unique<stream_output>(
            of.to == stream::out ? STDOUT_FILENO : STDERR_FILENO, to
        );
    }

    std::unique_ptr<output> operator()(const file_args& of) const {
        return open_file(absolute(of), to);
    }

    std::unique_ptr<output> operator()(const rotating_args& of) const {
        return open_file(absolute(of), to);
    }

    std::unique_ptr<output> operator()(const timed_args& of) const {
        return open_file(absolute(of), to);
    }

    std::unique_ptr<output> operator()(const syslog_args& of) const { return open_syslog(of, to); }

    std::unique_ptr<output> operator()(const journald_args& of) const {
        return open_journal(of, to);
    }

    template <typename Args>
    Args absolute(Args of) const {
        if (!of.path.starts_with('/'))
            of.path = directory + "/" + of.path;
        return of;
    }
};

} // namespace

std::unique_ptr<output>
open_output(const handler_args& of, const std::string& directory, complaints& to) {
    return std::visit(opener{directory, to}, of);
}

} // namespace aio::log
