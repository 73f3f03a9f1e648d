#pragma once

// A bean on the command line: `example.hello:hi=Ozzy,label=x`.

#include <aio/base/api.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::bean {

/// Thrown when the text does not name a bean; the message says why.
struct AIO_API bad_words : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

struct typed_bean {
    std::string core;
    std::vector<std::pair<std::string, std::string>> arguments;
};

/// `\,` and `\=` stand for the sign itself, `\\` for a backslash; values are literal. Throws
/// bad_words.
AIO_API typed_bean parse_words(std::string_view text);

/// The words as assignments of the command line: "bean/example.hello:hi=Ozzy". Each word becomes a
/// section of its own, "bean/example.hello#2" when that name is taken. The words cannot override
/// the core.
AIO_API std::vector<std::string> assignments_of(
    const std::vector<std::string>& words, const std::function<bool(const std::string&)>& taken
);

} // namespace aio::bean
