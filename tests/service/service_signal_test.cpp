// Typed signals of a service: the app counts them.

#include "garden.hpp"

#include <aio/signal/typed.hpp>

using namespace test;

namespace {

struct feed : plant {
    using plant::plant;

    aio::signal::typed<int> ticked{*this, "ticked"};
    aio::signal::typed<> nameless{*this};
};

} // namespace

BOOST_AUTO_TEST_SUITE(service_signal)

BOOST_AUTO_TEST_CASE(its_typed_signals_are_counted_by_the_app_as_long_as_it_lives) {
    garden g;
    auto p = std::make_unique<feed>(g, "P");
    feed& c = p->add_child(std::make_unique<feed>(g, "C"), "C");
    g.place(*p, "P");
    int heard = 0;
    c.ticked.connect([&](int n) { heard += n; });
    p->nameless.connect([&] { ++heard; });
    g.run([&]() -> task<void> {
        for (int life = 0; life < 2; ++life) {
            co_await p->start();
            co_await c.ticked.emit(10);
            co_await p->nameless.emit();
            co_await stop(*p);
        }
    });
    BOOST_TEST(heard == 22);
    std::string text;
    for (const auto& one : g.app.bus.statistics())
        text += fmt::format("{} {} {}, ", one.name, one.emits, one.deliveries);
    BOOST_TEST(
        text ==
        "service/P.a typed signal 2 2, service/P.ticked 0 0, service/P/C.a typed signal 0 0, "
        "service/P/C.ticked 2 2, "
    );
    p.reset();
    BOOST_TEST(g.app.bus.statistics().empty());
}

BOOST_AUTO_TEST_SUITE_END()
