// The first bytes of a connection that a proxy passes on. Whatever they are: a header that is whole
// is found however they are cut, and what follows it changes nothing; a beginning says how many
// bytes it needs; a wrong header stays wrong; and what was read is written and reads the same
// again. The same bytes as a datagram are a whole header or none.
#include <aio/net/proxy_header.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace aio::net;
using result = proxy_reading::result;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

bool same(const proxy_reading& a, const proxy_reading& b) {
    return a.what == b.what && a.size == b.size && a.header == b.header;
}

void check_cuts(std::string_view bytes, const proxy_reading& made) {
    const std::size_t most = std::min(bytes.size(), std::size_t{300});
    for (std::size_t size = 0; size < most; ++size) {
        const proxy_reading part = read_proxy_header(bytes.substr(0, size));
        if (part.what == result::more)
            require(part.size > size && (made.what == result::wrong || part.size <= made.size));
        else
            require(part.what == made.what && (made.what == result::wrong || same(part, made)));
    }
}

void check_written(const proxy_header& header) {
    for (const auto sum : {proxy_checksum::no, proxy_checksum::yes}) {
        const bool room = header.authority.size() + header.alpn.size() < 3000;
        if (!room || (header.tls && header.tls->common_name.size() > 500))
            return;
        const std::string bytes = write_proxy_header(header, sum);
        const proxy_reading again = read_proxy_header(bytes);
        require(again.what == result::whole && again.size == bytes.size());
        require(again.header == header);
    }
}

// Of a datagram, the header is whole or it is dropped.
void check_datagram(std::string_view bytes, const proxy_reading& made) {
    const proxy_reading alone = read_proxy_datagram(bytes);
    require(alone.what != result::more);
    require((alone.what == result::wrong) != alone.reason.empty());
    if (alone.what != result::whole)
        return;
    require(same(alone, made) && made.header.version == proxy_header::format::binary);
    require(made.header.datagram || made.header.about != proxy_header::subject::client);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const proxy_reading made = read_proxy_header(bytes);
    require((made.what == result::wrong) != made.reason.empty());
    if (made.what == result::whole)
        require(made.size <= size && same(made, read_proxy_header(bytes.substr(0, made.size))));
    if (made.what == result::more)
        require(made.size > size && made.size <= proxy_header::longest_binary);
    check_cuts(bytes, made);
    check_datagram(bytes, made);
    if (made.what == result::whole && made.size < 3000)
        check_written(made.header);
    return 0;
}
