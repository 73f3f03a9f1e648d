#pragma once

// How every kind reads one of its sections: by its own options, the common ones and those its
// function declared, reporting in the same words what every kind reports.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>

#include <string>
#include <string_view>

namespace aio::service {

/// An option without blanks around it; empty when it was not given.
AIO_API std::string text_of(const config::options& typed, std::string_view option);

/// The base of a kind's own reader. What it is made of outlives it.
class AIO_API section_reader {
  public:
    /// `own`: the options of the kind. `function`: what the function declared, nullptr when it is
    /// not known. `strict`: what nobody declared is an error, not only what is nearly a known name.
    section_reader(
        const config::section& from,
        const config::schema& own,
        const config::schema* function,
        bool strict,
        base::diagnostics& to
    );
    section_reader(const section_reader&) = delete;
    section_reader& operator=(const section_reader&) = delete;

  protected:
    ~section_reader() = default;

    /// Written in this section itself, whether well or not.
    bool own(std::string_view option) const;
    /// As text_of() says it.
    std::string text(std::string_view option) const;
    /// The word chosen.
    std::string word(std::string_view option) const;

    /// At the place of the option.
    void error(std::string_view option, std::string message, std::string hint = {});
    /// An error when it is written where it means nothing.
    void belongs(std::string_view option, std::string_view with);

    const config::section& from_;
    const config::options typed_;
    base::diagnostics& to_;
};

} // namespace aio::service
