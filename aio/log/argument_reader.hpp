#pragma once

// Reads the arguments of a handler in the order of their positions.

#include <aio/log/literal.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::log {

/// Called for each argument that is wrong, with its offset and the reason.
using argument_report = std::function<void(std::size_t offset, std::string text)>;

/// Each member takes the next argument. One that is wrong or missing gives the default.
class argument_reader {
  public:
    argument_reader(const literal::tuple& args, const argument_report& wrong)
        : given_(args), wrong_(wrong) {}

    /// nullptr: no more.
    const literal* next() { return at_ < given_.size() ? &given_[at_++] : nullptr; }

    void error(const literal& argument, std::string text) const {
        wrong_(argument.offset, std::move(text));
    }

    std::string path();
    /// The mode: 'a', as opposed to 'w'.
    bool append();
    std::int64_t number(std::string_view name, std::int64_t least, std::int64_t standard);
    unsigned count(std::string_view name, unsigned least, unsigned standard);
    bool truth(bool standard);
    /// Python's encoding: UTF-8 in any of its spellings. Texts are bytes here.
    void encoding();
    /// Python's way with what cannot be encoded, which does not happen here.
    void errors();
    /// The last three arguments of Python's file handlers. Files are opened when logging starts.
    void encoding_and_delay();
    void end();

  private:
    const literal::tuple& given_;
    const argument_report& wrong_;
    std::size_t at_ = 0;
};

} // namespace aio::log
