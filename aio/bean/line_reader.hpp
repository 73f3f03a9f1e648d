#pragma once

// A bean that reads the lines of standard input.

#include <aio/async/child.hpp>
#include <aio/base/api.hpp>
#include <aio/bean/simple_server.hpp>

#include <cstddef>
#include <string>

namespace aio::bean {

/// Lifted as aio::line_reader. It ends at the end of the input. SIGINT and SIGTERM end the reading;
/// whole lines that were read before are still handed over.
class AIO_API line_reader : public simple_server {
  public:
    using simple_server::simple_server;
    ~line_reader() override;

  protected:
    /// Called with each line, without its newline; the last line need not have one.
    /// Completes: when the derived class has finished; then the next line is handed over.
    /// Loop: the bean's.
    /// Cancelled: with the bean.
    /// Throws: an error is an error of the bean, and ends the reading.
    virtual task<void> on_line(std::string line) = 0;

    /// The descriptor to read from.
    virtual int descriptor() const { return 0; }

    /// The maximum length of a line in bytes; a longer line is an error.
    virtual std::size_t longest_line() const { return std::size_t{64} << 20; }

    task<void> on_stop(signal received) override;

  private:
    struct AIO_API reading final : async::child {};

    task<void> run() final;
    task<bool> ready(task<void> waiting);
    task<void> take_lines();

    reading reading_;
    std::string buffer_;
    std::size_t searched_ = 0; ///< no newline before this offset
    bool enough_ = false;
};

} // namespace aio::bean
