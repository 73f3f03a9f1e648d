#pragma once

// From files, environment and command line to the merged tree.
//
// Two phases, because `[aio] modules` says which modules' defaults are read:
//
//     inputs in;
//     in.files = read_files(paths, problems);                 // files.hpp
//     tree user = merge(in);                                  // what the user wrote
//     … user.find("aio", "modules") …
//     in.modules = …;                                         // their defaults, lowest first
//     tree all = merge(in);                                   // nothing is parsed twice
//     report(in, problems);                                   // every mistake of every text
//     all.check(problems);                                    // every value interpolated

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::config {

struct document;

/// One text, parsed when it becomes a layer.
class AIO_API layer {
  public:
    layer(std::shared_ptr<const base::source> from); // NOLINT: a source is a layer
    layer(std::string name, std::string text);

    /// No error in it: bad lines, duplicates, broken UTF-8.
    bool good() const noexcept;
    const std::shared_ptr<const base::source>& source() const noexcept;

    const std::shared_ptr<const document>& parsed() const noexcept { return parsed_; }

  private:
    std::shared_ptr<const document> parsed_;
};

/// `section:option=value` of the command line (-o), or one taken from the environment.
struct assignment {
    std::string section, option, text;
    base::location where;
};

/// All parts of a configuration, lowest layer first: modules, files, environment, command line.
struct AIO_API inputs {
    std::vector<layer> modules; ///< their defaults, in order
    std::vector<layer> files;   ///< the user's, each with its includes right above it
    std::vector<assignment> environment;
    std::vector<assignment> command_line;
    /// Looked up by ${env:NAME}; the environment of the process. Empty counts as not set.
    std::function<std::optional<std::string>(std::string_view)> env;
    /// Read by ${file:PATH}; nothing and what is wrong when it cannot. The disk.
    std::function<std::optional<std::string>(const std::string& path, std::string& error)> file;
    /// Declared secret: values of these taint what uses them.
    std::function<bool(std::string_view section, std::string_view option)> secret;
    /// False: `${file:…}`, `${env:…}`, defaults and the colon-section mapping stay Python's.
    bool extensions = true;
    /// Whether report() also warns of what is rarely a mistake: a comment such as `# text` inside a
    /// value.
    bool every_warning = false;

    inputs();
};

/// Merges the layers. The readable parts of texts with errors are used.
AIO_API tree merge(const inputs& from);

/// Reports the errors and warnings of the texts, layer by layer: bad lines, duplicates, broken
/// UTF-8, old colon sections.
AIO_API void report(const inputs& from, base::diagnostics& problems);

/// Does both, and checks the interpolation of every value: for a configuration that is complete.
AIO_API tree load(const inputs& from, base::diagnostics& problems);

/// The name an old colon section is read as: "schedule/x" for "schedule:x".
AIO_API std::optional<std::string> slash_name(std::string_view section);

/// "section:option" taken apart at the last colon; nothing without one, without a
/// section or with a blank option.
AIO_API std::optional<std::pair<std::string, std::string>> split_key(std::string_view key);

/// The arguments of -o, each `SECTION:OPTION=VALUE`.
AIO_API std::vector<assignment>
read_overrides(std::span<const std::string> arguments, base::diagnostics& problems);

/// AIO_<OPTION> of the environment ("NAME=value" each) sets an option of [aio]. One that is set but
/// empty counts as not set; one that `known` does not declare is a warning.
AIO_API std::vector<assignment> read_environment(
    std::span<const std::string> variables, const schema& known, base::diagnostics& problems
);

} // namespace aio::config
