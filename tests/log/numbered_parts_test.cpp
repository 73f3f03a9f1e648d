#include <aio/base/descriptor.hpp>
#include <aio/log/numbered_parts.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <vector>

using namespace aio::log;
namespace fs = std::filesystem;

namespace {

using contents = std::map<std::string, std::string>;

struct fixture : aio::testing::temporary_folder {
    /// The text of each file is its first name. `stuck` is a folder.
    void make(const std::vector<std::string>& names, const std::string& stuck = {}) {
        for (const auto& entry : fs::directory_iterator(path()))
            fs::remove_all(entry);
        for (const std::string& name : names)
            write(name == stuck ? name + "/in/the/way" : name, name);
    }

    contents found() const {
        contents all;
        for (const auto& entry : fs::directory_iterator(path())) {
            const std::string name = entry.path().filename();
            all[name] = entry.is_directory() ? "a folder" : read(name);
        }
        return all;
    }

    template <typename Use>
    auto with_parts(unsigned limit, Use use) {
        const aio::base::descriptor folder(::open(path().c_str(), O_PATH | O_DIRECTORY));
        const aio::base::descriptor live(::open((*this / "x").c_str(), O_WRONLY | O_APPEND));
        const part_folder parts(folder, path(), live.get());
        return use(numbered_parts(parts, "x", limit), parts);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(numbered_parts_, fixture)

BOOST_AUTO_TEST_CASE(the_file_becomes_part_1_and_what_is_too_old_gets_a_free_number) {
    struct step {
        std::vector<std::string> before;
        contents after;
        std::vector<std::string> surplus;
    };

    const std::vector<step> steps{
        {{"x"}, {{"x.1", "x"}}, {}},
        {{"x", "x.2"}, {{"x.1", "x"}, {"x.2", "x.2"}}, {}},
        {{"x", "x.1"}, {{"x.1", "x"}, {"x.2", "x.1"}}, {}},
        {{"x", "x.1", "x.2"}, {{"x.1", "x"}, {"x.2", "x.1"}, {"x.3", "x.2"}}, {"x.3"}},
        {{"x", "x.1", "x.2", "x.3", "x.5"}, // of a larger limit
         {{"x.1", "x"}, {"x.2", "x.1"}, {"x.3", "x.3"}, {"x.4", "x.2"}, {"x.5", "x.5"}},
         {"x.4"}},
        {{"x", "x.0"}, {{"x.1", "x"}, {"x.2", "x.0"}}, {}},
        {{"x", "x.0", "x.1"}, {{"x.1", "x"}, {"x.2", "x.0"}, {"x.3", "x.1"}}, {"x.3"}},
        {{"x", "x.0", "x.1", "x.2"},
         {{"x.1", "x"}, {"x.2", "x.0"}, {"x.3", "x.2"}, {"x.4", "x.1"}},
         {"x.3", "x.4"}},
    };
    for (const step& each : steps) {
        make(each.before);
        with_parts(2, [&](const numbered_parts& parts, const part_folder& folder) {
            BOOST_TEST(parts.full() == !each.surplus.empty());
            const contents before = found();
            const auto [surplus, moves] = parts.shift();
            BOOST_TEST(surplus == each.surplus, boost::test_tools::per_element());
            BOOST_TEST((found() == each.after));
            move_back(folder, moves);
            BOOST_TEST((found() == before));
        });
    }
}

BOOST_AUTO_TEST_CASE(every_failure_leaves_all_parts_as_they_were) {
    const std::vector<std::vector<std::string>> folders{
        {"x", "x.1", "x.2", "x.3"},
        {"x", "x.1", "x.2", "x.3", "x.4"},
        {"x", "x.0", "x.1", "x.2", "x.3"},
        {"x", "x.0", "x.1", "x.2", "x.3", "x.4"},
        {"x", "x.0", "x.1", "x.3"},
    };
    for (const auto& names : folders)
        for (const std::string& stuck : names) {
            if (stuck == "x.4")
                continue; // of a larger limit: it is not touched
            BOOST_TEST_CONTEXT(names.size() << " files, stuck " << stuck) {
                make(names, stuck);
                const contents before = found();
                with_parts(3, [&](const numbered_parts& parts, const part_folder&) {
                    BOOST_CHECK_THROW(parts.shift(), std::system_error);
                });
                BOOST_TEST((found() == before));
            }
        }
}

BOOST_AUTO_TEST_SUITE_END()
