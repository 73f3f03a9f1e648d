#pragma once

// A bean that is fed with the lines of standard input.

#include <aio/async/child.hpp>
#include <aio/base/api.hpp>
#include <aio/bean/simple_server.hpp>

#include <cstddef>
#include <string>

namespace aio::bean {

/// Lifted as aio::line_reader. Ends with the input. SIGINT and SIGTERM end the reading: whole lines
/// that were read before are still handed over.
class AIO_API line_reader : public simple_server {
  public:
    using simple_server::simple_server;
    ~line_reader() override;

  protected:
    /// Without its newline; the last one whether it has one or not. The next one is read when this
    /// has returned.
    virtual task<void> on_line(std::string line) = 0;

    /// What is read.
    virtual int descriptor() const { return 0; }

    /// In bytes; a longer one is an error.
    virtual std::size_t longest_line() const { return std::size_t{64} << 20; }

    task<void> on_stop(signal by) override;

  private:
    struct AIO_API reading final : async::child {};

    task<void> run() final;
    task<bool> ready(task<void> waiting);
    task<void> take_lines();

    reading reading_;
    std::string buffer_;
    std::size_t searched_ = 0; ///< no newline before
    bool enough_ = false;
};

} // namespace aio::bean
