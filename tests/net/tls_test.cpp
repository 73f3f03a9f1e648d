#include "secured.hpp"

#include <aio/net/error.hpp>
#include <aio/net/tls_context.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using aio::task;
using namespace aio::net;

namespace {

struct tls : support::secured {
    /// Our end of a fresh pair, TLS on it; the other end goes to `far`.
    stream accept(const tls_options& options, std::unique_ptr<support::peer>& far) {
        auto [ours, theirs] = support::tcp_pair();
        far = std::make_unique<support::peer>(std::move(theirs));
        return accept_on(std::move(ours), session(options));
    }
};

task<void> echo(stream s) {
    while (auto data = co_await s.read())
        co_await s.write(data);
}

std::string message(const std::function<void()>& call) {
    try {
        call();
    } catch (const std::runtime_error& e) {
        return e.what();
    }
    return {};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_, tls)

BOOST_AUTO_TEST_CASE(a_megabyte_goes_there_and_back) {
    std::unique_ptr<support::peer> far;
    group.spawn("echo", echo(accept(server(), far)));
    std::string big(1 << 20, '\0'), got, end;
    for (std::size_t i = 0; i < big.size(); ++i)
        big[i] = static_cast<char>(i * 31 + i / 777);
    std::string version;
    against([&] {
        support::tls_peer client(std::move(*far), {});
        BOOST_REQUIRE(client.connect());
        version = client.version();
        std::thread sender([&] { client.send(big.substr(0, 1 << 16)); });
        sender.join();
        got = client.receive_exactly(1 << 16);
        client.end();
        end = client.receive();
    });
    finish();
    BOOST_TEST((got == big.substr(0, 1 << 16)));
    BOOST_TEST(version == "TLSv1.3");
    BOOST_TEST(end == "(end)");
}

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_everything) {
    std::unique_ptr<support::peer> far;
    const std::string big(4 << 20, 'x');
    auto send = [](stream s, const std::string& text) -> task<void> { co_await s.write(text); };
    group.spawn("send", send(accept(server(), far), big));
    std::string got;
    against([&] {
        support::tls_peer client(std::move(*far), {});
        BOOST_REQUIRE(client.connect());
        got = client.receive_exactly(big.size());
    });
    finish();
    BOOST_TEST(got.size() == big.size());
}

BOOST_AUTO_TEST_CASE(tls_1_0_and_1_1_are_refused) {
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
        std::unique_ptr<support::peer> far;
        group.spawn("echo", echo(accept(server(), far)));
        bool connected = true;
        against([&] {
            support::tls_peer::options old;
            old.version = version;
            support::tls_peer client(std::move(*far), old);
            connected = client.connect();
        });
        BOOST_TEST(!connected);
        until([&] { return group.empty(); });
    }
    BOOST_CHECK_THROW(finish(), std::system_error);
}

BOOST_AUTO_TEST_CASE(a_connection_cut_off_is_no_end) {
    std::unique_ptr<support::peer> far;
    group.spawn("echo", echo(accept(server(), far)));
    std::optional<support::tls_peer> client; // closed with unread tickets, it would reset
    against([&] {
        client.emplace(std::move(*far), support::tls_peer::options());
        client->connect();
        client->over().end();
    });
    until([&] { return group.empty(); });
    try {
        finish();
        BOOST_ERROR("it looked like an end");
    } catch (const std::system_error& e) {
        BOOST_TEST((e.code() == errc::truncated));
        BOOST_TEST(is_disconnect(e.code()));
    }
}

BOOST_AUTO_TEST_CASE(nobody_is_asked_for_the_password_of_a_key) {
    const std::string path = folder / "encrypted.key";
    std::FILE* file = std::fopen(path.c_str(), "w");
    unsigned char password[] = "secret";
    const support::certificate made("x", nullptr);
    ::PEM_write_PrivateKey(
        file, made.key, ::EVP_aes_128_cbc(), password, sizeof password - 1, nullptr, nullptr
    );
    std::fclose(file);
    tls_options locked = server();
    locked.key = path;
    BOOST_TEST(
        message([&] { tls_context::server(locked); }) ==
        "cannot use the key " + path + ": it is encrypted, and nobody can be asked for its password"
    );
}

BOOST_AUTO_TEST_CASE(a_key_of_another_certificate_is_told_in_one_sentence) {
    const support::certificate rsa("rsa", nullptr, ::EVP_RSA_gen(2048)),
        other("other", nullptr, ::EVP_RSA_gen(2048));
    rsa.write(folder / "rsa.pem", folder / "rsa.key");
    other.write(folder / "other.pem", folder / "other.key");
    const std::pair<const char*, const char*> all[] = {
        {"rsa.pem", "other.key"},
        {"rsa.pem", "client.key"},
        {"server.pem", "rsa.key"},
        {"server.pem", "client.key"},
    };
    for (const auto& [certificate, key] : all) {
        tls_options options = server();
        options.certificate = folder / certificate;
        options.key = folder / key;
        BOOST_TEST(
            message([&] { tls_context::server(options); }) ==
            "the key " + options.key + " does not belong to the certificate " + options.certificate
        );
    }
}

