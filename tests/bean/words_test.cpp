#include <aio/bean/words.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::bean;

namespace {

std::string shown(std::string_view text) {
    const typed_bean one = parse_words(text);
    std::string out = one.core;
    for (const auto& [key, value] : one.arguments)
        out += "|" + key + "|" + value;
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(words)

BOOST_AUTO_TEST_CASE(a_name_and_pairs) {
    BOOST_TEST(shown("m.f") == "m.f");
    BOOST_TEST(shown("m.f:") == "m.f");
    BOOST_TEST(shown("m.f:hi=Ozzy,label=x") == "m.f|hi|Ozzy|label|x");
    BOOST_TEST(shown("m.f:hi=") == "m.f|hi|");
    BOOST_TEST(shown("m.f:url=http://x:80/?a=b") == "m.f|url|http://x:80/?a=b");
}

BOOST_AUTO_TEST_CASE(escapes) {
    BOOST_TEST(shown(R"(m.f:a=1\,2\=3,b=c:\\d)") == R"(m.f|a|1,2=3|b|c:\d)");
    BOOST_TEST(shown(R"(m.f:a=x\y\)") == R"(m.f|a|x\y\)");
}

BOOST_AUTO_TEST_CASE(case_94_a_pair_without_its_sign_is_an_error) {
    for (const char* bad : {"m.f:flag", "m.f:a=1,flag", "m.f:=1", ":a=1", "", "m.f:a\\=b=1"})
        BOOST_CHECK_THROW(parse_words(bad), bad_words);
}

BOOST_AUTO_TEST_CASE(case_93_what_is_no_bean_is_an_error) {
    for (const char* bad :
         {"m f", "m.[x", "m\nf", "m.f:a=1,", "m.f:a=1,,b=2", "m.f:,", "m.f:a=1,A=2"})
        BOOST_CHECK_THROW(parse_words(bad), bad_words);
    BOOST_TEST(shown("m.f:a=1\\,") == "m.f|a|1,");
}

BOOST_AUTO_TEST_CASE(each_word_is_a_section_and_the_core_comes_last) {
    const auto all = assignments_of({"m.f:core=z,a=$x", "m.f"}, [](auto&) { return false; });
    BOOST_REQUIRE(all.size() == 4u);
    BOOST_TEST(all[1] == "bean/m.f:a=$$x");
    BOOST_TEST(all[2] == "bean/m.f:core=m.f");
    BOOST_TEST(all[3] == "bean/m.f#2:core=m.f");
}

BOOST_AUTO_TEST_CASE(what_a_file_calls_so_is_another_bean) {
    const auto all = assignments_of({"m.f", "m.g", "m.f"}, [](const std::string& name) {
        return name == "bean/m.f" || name == "bean/m.f#3";
    });
    BOOST_REQUIRE(all.size() == 3u);
    BOOST_TEST(all[0] == "bean/m.f#2:core=m.f");
    BOOST_TEST(all[1] == "bean/m.g:core=m.g");
    BOOST_TEST(all[2] == "bean/m.f#4:core=m.f");
}

BOOST_AUTO_TEST_SUITE_END()
