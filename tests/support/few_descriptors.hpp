#pragma once

// Descriptors run out, for as long as this lives.

#include <sys/resource.h>

namespace test {

/// The soft limit of descriptors, put back at the end.
struct few_descriptors {
    explicit few_descriptors(rlim_t count) {
        ::getrlimit(RLIMIT_NOFILE, &before);
        ::rlimit now = before;
        now.rlim_cur = count;
        ::setrlimit(RLIMIT_NOFILE, &now);
    }

    few_descriptors(const few_descriptors&) = delete;
    few_descriptors& operator=(const few_descriptors&) = delete;

    ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before); }

    ::rlimit before{};
};

} // namespace test