BOOST_AUTO_TEST_CASE(a_chain_in_the_wrong_order_is_told_to_be_that) {
    tls_options options = server();
    options.certificate = folder / "chain.pem";
    folder.write("chain.pem", folder.read("ca.pem") + folder.read("server.pem"));
    BOOST_TEST(
        message([&] { tls_context::server(options); }) ==
        "the key " + options.key + " does not belong to the certificate " + options.certificate +
            ", but to number 2 in that file, which has to be the first"
    );
    folder.write("chain.pem", folder.read("server.pem") + folder.read("ca.pem"));
    BOOST_TEST(message([&] { tls_context::server(options); }) == "");
}

BOOST_AUTO_TEST_CASE(a_key_that_is_too_short_is_told_with_its_bits) {
    const support::certificate small("small", nullptr, ::EVP_RSA_gen(1024));
    small.write(folder / "small.pem", folder / "small.key");
    tls_options options = server();
    options.certificate = folder / "small.pem";
    options.key = folder / "small.key";
    BOOST_TEST(
        message([&] { tls_context::server(options); }) ==
        "cannot use the certificate " + options.certificate +
            ": its key of 1024 bits is too short for TLS"
    );
}

namespace {

std::vector<std::string> damages(const std::string& text) {
    std::string changed = text;
    changed[text.size() / 2] = '*';
    const std::size_t last = text.rfind("-----END");
    return {
        text.substr(0, text.size() / 2),
        text.substr(0, last),
        text.substr(0, last + 10),
        text.substr(0, text.find('\n') + 1),
        std::move(changed),
    };
}

} // namespace

BOOST_AUTO_TEST_CASE(a_pipe_is_judged_as_a_file_with_the_same_bytes) {
    const std::string file = folder / "file", pipe = folder / "pipe";
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const support::certificate small("small", nullptr, ::EVP_RSA_gen(1024));
    small.write(folder / "small.pem", folder / "small.key");
    tls_options options = server();
    options.client = client_certificate::require;
    options.ca = folder / "ca.pem";
    const auto same = [&](std::string tls_options::* which, const std::string& text) {
        tls_options from_file = options, from_pipe = options;
        folder.write("file", text);
        from_file.*which = file;
        from_pipe.*which = pipe;
        std::string expected = message([&] { tls_context::server(from_file); });
        std::thread writer([&] { std::ofstream(pipe) << text; });
        const std::string said = message([&] { tls_context::server(from_pipe); });
        writer.join();
        if (const std::size_t at = expected.find(file); at != expected.npos)
            expected.replace(at, file.size(), pipe);
        BOOST_TEST(said == expected);
    };
    const std::pair<std::string tls_options::*, const char*> all[] = {
        {&tls_options::certificate, "server.pem"},
        {&tls_options::key, "server.key"},
        {&tls_options::ca, "ca.pem"},
    };
    for (const auto& [which, good] : all) {
        for (const std::string& damaged : damages(folder.read(good)))
            same(which, damaged);
        for (const char* other : {"server.pem", "server.key", "client.key", "small.pem"})
            same(which, folder.read(other));
        same(which, "");
        same(which, "text\n");
    }
    same(&tls_options::certificate, folder.read("ca.pem") + folder.read("server.pem"));
    options.key.clear();
    same(&tls_options::certificate, folder.read("server.pem") + folder.read("server.key"));
    same(&tls_options::certificate, folder.read("server.pem"));
}

