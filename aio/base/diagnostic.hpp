#pragma once

// A message about something that the user wrote, with the place where it was written. Code that
// checks input collects diagnostics. A mistake of the user is never an exception.

#include <aio/base/api.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::base {

/// A text that the user wrote, and its name in messages: the path of a file as it was given, or
/// "environment", "command line". Immutable, shared by all places inside it.
struct source {
    std::string name;
    std::string text;

    source(std::string name_, std::string text_) : name(std::move(name_)), text(std::move(text_)) {}
};

/// A place in a source. `line` and `column` count from 1, columns in code points; 0 is unknown.
struct location {
    std::shared_ptr<const source> from;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    /// The column from which the line holds a secret, which is printed as ********; 0: nothing is
    /// hidden.
    std::uint32_t secret_from = 0;
};

enum class severity { warning, error };

/// The line of the source that is printed below a message.
enum class excerpt : std::uint8_t { none, line };

struct diagnostic {
    severity level = severity::error;
    location where;
    std::string text;
    std::string hint; ///< "did you mean 'port'?"; empty: none
    excerpt show = excerpt::line;
};

/// Collects the messages of one pass, in the order they were found.
class AIO_API diagnostics {
  public:
    void error(location where, std::string text, std::string hint = {});
    void warning(location where, std::string text, std::string hint = {});
    void add(diagnostic problem);
    void add(const diagnostics& others);

    /// True when at least one error (not a warning) was added.
    bool failed() const noexcept { return errors_ != 0; }

    std::size_t errors() const noexcept { return errors_; }

    bool empty() const noexcept { return all_.empty(); }

    std::size_t size() const noexcept { return all_.size(); }

    auto begin() const noexcept { return all_.begin(); }

    auto end() const noexcept { return all_.end(); }

    /// Sources in the order first met, lines in order inside each; messages without a place last.
    void sort();

  private:
    std::vector<diagnostic> all_;
    std::size_t errors_ = 0;
};

/// The message as it is printed, with a newline at its end:
///
///     etc/app.conf:14:1: error: unknown option 'prot' in [server/web]
///         prot = 8080
///         ^
///       did you mean 'port'?
///
/// Without a place, `error: text`. Tabs before the caret are kept, so that the caret is in the
/// right column. A line longer than 160 code points is cut around the caret. Control characters and
/// invisible characters are printed as escapes (base/visible). Text from location::secret_from on
/// is printed as ********.
AIO_API std::string render(const diagnostic& message);

/// The hint of a message, with one more line when the message or the line that it shows holds an
/// invisible character.
AIO_API std::string full_hint(const diagnostic& message);

/// All of them, rendered one after the other.
AIO_API std::string render(const diagnostics& all);

/// "file:line:column", "file:line", "file"; empty for a place that is not known.
AIO_API std::string render(const location& where);

/// Line `number` of a text, without its end: lines end with LF, CRLF or CR, a byte order mark at
/// the start does not count. Empty when there is no such line.
AIO_API std::string_view line_at(std::string_view text, std::uint32_t number) noexcept;

/// The text that is printed in place of a secret.
inline constexpr std::string_view secret_mask = "********";

} // namespace aio::base
