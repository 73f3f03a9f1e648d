// Time zones from files of every sort. The folder of the files is $TZDIR while a test runs.

#include <aio/testing/temporary_folder.hpp>
#include <aio/timetable/cron.hpp>
#include <aio/timetable/zone.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace aio::timetable;
using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::year;

namespace {

const std::string system_files = "/usr/share/zoneinfo/";

class zone_files {
  public:
    zone_files() { ::setenv("TZDIR", folder_.path().c_str(), 1); }

    zone_files(const zone_files&) = delete;
    zone_files& operator=(const zone_files&) = delete;

    ~zone_files() { ::unsetenv("TZDIR"); }

    void write(const std::string& name, const std::string& bytes) {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
    }

    /// Files whose list of changes ends early, as `zic -b slim` makes them. Whether there is a zic.
    bool make_slim() {
        return std::system(("zic -b slim -d '" + folder_.path().string() + "' " + system_files +
                            "tzdata.zi 2>/dev/null")
                               .c_str()) == 0;
    }

    std::string path() const { return folder_.path().string(); }

  private:
    aio::testing::temporary_folder folder_;
};

std::string bytes_of(const std::string& name) {
    std::ifstream from(system_files + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
}

std::string why_not(std::string_view name) {
    zone_error why;
    BOOST_TEST(!zone::find(name, &why), name);
    return why.text;
}

instant next_of(std::string_view line, const zone& place, instant after) {
    std::vector<cron_error> errors;
    return cron::parse(line, errors).value().next(after, place);
}

} // namespace

BOOST_AUTO_TEST_SUITE(zone_of_files)

BOOST_AUTO_TEST_CASE(report_time_3_a_zone_keeps_its_rules_after_2037) {
    for (const char* name : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}) {
        const zone in = zone::find(name).value();
        for (int y : {2025, 2037, 2038, 2060, 2137, 2200}) {
            const zone_period winter = in.period(sys_days{year{y} / 1 / 15});
            const zone_period summer = in.period(sys_days{year{y} / 7 / 15});
            BOOST_TEST(winter.offset.count() != summer.offset.count(), name << ' ' << y);
            BOOST_TEST((winter.end <= summer.begin && summer.begin > sys_days{year{y} / 1 / 1}));
            BOOST_TEST((in.period(winter.end - 1s).offset == winter.offset));
            BOOST_TEST((in.period(winter.end).offset != winter.offset));
            BOOST_TEST((in.period(winter.end).begin == winter.end));
        }
    }
    const zone berlin = zone::find("Europe/Berlin").value();
    BOOST_TEST(
        (next_of("0 8 * * *", berlin, sys_days{year{2050} / 7 / 1}) ==
         sys_days{year{2050} / 7 / 1} + 6h)
    );
}

BOOST_AUTO_TEST_CASE(report_time_3_slim_files_mean_what_fat_ones_mean) {
    std::vector<zone> fat;
    const std::vector<std::string> names = zone::known();
    for (const std::string& name : names)
        fat.push_back(zone::find(name).value());
    zone_files files;
    if (!files.make_slim()) {
        BOOST_TEST_MESSAGE("skipped: there is no zic, or no tzdata.zi");
        return;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto slim = zone::find(names[i]);
        if (!slim) // an alias this tzdata.zi does not have
            continue;
        for (int month = 0; month < 200 * 12; month += 5) {
            const instant at{sys_days{year{1971 + month / 12} / (1 + month % 12) / 15}};
            BOOST_REQUIRE_MESSAGE(
                slim->period(at).offset == fat[i].period(at).offset,
                names[i] << " at " << at.time_since_epoch().count()
            );
        }
    }
    const zone berlin = zone::find("Europe/Berlin").value();
    const instant morning = sys_days{year{2026} / 1 / 15} + 6h + 59min + 58s;
    BOOST_TEST((next_of("0 8 * * *", berlin, morning) == morning + 2s));
}

BOOST_AUTO_TEST_CASE(report_time_3_a_file_cut_short_anywhere_is_refused) {
    const std::string whole = bytes_of("Europe/Berlin");
    zone_files files;
    for (std::size_t size = 0; size < whole.size(); size += size < 100 ? 1 : 41) {
        files.write("Cut", whole.substr(0, size));
        BOOST_TEST(why_not("Cut").starts_with("the file of time zone 'Cut' cannot be used: "));
    }
    files.write("Cut", whole.substr(0, whole.size() - 1));
    BOOST_TEST(
        why_not("Cut") == "the file of time zone 'Cut' cannot be used: it is damaged or cut short"
    );
}

BOOST_AUTO_TEST_CASE(report_time_3_foreign_files_are_refused_in_words) {
    std::string old = bytes_of("Europe/Berlin");
    std::string leaping = old;
    old[4] = '\0';
    leaping[31] = 27;
    zone_files files;
    files.write("Text", std::string(100, 'x'));
    files.write("Old", old);
    files.write("Leap", leaping);
    BOOST_TEST(
        why_not("Text") == "the file of time zone 'Text' cannot be used: it is not a time zone file"
    );
    BOOST_TEST(why_not("Old").ends_with("it is of the first format, which has no rules for later "
                                        "years"));
    BOOST_TEST(why_not("Leap").ends_with("it counts leap seconds, which the system's clock does not"
    ));
    BOOST_TEST(why_not("Europe/Berlin") == "unknown time zone 'Europe/Berlin'");
    BOOST_TEST(zone::known() == std::vector<std::string>({"Leap", "Old", "UTC"}));
}

BOOST_AUTO_TEST_CASE(names_do_not_leave_the_folder) {
    zone_files files;
    std::filesystem::create_directory(files.path() + "/Folder");
    std::filesystem::create_symlink("nowhere", files.path() + "/Lost");
    for (const std::string& name :
         {system_files + "Europe/Berlin",
          std::string{"../zoneinfo/Europe/Berlin"},
          std::string{"Fixed/UTC+01:00:00"},
          std::string{"libc:localtime"},
          std::string{"Folder"},
          std::string{"Lost"},
          std::string{"a\0b", 3},
          std::string(5000, 'x'),
          std::string{}})
        BOOST_TEST(why_not(name).starts_with("unknown time zone '"));
}

BOOST_AUTO_TEST_CASE(without_any_files_utc_is_there) {
    {
        const zone_files files;
        ::setenv("TZDIR", (files.path() + "/none").c_str(), 1);
        BOOST_TEST(
            why_not("Europe/Berlin") ==
            "time zone 'Europe/Berlin' cannot be read: there is no folder " + files.path() + "/none"
        );
        BOOST_TEST(zone::find("UTC").has_value());
        BOOST_TEST(zone::known() == std::vector<std::string>{"UTC"});
    }
    BOOST_TEST(zone::find("Europe/Berlin").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