BOOST_AUTO_TEST_CASE(one_pipe_for_certificate_key_and_authorities_is_read_once) {
    const std::string pipe = folder / "one.pipe", link = folder / "link.pipe";
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::filesystem::create_symlink(pipe, link);
    const std::string all =
        folder.read("server.pem") + folder.read("ca.pem") + folder.read("server.key");
    tls_options options = server();
    options.certificate = pipe;
    options.client = client_certificate::require;
    const auto loads = [&](const std::string& key, const std::string& authorities) {
        options.key = key;
        options.ca = authorities;
        std::thread writer([&] { std::ofstream(pipe) << all; });
        const std::string said = message([&] { tls_context::server(options); });
        writer.join();
        BOOST_TEST(said == "");
    };
    loads(pipe, pipe);
    loads(link, folder / "ca.pem");
    loads(folder / "server.key", link);
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    BOOST_REQUIRE(::write(ends[1], all.data(), all.size()) == static_cast<::ssize_t>(all.size()));
    ::close(ends[1]);
    options.certificate = options.key = "/dev/fd/" + std::to_string(ends[0]);
    options.ca = "/proc/self/fd/" + std::to_string(ends[0]);
    BOOST_TEST(message([&] { tls_context::server(options); }) == "");
    ::close(ends[0]);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_missing_in_the_common_file_is_said_with_its_path) {
    tls_options options = server();
    options.key = options.certificate;
    BOOST_TEST(message([&] {
                   tls_context::server(options);
               }) == "cannot use the key " + options.key + ": it holds no private key in PEM form");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_off_or_changed_is_told_to_be_damaged) {
    const auto expect = [&](const tls_options& options, const std::string& beginning) {
        const std::string text = message([&] { tls_context::server(options); });
        BOOST_TEST(text.starts_with(beginning + ": it is damaged or cut off"), text);
    };
    for (const std::string& damaged : damages(folder.read("server.pem"))) {
        folder.write("damaged.pem", damaged);
        tls_options options = server();
        options.certificate = folder / "damaged.pem";
        expect(options, "cannot use the certificate " + options.certificate);
        options = server();
        options.client = client_certificate::require;
        options.ca = folder / "damaged.pem";
        expect(options, "cannot use the certificates in " + options.ca);
    }
    for (const std::string& damaged : damages(folder.read("server.key"))) {
        folder.write("damaged.key", damaged);
        tls_options options = server();
        options.key = folder / "damaged.key";
        expect(options, "cannot use the key " + options.key);
    }
}

BOOST_AUTO_TEST_CASE(a_file_without_certificates_of_authorities_is_told_to_be_that) {
    folder.write("text.pem", "no certificate\n");
    folder.write("empty.pem", "");
    for (const char* name : {"text.pem", "empty.pem", "server.key"}) {
        tls_options options = server();
        options.client = client_certificate::require;
        options.ca = folder / name;
        BOOST_TEST(
            message([&] { tls_context::server(options); }) ==
            "cannot use the certificates in " + options.ca + ": it holds no certificate in PEM form"
        );
    }
}

BOOST_AUTO_TEST_CASE(a_certificate_among_those_of_authorities_admits_no_client_by_itself) {
    const support::certificate ca("an authority", nullptr), client("a client", &ca);
    ca.write(folder / "authority.pem", folder / "authority.key");
    client.write(folder / "self.pem", folder / "self.key");
    const auto admits = [&](const char* authorities) {
        tls_options options = server();
        options.client = client_certificate::require;
        options.ca = folder / authorities;
        const auto context = tls_context::server(options);
        const std::unique_ptr<::X509_STORE_CTX, decltype(&::X509_STORE_CTX_free)> asked(
            ::X509_STORE_CTX_new(), &::X509_STORE_CTX_free
        );
        auto* const trusted = ::SSL_CTX_get_cert_store(context->get());
        BOOST_REQUIRE(::X509_STORE_CTX_init(asked.get(), trusted, client.x509, nullptr) == 1);
        ::X509_VERIFY_PARAM_set1(
            ::X509_STORE_CTX_get0_param(asked.get()), ::SSL_CTX_get0_param(context->get())
        );
        return ::X509_verify_cert(asked.get()) == 1;
    };
    BOOST_TEST(admits("authority.pem"));
    BOOST_TEST(!admits("self.pem"));
}

BOOST_AUTO_TEST_CASE(mistakes_in_files_name_the_file) {
    tls_options missing = server();
    missing.certificate = folder / "nowhere.pem";
    BOOST_TEST(
        message([&] { tls_context::server(missing); }) ==
        "cannot use the certificate " + missing.certificate + ": No such file or directory"
    );
    missing.certificate = folder.path().string();
    BOOST_TEST(message([&] {
                   tls_context::server(missing);
               }) == "cannot use the certificate " + missing.certificate + ": Is a directory");
    const std::string empty = folder / "empty.pem";
    std::fclose(std::fopen(empty.c_str(), "w"));
    tls_options nothing = server();
    nothing.certificate = empty;
    BOOST_TEST(
        message([&] { tls_context::server(nothing); }) ==
        "cannot use the certificate " + empty + ": it holds no certificate in PEM form"
    );
    nothing = server();
    nothing.key = empty;
    BOOST_TEST(message([&] {
                   tls_context::server(nothing);
               }) == "cannot use the key " + empty + ": it holds no private key in PEM form");
    nothing = server();
    nothing.key.clear();
    BOOST_TEST(message([&] { tls_context::server(nothing); }
    ).ends_with("it holds no private key in PEM form, and tls_key names no other file"));
    tls_options no_ca = server();
    no_ca.client = client_certificate::request;
    no_ca.ca = folder / "nowhere.pem";
    BOOST_TEST(message([&] {
                   tls_context::server(no_ca);
               }) == "cannot use the certificates in " + no_ca.ca + ": No such file or directory");
    tls_options old = server();
    old.least = "1.1";
    BOOST_TEST(message([&] {
                   tls_context::server(old);
               }) == "TLS 1.1 is not supported, only 1.2 and 1.3");
}

BOOST_AUTO_TEST_SUITE_END()
