#pragma once

// Configurations as text: what `aio config` prints. Pure functions; secrets are masked unless asked
// for.

#include <aio/base/api.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>

#include <span>
#include <string>
#include <string_view>

namespace aio::config {

enum class values_as { interpolated, raw };

struct render_options {
    values_as values = values_as::interpolated;
    bool origin = false; ///< file:line and what was overridden
    bool show_secrets = false;

    render_options() = default;
};

/// The text of a value as it is shown: "********" for a secret.
AIO_API std::string shown_text(const value& option, const render_options& how);

/// "option = value" and a line end; further lines of the value follow a tab. With origins, the
/// place stands behind the value, and each value it overrode on a comment line below.
AIO_API std::string
render_option(const section& section, const value& option, const render_options& how = {});

/// Every option of a section; values that failed to interpolate are left out.
AIO_API std::string render_section(const section& section, const render_options& how = {});

/// [DEFAULT] first, then every section; an empty line after each.
AIO_API std::string render_dump(const tree& all, const render_options& how = {});

/// {"section": {"option": "text"}}; null where interpolation failed. With origins, the text is in
/// an object with "value", "origin" and "overrides".
AIO_API std::string render_json(const tree& all, const render_options& how = {});
AIO_API std::string render_json(const section& section, const render_options& how = {});
AIO_API std::string
render_json(const section& section, const value& option, const render_options& how = {});

/// What differs from the defaults, section by section: "-option = value" as it was, "+" as it is,
/// each as render_option() has it.
AIO_API std::string
render_diff(const tree& standard, const tree& all, const render_options& how = {});

/// The same as {"section": {"option": {"default": "text", "value": "text"}}}; null where there is
/// none.
AIO_API std::string
render_diff_json(const tree& standard, const tree& all, const render_options& how = {});

/// The options of one kind of section and who declared them.
struct schema_listing {
    std::string section; ///< "aio", "schedule/NAME"
    std::string owner;   ///< "aio", "my.example.tick"
    schema options;
};

AIO_API std::string render_schema(std::span<const schema_listing> all);
AIO_API std::string render_schema_json(std::span<const schema_listing> all);

} // namespace aio::config
