#pragma once

// What the dialect cannot spell: why a name or a value could not be read back.

#include <string>
#include <string_view>

namespace aio::config {

/// Each says why not; empty: it can be written.
std::string refuse_section(std::string_view name);
/// `first_line` is that of the value that will stand beside the name.
std::string refuse_name(std::string_view name, std::string_view first_line);
std::string refuse_value(std::string_view value);
/// A '$' that begins neither "$$" nor a reference.
std::string refuse_dollars(std::string_view value);

} // namespace aio::config
