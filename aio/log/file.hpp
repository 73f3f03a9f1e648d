#pragma once

// Outputs that are files: plain, rotated by size, rotated by time. Lines are collected until the
// handler is flushed, at the end of the loop's turn at the latest (pending_flush.hpp).

#include <aio/log/descriptor.hpp>
#include <aio/log/output.hpp>

#include <memory>
#include <string>

namespace aio::log {

// A relative path starts at `directory`. They throw std::runtime_error.
AIO_API std::unique_ptr<output>
open_file(const file_args& args, const std::string& directory, output_services& services);
AIO_API std::unique_ptr<output>
open_file(const rotating_args& args, const std::string& directory, output_services& services);
AIO_API std::unique_ptr<output>
open_file(const timed_args& args, const std::string& directory, output_services& services);

} // namespace aio::log
