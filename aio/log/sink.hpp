#pragma once

// Opt-in, for modules that offer log handlers: spdlog's sinks as aio was built with them.
//
//     #include <aio/log/sink.hpp>
//     #include <aio/module.hpp>
//     #include <spdlog/sinks/basic_file_sink.h>       // any sink of spdlog's, or one of your own
//
//     std::shared_ptr<spdlog::sinks::sink> make(const aio::log_handler_section& section) {
//         return std::make_shared<spdlog::sinks::basic_file_sink_mt>(
//             section.option<std::string>("path")
//         );
//     }
//
//     AIO_MODULE(my.sinks) {
//         module.log_handler("file", make).required<std::string>("path", "the file's name");
//     }

// As Debian's package of spdlog and its CMake target define it: aio does, too.
#if !defined(SPDLOG_FMT_EXTERNAL)
#define SPDLOG_FMT_EXTERNAL
#endif
#if defined(SPDLOG_COMPILED_LIB)
#error "aio uses spdlog header-only: link spdlog::spdlog_header_only"
#endif

#include <aio/base/api.hpp>

#include <spdlog/sinks/base_sink.h>

namespace aio::log {

/// A sink that can open its file anew when SIGUSR1 asks for it. Other sinks are replaced by a new
/// one, made from the same section.
class AIO_API reopenable {
  public:
    virtual ~reopenable() = default;
    /// Throws what is wrong; then the sink goes on as it was. No record is logged meanwhile.
    virtual void reopen() = 0;
};

} // namespace aio::log
