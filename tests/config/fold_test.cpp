#include <aio/config/fold.hpp>

#include <boost/test/unit_test.hpp>

using aio::config::fold;

BOOST_AUTO_TEST_SUITE(folding)

BOOST_AUTO_TEST_CASE(names_fold_as_python_does) {
    BOOST_TEST(fold("LOG_Level") == "log_level");
    BOOST_TEST(fold("Été ÖD") == "été öd");
    BOOST_TEST(fold("\u0130x") == "i\u0307x");
    BOOST_TEST(fold("ΟΔΟΣ") == "οδος");
    BOOST_TEST(fold("ΣΑΣ Σ") == "σας σ");
    BOOST_TEST(fold("ß") == "ß");
    BOOST_TEST(fold("\U00010400") == "\U00010428");
}

BOOST_AUTO_TEST_CASE(a_folded_name_is_not_copied) {
    std::string room;
    const std::string_view name = "log_level";
    BOOST_TEST(fold(name, room).data() == name.data());
    BOOST_TEST(fold("X", room).data() == room.data());
}

BOOST_AUTO_TEST_SUITE_END()
