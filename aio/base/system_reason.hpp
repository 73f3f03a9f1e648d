#pragma once

// What the system says of a call that failed, as users read it.

#include <aio/base/api.hpp>

#include <stdexcept>
#include <string>
#include <system_error>

namespace aio::base {

/// The text of an errno: "No such file or directory". A lack of descriptors names the limit: "Too
/// many open files (this process may have 40, see ulimit -n)".
AIO_API std::string system_reason(int error);

/// Names the limit in a text that another library has made of that errno, unless it has it already.
AIO_API std::string with_limit(std::string text);

/// A system call that failed.
class AIO_API system_failure : public std::system_error {
  public:
    /// what() is `subject` with system_reason(): "127.0.0.1:80: Address already in use".
    system_failure(int error, const std::string& subject);

    /// An error of this number that has words of its own.
    static system_failure in_words(int error, const std::string& text);

    const char* what() const noexcept override { return text_.what(); }

  private:
    struct whole_text {
        std::runtime_error text; ///< its copies share the string
    };

    system_failure(int error, whole_text whole);

    std::runtime_error text_;
};

} // namespace aio::base
