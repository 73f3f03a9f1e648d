#include <aio/net/address.hpp>
#include <aio/net/certificate.hpp>

#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <memory>
#include <span>
#include <string_view>

namespace aio::net {

namespace {

using clock = std::chrono::system_clock;

std::string name_text(const ::X509_NAME* name) {
    const std::unique_ptr<::BIO, decltype(&::BIO_free)> into(::BIO_new(::BIO_s_mem()), &::BIO_free);
    constexpr unsigned long form = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
    if (!into || ::X509_NAME_print_ex(into.get(), name, 0, form) < 0)
        return {};
    char* text = nullptr;
    const long size = ::BIO_get_mem_data(into.get(), &text);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string_view text_of(const ::ASN1_STRING* from) {
    return {
        reinterpret_cast<const char*>(::ASN1_STRING_get0_data(from)),
        static_cast<std::size_t>(::ASN1_STRING_length(from))
    };
}

std::string ip_text(std::string_view bytes) {
    if (bytes.size() == 4) {
        ::sockaddr_in made{};
        made.sin_family = AF_INET;
        std::memcpy(&made.sin_addr, bytes.data(), 4);
        return address::from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made).host();
    }
    if (bytes.size() == 16) {
        ::sockaddr_in6 made{};
        made.sin6_family = AF_INET6;
        std::memcpy(&made.sin6_addr, bytes.data(), 16);
        return address::from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made).host();
    }
    return {};
}

std::string text_of(const ::GENERAL_NAME& from) {
    switch (from.type) {
    case GEN_DNS:
    case GEN_EMAIL:
    case GEN_URI:
        return std::string(text_of(from.d.ia5));
    case GEN_IPADD:
        return ip_text(text_of(from.d.iPAddress));
    default:
        return {};
    }
}

std::vector<std::string> names_of(const ::X509* from) {
    const std::unique_ptr<::GENERAL_NAMES, decltype(&::GENERAL_NAMES_free)> all(
        static_cast<::GENERAL_NAMES*>(
            ::X509_get_ext_d2i(from, NID_subject_alt_name, nullptr, nullptr)
        ),
        &::GENERAL_NAMES_free
    );
    std::vector<std::string> names;
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i)
        if (std::string name = text_of(*sk_GENERAL_NAME_value(all.get(), i)); !name.empty())
            names.push_back(std::move(name));
    return names;
}

std::string serial_of(const ::X509* from) {
    const std::unique_ptr<::BIGNUM, decltype(&::BN_free)> number(
        ::ASN1_INTEGER_to_BN(::X509_get0_serialNumber(from), nullptr), &::BN_free
    );
    char* text = number ? ::BN_bn2hex(number.get()) : nullptr;
    std::string made = text ? text : "";
    ::OPENSSL_free(text);
    return made;
}

clock::time_point time_of(const ::ASN1_TIME* from) {
    std::tm when{};
    if (::ASN1_TIME_to_tm(from, &when) != 1)
        return {};
    using std::chrono::floor, std::chrono::seconds;
    const auto most = floor<seconds>(clock::time_point::max()).time_since_epoch().count();
    const auto least = -most;
    return clock::time_point(seconds(std::clamp<std::time_t>(::timegm(&when), least, most)));
}

std::string sha256_of(const ::X509* from) {
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (::X509_digest(from, ::EVP_sha256(), sum, &size) != 1)
        return {};
    std::string made;
    for (const unsigned char each : std::span(sum, size))
        made += fmt::format("{:02x}", each);
    return made;
}

} // namespace

certificate read_certificate(const ::X509* from) {
    if (!from)
        return {};
    certificate made;
    made.subject = name_text(::X509_get_subject_name(from));
    made.issuer = name_text(::X509_get_issuer_name(from));
    made.names = names_of(from);
    made.serial = serial_of(from);
    made.not_before = time_of(::X509_get0_notBefore(from));
    made.not_after = time_of(::X509_get0_notAfter(from));
    made.sha256 = sha256_of(from);
    return made;
}

} // namespace aio::net
