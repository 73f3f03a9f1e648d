// What S15 to S19 run: clients that connect again and again, and servers that speak first, serve a
// file, or never end.
#include <aio/module.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// S15: the same as the peer `asio_dialer`.
struct dialer : aio::service_base {
    aio::task<void> on_started() override {
        const auto port = context().option<std::int64_t>("port");
        for (int last = 1; last <= 250; ++last)
            targets_.push_back(fmt::format("127.0.0.{}:{}", last, port));
        const auto slots = context().option<std::int64_t>("slots");
        for (std::int64_t i = 0; i < slots; ++i)
            spawn("dial", dial());
        co_return;
    }

    aio::task<void> dial() {
        const std::array<std::byte, 64> message{};
        std::array<std::byte, 64> answer;
        for (;;) {
            aio::stream made = co_await aio::connect(targets_[turn_++ % targets_.size()]);
            co_await made.write(message);
            co_await made.read_exactly(answer);
        }
    }

    std::vector<std::string> targets_;
    std::size_t turn_ = 0;
};

// S16: the same as `return` of nginx's stream module.
aio::task<void> greet(aio::stream peer) {
    co_await peer.write("hello\n");
}

struct open_file {
    explicit open_file(const std::string& path) : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat found{};
        if (fd < 0 || ::fstat(fd, &found) != 0)
            throw std::runtime_error("cannot read " + path);
        size = static_cast<std::uint64_t>(found.st_size);
    }

    ~open_file() { ::close(fd); }

    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;

    int fd;
    std::uint64_t size = 0;
};

// S16: as much of HTTP as the load speaks. It opens the file for each request, as nginx does.
aio::task<void> serve_file(aio::stream peer, aio::server_context context) {
    const std::string path = context.option<std::string>("file");
    while (!(co_await peer.read_until("\r\n\r\n")).empty()) {
        const open_file file(path);
        co_await peer.write(std::string_view(
            fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", file.size)
        ));
        co_await peer.send_file(file.fd, 0, file.size);
    }
}

// S19.
aio::task<void> gush(aio::stream peer) {
    static const std::vector<std::byte> piece(64 * 1024);
    for (;;)
        co_await peer.write(piece);
}

} // namespace

AIO_MODULE(bench.network) {
    module.service<dialer>("dialer")
        .option("port", 0, "where the server is")
        .option("slots", 1, "connections at a time");
    module.protocol("greet", greet);
    module.protocol("serve_file", serve_file).option("file", "", "what is served");
    module.protocol("gush", gush);
}
