#include <aio/base/error_words.hpp>
#include <aio/log/datagram.hpp>
#include <aio/log/datagram_socket.hpp>
#include <aio/log/outage.hpp>
#include <aio/log/time_text.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <iterator>
#include <utility>

namespace aio::log {

int severity(level value) noexcept {
    constexpr std::array<int, 7> severities{7, 7, 6, 4, 3, 2, 2};
    return severities[static_cast<std::size_t>(value)];
}

void append_journal_field(std::string& out, std::string_view name, std::string_view text) {
    out.append(name);
    if (text.find('\n') == std::string_view::npos) {
        out.append("=");
    } else {
        out += '\n';
        for (int shift = 0; shift < 64; shift += 8)
            out += static_cast<char>(static_cast<std::uint64_t>(text.size()) >> shift & 0xFF);
    }
    out.append(text).append(1, '\n');
}

std::string cut_record(std::string_view data, std::size_t most) {
    constexpr std::size_t room_of_mark = 48;
    if (data.size() <= most)
        return std::string(data);
    std::size_t end = most - room_of_mark;
    const auto inside_character = [&] { return (data[end] & 0xC0) == 0x80; };
    for (const std::size_t least = end - 3; end > least && inside_character();)
        --end;
    return fmt::format("{} [cut here, {} bytes more]", data.substr(0, end), data.size() - end);
}

namespace {

std::string host_name() {
    std::array<char, 256> room{};
    return ::gethostname(room.data(), room.size() - 1) == 0 && room[0] ? room.data() : "localhost";
}

/// A socket whose records go to standard error while it has no receiver. The begin and the end of
/// that time are reported.
class datagram_output : public output {
  public:
    datagram_output(const datagram_output&) = delete;
    datagram_output& operator=(const datagram_output&) = delete;

    ~datagram_output() override { complaints_.left(socket_.name()); }

    void write(const record& entry, std::string_view text) noexcept override {
        try {
            line_.clear();
            make(entry, text, line_);
            const int error = send(line_);
            if (error == 0) {
                outage_.end(socket_.name());
                return complaints_.taken(socket_.name());
            }
            if (socket_.away().empty())
                return complaints_.lost(socket_.name(), error, 1);
            gone();
            outage_.pass_on(text);
        } catch (const std::exception& e) {
            complaints_.lost(socket_.name(), base::words_of(e), 1);
        }
    }

    bool reached() const noexcept override { return !outage_.begun(); }

  protected:
    template <typename... To>
    explicit datagram_output(complaints& complaints, To&&... target)
        : socket_(std::forward<To>(target)...), complaints_(complaints), outage_(complaints) {
        if (!socket_.away().empty())
            gone();
    }

    /// The datagram of a record.
    virtual void make(const record& entry, std::string_view text, std::string& out) = 0;
    /// Returns 0 or an errno. Also sends data that is too large for one datagram.
    virtual int send(std::string_view data) = 0;

    datagram_socket& socket() noexcept { return socket_; }

  private:
    void gone() {
        if (!outage_.begun())
            outage_.begin(fmt::format("cannot reach {}: {}", socket_.name(), socket_.away()));
    }

    datagram_socket socket_;
    complaints& complaints_;
    outage outage_;
    std::string line_;
};

class syslog_output final : public datagram_output {
  public:
    syslog_output(const syslog_args& args, complaints& complaints)
        : datagram_output(complaints, args.path, socket_kinds::any), facility_(args.facility) {}

    /// Over the network, where the host's name belongs into the datagram.
    syslog_output(const syslog_args& args, complaints& complaints, std::string host)
        : datagram_output(complaints, args.host, args.port), facility_(args.facility),
          host_(std::move(host)) {}

  private:
    static constexpr std::size_t safe_size = 8192;

    /// Receivers take the end of a line for the end of the record.
    void make(const record& entry, std::string_view text, std::string& out) override {
        fmt::format_to(
            std::back_inserter(out),
            "<{}>{} {}{}[{}]: ",
            facility_ * 8 + severity(entry.severity),
            stamp_.at(split(entry.time).seconds),
            host_,
            program_invocation_short_name,
            getpid()
        );
        for (const char c : text)
            if (c == '\n')
                out.append("\\n");
            else
                out += c;
    }

    int send(std::string_view data) override {
        const int error = socket().send(data);
        return error == EMSGSIZE ? socket().send(cut_record(data, safe_size)) : error;
    }

    int facility_;
    std::string host_;
    time_text stamp_{"%b %e %H:%M:%S"};
};

class journal_output final : public datagram_output {
  public:
    journal_output(const journald_args& args, complaints& complaints)
        : datagram_output(complaints, args.path) {}

  private:
    void make(const record& entry, std::string_view text, std::string& out) override {
        append_journal_field(out, "MESSAGE", text);
        append_journal_field(out, "PRIORITY", std::to_string(severity(entry.severity)));
        append_journal_field(out, "SYSLOG_IDENTIFIER", program_invocation_short_name);
        append_journal_field(out, "LEVEL", name(entry.severity));
        append_journal_field(out, "LOGGER", entry.logger);
        append_journal_field(out, "TID", std::to_string(gettid()));
    }

    int send(std::string_view data) noexcept override {
        const int error = socket().send(data);
        return error == EMSGSIZE || error == ENOBUFS ? socket().send_as_file(data) : error;
    }
};

} // namespace

std::unique_ptr<output> open_syslog(const syslog_args& args, complaints& complaints) {
    if (args.host.empty())
        return std::make_unique<syslog_output>(args, complaints);
    return std::make_unique<syslog_output>(args, complaints, host_name() + " ");
}

std::unique_ptr<output> open_journal(const journald_args& args, complaints& complaints) {
    return std::make_unique<journal_output>(args, complaints);
}

} // namespace aio::log
