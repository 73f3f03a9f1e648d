#pragma once

// The system's time zone files: which there are, and whether one can be read in full.

#include <aio/timetable/zone.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::timetable {

/// What keeps the file of a zone from being used: it is missing, not readable, no time zone file,
/// or of a format without the rules for later years. Nothing when it looks right. An empty hint:
/// there is no file of this name.
std::optional<zone_error> wrong_with_zone_file(std::string_view name);

/// The message about a file that looks valid but cannot be used.
zone_error damaged_zone_file(std::string_view name);

/// In no order. Links count, the folders "posix" and "right" do not.
std::vector<std::string> names_of_zone_files();

} // namespace aio::timetable
