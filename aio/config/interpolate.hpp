#pragma once

// ${section:option}, ${option}, $<…>, $$, and the extensions ${env:…}, ${file:…}, ${a:b:-text}:
// what a value means once the layers are merged.

#include <aio/base/api.hpp>
#include <aio/config/layers.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace aio::config {

/// An option together with the section in which it is read. An inherited option was written in
/// another section.
struct option_ref {
    std::uint32_t section = 0;
    std::uint32_t slot = 0;

    friend bool operator==(const option_ref&, const option_ref&) = default;
};

enum class failure_kind : std::uint8_t {
    dollar,       ///< '$' followed by something else, or by nothing
    unclosed,     ///< "${" without its "}"
    empty,        ///< "${}"
    three_parts,  ///< more than one ':'
    missing,      ///< no such section or option
    no_variable,  ///< ${env:NAME}
    bad_variable, ///< the same, when it is not UTF-8
    no_file,      ///< ${file:PATH}
    cycle,
    too_deep,
    too_large
};

struct failure {
    failure_kind kind = failure_kind::dollar;
    option_ref option;             ///< the value that holds the mistake
    std::size_t offset = 0;        ///< of its '$' in that value's raw text
    std::string reference;         ///< the body as it is written
    std::string reason;            ///< no_file: what the system says; bad_variable
    std::vector<option_ref> chain; ///< cycle: from the value met twice to itself
    std::vector<option_ref> steps; ///< too_deep: from the value asked for to the one out of reach
    std::size_t asked_offset = 0;  ///< too_deep: of the '$' in the value asked for
};

/// Everything interpolation needs from outside the layers.
struct surroundings {
    std::function<std::optional<std::string>(std::string_view)> env;
    /// The content of a file, or what is wrong with it in `error`.
    std::function<std::optional<std::string>(const std::string& path, std::string& error)> file;
    /// Declared secret, by the section an option is read in.
    std::function<bool(std::string_view section, std::string_view option)> secret;
    bool extensions = true;
};

struct interpolated {
    std::string text;
    bool secret = false;
    std::optional<failure> wrong;
};

inline constexpr std::size_t longest_result = std::size_t{16} << 20;
inline constexpr std::uint32_t deepest_reference = 10;

/// Evaluates the values of one set of layers, which has to outlive it. Remembers values that others
/// refer to. Not thread-safe.
class AIO_API interpolator {
  public:
    interpolator(const layers& over, surroundings outside);

    interpolated evaluate(option_ref option);
    /// Declared secret, or a default that is declared secret where it is inherited.
    bool declared_secret(option_ref option);
    /// Adds declared secrets, as pairs of section and option, and forgets remembered values.
    void declare_secrets(std::set<std::pair<std::string, std::string>, std::less<>> more);

    /// The files that ${file:…} has named so far, each with the slot that holds the reference.
    const std::map<std::string, std::uint32_t>& inserted_files() const noexcept {
        return inserted_files_;
    }

  private:
    struct remembered {
        std::string text;
        std::uint32_t height = 0; ///< levels of references below it, itself included
        bool secret = false;
    };

    struct target {
        option_ref option;
        std::string_view literal; ///< instead of a value
        bool is_literal = false;
    };

    class run;

    const layers& over_;
    surroundings with_;
    std::unordered_map<std::uint64_t, remembered> memory_;
    std::size_t remembered_bytes_ = 0;
    std::unordered_map<std::uint32_t, bool> secret_defaults_;
    std::map<std::string, std::uint32_t> inserted_files_;
};

} // namespace aio::config
