#pragma once

// The common part of reading a section of any kind: by the options of the kind, the common options
// and those that its function declared. Common mistakes are reported in the same words.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>

#include <string>
#include <string_view>

namespace aio::module {
struct item;
}

namespace aio::service {

struct planning;

/// A section, and by what it is read beside the options of its kind. What it refers to has to
/// outlive the reader.
struct AIO_API section_source {
    const config::section& section;
    /// The options that its function declared; nullptr when it is not known, and `undeclared` is
    /// not obeyed.
    const config::schema* function;
    config::unknown undeclared;
    base::diagnostics& problems;

    section_source(
        const config::section& from,
        const config::schema* declared,
        config::unknown others,
        base::diagnostics& to
    )
        : section(from), function(declared), undeclared(others), problems(to) {}

    /// `named`: what the section names; nullptr when it is not known.
    section_source(const config::section& from, const module::item* named, const planning& plan);
};

/// An option without blanks around it; empty when it was not given.
AIO_API std::string text_of(const config::options& typed, std::string_view option);

/// The base class of the reader of a kind.
class AIO_API section_reader {
  public:
    /// `own`: the options of the kind.
    section_reader(const section_source& from, const config::schema& own);
    /// For a part of a section that another reader has read.
    section_reader(const config::section& from, config::options typed, base::diagnostics& problems);
    section_reader(const section_reader&) = delete;
    section_reader& operator=(const section_reader&) = delete;

  protected:
    ~section_reader() = default;

    /// Whether the option is written in this section itself, with a valid value or not.
    bool own(std::string_view option) const;
    /// The value of the option as text_of() returns it.
    std::string text(std::string_view option) const;
    /// The word chosen.
    std::string word(std::string_view option) const;

    /// Reports an error at the place of the option.
    void error(std::string_view option, std::string message, std::string hint = {});
    /// Reports an error if an option is written without a value. `hint` says what to write.
    void refuse_empty(std::string_view option, std::string hint);
    /// Reports an error if an option is written where it has no meaning.
    void belongs(std::string_view option, std::string_view name);

    const config::section& from_;
    const config::options typed_;
    base::diagnostics& to_;
};

} // namespace aio::service
