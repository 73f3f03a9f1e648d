#include <aio/net/certificate_end.hpp>
#include <aio/net/pem_file.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <exception>
#include <memory>

namespace aio::net {

using clock = std::chrono::system_clock;

std::string utc_text(clock::time_point when) {
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", std::chrono::floor<std::chrono::seconds>(when));
}

std::string end_of_certificate(clock::time_point end, clock::time_point now) {
    if (end <= now)
        return "has expired, on " + utc_text(end);
    if (end > now + certificate_warning)
        return {};
    const auto days = std::chrono::floor<std::chrono::days>(end - now).count();
    const std::string left = days == 0   ? "in less than a day"
                             : days == 1 ? "in 1 day"
                                         : fmt::format("in {} days", days);
    return "expires " + left + ", on " + utc_text(end);
}

std::optional<certificate> first_certificate(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode))
        return std::nullopt;
    try {
        pem_files files;
        const pem_source from = files.read(path, path).source();
        const std::unique_ptr<::X509, decltype(&::X509_free)> made(
            ::PEM_read_bio_X509_AUX(from.get(), nullptr, nullptr, nullptr), &::X509_free
        );
        ::ERR_clear_error();
        return made ? std::optional(read_certificate(made.get())) : std::nullopt;
    } catch (const std::exception&) { // the start says why
        return std::nullopt;
    }
}

} // namespace aio::net
