#pragma once

// The one function that the test library of a module exports. aio_add_module compiles it into every
// test library. `aio test` loads the library in a process of its own and calls the function, so
// `aio` itself needs no Boost.Test.

#include <aio/base/api.hpp>

// The shape of unit_test_main depends on these; aio_add_module says the same.
#ifndef BOOST_TEST_DYN_LINK
#define BOOST_TEST_DYN_LINK
#endif
#include <boost/test/unit_test.hpp>

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace aio::testing {

/// The folder on the module path that holds a library: "/m" of "/m/my/example/example.test.so" and
/// "my.example". Empty when the library lies elsewhere.
inline std::string module_root(std::string_view library, std::string_view module) {
    std::size_t folders = 1;
    for (const char c : module)
        folders += c == '.';
    for (std::size_t i = 0; i <= folders; ++i) {
        const std::size_t slash = library.rfind('/');
        if (slash == std::string_view::npos)
            return {};
        library = library.substr(0, slash);
    }
    return std::string(library);
}

} // namespace aio::testing

/// Arguments and exit status are those of Boost.Test. `module` names the master suite.
extern "C" AIO_API int aio_test_main(const char* module, int count, char** values);

extern "C" int aio_test_main(const char* module, int count, char** values) {
    static std::string name;
    name = module;
    Dl_info here{};
    if (::dladdr(reinterpret_cast<void*>(&aio_test_main), &here) != 0 && here.dli_fname) {
        // Apps that the tests start search here first, unless the variable is set already.
        const std::string root = aio::testing::module_root(here.dli_fname, name);
        if (!root.empty())
            ::setenv("AIO_MODULE_PATH", root.c_str(), 0);
    }
    const auto init = [] {
        boost::unit_test::framework::master_test_suite().p_name.value = name;
        return true;
    };
    return boost::unit_test::unit_test_main(init, count, values);
}
