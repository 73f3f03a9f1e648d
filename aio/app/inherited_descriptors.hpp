#pragma once

// The descriptors that a daemon has from its caller. It must not keep them: a pipe or a lock of the
// caller lasts as long as a process has it.

#include <aio/base/api.hpp>

#include <set>
#include <string_view>
#include <vector>

namespace aio::app {

struct configuration;

/// The numbers of the descriptors that a text names, at any place in it: 5 for "/dev/fd/5",
/// "('/proc/self/fd/5',)".
AIO_API std::set<int> descriptors_named_in(std::string_view text);

/// Those of `inherited` that no value of the configuration names, and no log names through a link.
AIO_API std::vector<int> not_named(const std::vector<int>& inherited, const configuration& loaded);

} // namespace aio::app
