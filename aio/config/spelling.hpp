#pragma once

// Tells which names and values the dialect cannot express, and why.

#include <string>
#include <string_view>

namespace aio::config {

/// Each function returns the reason why its argument cannot be written; empty: it can.
std::string refuse_section(std::string_view name);
/// `first_line` is the first line of the value that follows the name.
std::string refuse_name(std::string_view name, std::string_view first_line);
std::string refuse_value(std::string_view value);
/// A '$' that begins neither "$$" nor a reference.
std::string refuse_dollars(std::string_view value);

} // namespace aio::config
