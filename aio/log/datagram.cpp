#include <aio/log/datagram.hpp>
#include <aio/log/datagram_socket.hpp>
#include <aio/log/time_text.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace aio::log {

int severity(level of) noexcept {
    constexpr std::array<int, 7> severities{7, 7, 6, 4, 3, 2, 2};
    return severities[static_cast<std::size_t>(of)];
}

void append_journal_field(std::string& to, std::string_view name, std::string_view text) {
    to.append(name);
    if (text.find('\n') == std::string_view::npos) {
        to.append("=");
    } else {
        to += '\n';
        for (int shift = 0; shift < 64; shift += 8)
            to += static_cast<char>(static_cast<std::uint64_t>(text.size()) >> shift & 0xFF);
    }
    to.append(text).append(1, '\n');
}

namespace {

std::string host_name() {
    std::array<char, 256> room{};
    return ::gethostname(room.data(), room.size() - 1) == 0 && room[0] ? room.data() : "localhost";
}

class syslog_output final : public output {
  public:
    syslog_output(const syslog_args& of, complaints& to)
        : socket_(of.host.empty() ? unix_target(of.path) : udp_target(of.host, of.port)),
          facility_(of.facility), host_(of.host.empty() ? "" : host_name() + " "), complaints_(to) {
    }

    void write(const record& one, std::string_view text) noexcept override {
        try {
            line_.clear();
            fmt::format_to(
                std::back_inserter(line_),
                "<{}>{} {}{}[{}]: {}",
                facility_ * 8 + severity(one.at),
                stamp_.at(split(one.time).seconds),
                host_,
                program_invocation_short_name,
                getpid(),
                text
            );
            int error = socket_.send(line_);
            if (error == EMSGSIZE)
                error = socket_.send(std::string_view(line_).substr(0, safe_size));
            if (error != 0)
                complaints_.lost("syslog", error, 1);
        } catch (const std::exception& e) {
            complaints_.lost("syslog", e.what(), 1);
        }
    }

  private:
    static constexpr std::size_t safe_size = 8192;

    datagram_socket socket_;
    int facility_;
    std::string host_;
    complaints& complaints_;
    time_text stamp_{"%b %e %H:%M:%S"};
    std::string line_;
};

class journal_output final : public output {
  public:
    journal_output(const journald_args& of, complaints& to)
        : socket_(unix_target(of.path)), complaints_(to) {}

    void write(const record& one, std::string_view text) noexcept override {
        try {
            line_.clear();
            append_journal_field(line_, "MESSAGE", text);
            append_journal_field(line_, "PRIORITY", std::to_string(severity(one.at)));
            append_journal_field(line_, "SYSLOG_IDENTIFIER", program_invocation_short_name);
            append_journal_field(line_, "LEVEL", name(one.at));
            append_journal_field(line_, "LOGGER", one.logger);
            append_journal_field(line_, "TID", std::to_string(gettid()));
            int error = socket_.send(line_);
            if (error == EMSGSIZE || error == ENOBUFS)
                error = socket_.send_as_file(line_);
            if (error != 0)
                complaints_.lost("the journal", error, 1);
        } catch (const std::exception& e) {
            complaints_.lost("the journal", e.what(), 1);
        }
    }

  private:
    datagram_socket socket_;
    complaints& complaints_;
    std::string line_;
};

} // namespace

std::unique_ptr<output> open_syslog(const syslog_args& of, complaints& to) {
    return std::make_unique<syslog_output>(of, to);
}

std::unique_ptr<output> open_journal(const journald_args& of, complaints& to) {
    return std::make_unique<journal_output>(of, to);
}

} // namespace aio::log
