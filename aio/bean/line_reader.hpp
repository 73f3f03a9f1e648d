#pragma once

// A bean that is fed with the lines of standard input.

#include <aio/base/api.hpp>
#include <aio/bean/simple_server.hpp>

#include <string>

namespace aio::bean {

/// Lifted as aio::line_reader. Ends with the input; SIGINT and SIGTERM end it earlier.
class AIO_API line_reader : public simple_server {
  public:
    using simple_server::simple_server;

  protected:
    /// Without its newline; the last one whether it has one or not.
    virtual task<void> on_line(std::string line) = 0;

    /// What is read.
    virtual int descriptor() const { return 0; }

  private:
    task<void> run() final;
    task<void> take_lines(std::string& buffer);
};

} // namespace aio::bean
