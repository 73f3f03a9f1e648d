#pragma once

// The folder of the fixtures, and what looks at what was said about them.

#include <aio/base/diagnostic.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace fixture {

namespace fs = std::filesystem;

inline const fs::path modules = fs::path(AIO_BINARY_DIR) / "tests" / "module_path";

using folder = aio::testing::temporary_folder;

inline std::string read(const fs::path& file) {
    std::ifstream from(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
}

/// A folder that may not be searched, also not by root, which has the rights of nobody until the
/// object ends. `around` is a folder of the test, which may be searched.
class closed_folder {
  public:
    closed_folder(const fs::path& around, const fs::path& closed) : closed_(closed) {
        fs::permissions(around, fs::perms::all & ~fs::perms::others_write);
        fs::permissions(closed, fs::perms::none);
        if (root_)
            BOOST_REQUIRE(::seteuid(65534) == 0);
    }

    closed_folder(const closed_folder&) = delete;
    closed_folder& operator=(const closed_folder&) = delete;

    ~closed_folder() {
        if (root_)
            BOOST_TEST(::seteuid(0) == 0);
        fs::permissions(closed_, fs::perms::owner_all);
    }

  private:
    bool root_ = ::geteuid() == 0;
    fs::path closed_;
};

/// The first message with its hint, "text | hint".
inline std::string first(const aio::base::diagnostics& problems) {
    return problems.empty() ? "" : problems.begin()->text + " | " + problems.begin()->hint;
}

inline bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace fixture
