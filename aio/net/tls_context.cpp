#include <aio/net/certificate.hpp>
#include <aio/net/pem_file.hpp>
#include <aio/net/tls_alpn.hpp>
#include <aio/net/tls_common.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_resumption.hpp>
#include <aio/net/tls_server.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/tls_setup.hpp>
#include <aio/net/tls_tickets.hpp>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>

namespace aio::net {

namespace {

int kind_of_key(const ::X509* from) {
    const ::EVP_PKEY* key = ::X509_get0_pubkey(from);
    return key ? ::EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
}

// A client may come back only to a server that has the same names and asks the same of clients: the
// keys of tickets are those of the app, and a resumed handshake shows no certificate.
std::string
sessions_text(const tls_options& from, const std::vector<certificate>& shown, std::string trusted) {
    std::vector<std::string> names;
    for (const certificate& each : shown)
        if (each.names.empty())
            names.push_back(each.sha256);
        else
            names.insert(names.end(), each.names.begin(), each.names.end());
    std::ranges::sort(names);
    const auto same = std::ranges::unique(names);
    names.erase(same.begin(), same.end());
    std::string text = std::to_string(static_cast<int>(from.client));
    for (const std::string& each : names)
        text += '\0' + each;
    text += std::string(2, '\0');
    for (const std::string& each : from.client_names)
        text += each + '\0';
    return text + '\0' + std::move(trusted);
}

std::shared_ptr<tls_tickets> tickets_of(const tls_options& from, tls_common* shared) {
    if (!from.tickets)
        return nullptr;
    if (!from.ticket_keys.empty())
        return std::make_shared<tls_tickets>(load_ticket_keys(from.ticket_keys));
    return shared ? shared->tickets(*from.tickets) : std::make_shared<tls_tickets>(*from.tickets);
}

} // namespace

std::vector<certificate_files> tls_options::certificates() const {
    std::vector<certificate_files> all;
    if (!certificate.empty())
        all.push_back({certificate, key});
    all.insert(all.end(), others.begin(), others.end());
    return all;
}

std::vector<std::string> tls_options::files() const {
    std::vector<std::string> all;
    for (const certificate_files& each : certificates()) {
        all.push_back(each.certificate);
        all.push_back(each.key);
    }
    all.push_back(ca);
    all.push_back(ticket_keys);
    std::erase(all, std::string());
    return all;
}

tls_context::tls_context(tls_end end) : end_(end) {
    method_ = ::BIO_meth_new(BIO_TYPE_SOURCE_SINK, "aio connection");
    if (!method_)
        fail_tls("cannot set up TLS");
    ::BIO_meth_set_write_ex(method_, &tls_session::bio_write);
    ::BIO_meth_set_read_ex(method_, &tls_session::bio_read);
    ::BIO_meth_set_ctrl(method_, &tls_session::bio_control);
}

tls_context::~tls_context() {
    ::BIO_meth_free(method_);
}

void tls_context::configure(const tls_options& from, tls_setup& target) const {
    target.limit(from.least);
    if (!apply_policy(target.get(), from.policy, from.ciphers, from.groups))
        fail_tls("cannot set the ciphers of TLS");
    if (from.tickets) {
        constexpr std::chrono::seconds longest = std::chrono::days(7); // RFC 8446
        const auto life = std::chrono::ceil<std::chrono::seconds>(*from.tickets);
        ::SSL_CTX_set_timeout(target.get(), static_cast<long>(std::min(life, longest).count()));
    }
    if (from.client == client_certificate::none)
        return;
    target.trust(from.ca);
    const int must =
        from.client == client_certificate::require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    ::SSL_CTX_set_verify(target.get(), SSL_VERIFY_PEER | must, &tls_session::on_verify);
}

// Each certificate is loaded alone first, so that its key is compared with no other one.
void tls_context::take_certificates(const tls_options& from, pem_files& files) {
    const std::vector<certificate_files> all = from.certificates();
    std::vector<tls_setup> alone;
    std::vector<certificate> read;
    std::vector<shown_certificate> known;
    for (const certificate_files& each : all) {
        alone.emplace_back(end_, files).load(each);
        const ::X509* made = ::SSL_CTX_get0_certificate(alone.back().get());
        read.push_back(read_certificate(made));
        known.push_back({read.back().names, kind_of_key(made)});
        shown_.push_back({each.certificate, read.back().not_after});
    }
    serves_->choice = certificate_choice(known);
    for (const std::size_t never : serves_->choice.unused())
        shown_[never].never = true;
    for (const certificate_choice::group& members : serves_->choice.groups()) {
        tls_setup made =
            members.size() == 1 ? std::move(alone[members.front()]) : tls_setup(end_, files);
        for (const std::size_t member : members)
            if (members.size() > 1)
                made.load(all[member]);
        configure(from, made);
        made.name_sessions(sessions_text(from, read, made.trusted()));
        serves_->attach(made.get());
        serves_->by_group.push_back(made.get());
        contexts_.push_back(made.take());
    }
}

std::shared_ptr<const tls_context>
tls_context::server(const tls_options& from, tls_common* shared) {
    std::shared_ptr<tls_context> made(new tls_context(tls_end::server));
    made->serves_ = std::make_unique<tls_server_part>();
    tls_server_part& part = *made->serves_;
    part.unknown = from.unknown;
    part.alpn = alpn_wire(from.alpn);
    part.requires_alpn = !from.alpn.empty() && from.chosen == tls_alpn::required;
    part.client_names = from.client_names;
    part.tickets = tickets_of(from, shared);
    pem_files files(shared);
    made->take_certificates(from, files);
    part.texts = files.texts();
    return made;
}

std::shared_ptr<const tls_context> tls_context::client(const tls_client_rules& from) {
    std::shared_ptr<tls_context> made(new tls_context(tls_end::client));
    pem_files files;
    tls_setup setup(tls_end::client, files);
    setup.limit(from.least);
    if (!from.certificate.empty())
        setup.load({from.certificate, from.key});
    setup.offer(from.alpn);
    made->requires_alpn_ = !from.alpn.empty() && from.chosen == tls_alpn::required;
    made->resumption_ = std::make_unique<tls_resumption>();
    ::SSL_CTX_set_session_cache_mode(
        setup.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
    );
    ::SSL_CTX_sess_set_new_cb(setup.get(), &tls_session::on_new_session);
    if (from.verify == tls_verify::yes) {
        setup.trust(from.ca);
        ::SSL_CTX_set_verify(setup.get(), SSL_VERIFY_PEER, &tls_session::on_verify);
    }
    made->contexts_.push_back(setup.take());
    return made;
}

} // namespace aio::net
