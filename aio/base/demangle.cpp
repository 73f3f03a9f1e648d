#include <aio/base/demangle.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace aio::base {

std::string demangle(const char* name) {
    const std::unique_ptr<char, decltype(&std::free)> plain(
        abi::__cxa_demangle(name, nullptr, nullptr, nullptr), &std::free
    );
    return plain ? plain.get() : name;
}

} // namespace aio::base
