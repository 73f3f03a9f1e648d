#pragma once

// A folder that exists as long as its object, for tests that need files.

#include <aio/base/environment.hpp>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace aio::testing {

class temporary_folder {
  public:
    /// Throws std::system_error.
    temporary_folder() {
        std::string form = base::variable("TMPDIR").value_or("/tmp") + "/aio-test-XXXXXX";
        if (!::mkdtemp(form.data()))
            throw std::system_error(errno, std::generic_category(), form);
        path_ = form;
    }

    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const noexcept { return path_; }

    /// The path of a name in the folder.
    std::string operator/(std::string_view name) const { return path_ / name; }

    /// Writes a file, makes the folders it lies in, and returns its path.
    std::string write(std::string_view name, std::string_view text) const {
        const std::filesystem::path file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream to(file, std::ios::binary);
        to << text;
        if (!to.flush())
            throw std::runtime_error("cannot write " + file.string());
        return file;
    }

    /// The text of a file. Throws std::runtime_error when it cannot be read.
    std::string read(std::string_view name) const {
        std::ifstream from(path_ / name, std::ios::binary);
        if (!from)
            throw std::runtime_error("cannot read " + (path_ / name).string());
        return {std::istreambuf_iterator<char>(from), {}};
    }

    bool has(std::string_view name) const { return std::filesystem::exists(path_ / name); }

  private:
    std::filesystem::path path_;
};

} // namespace aio::testing
