// Says what this parser makes of some INI files, one JSON request a line, one answer a line: the
// protocol that lets it be compared with Python's configparser.
#include "ini_model.hpp"

#include <boost/json.hpp>

#include <iostream>
#include <string>

int main() {
    std::ios::sync_with_stdio(false);
    std::string line;
    while (std::getline(std::cin, line)) {
        boost::system::error_code error;
        const boost::json::value request = boost::json::parse(line, error);
        if (error) {
            std::cerr << "ini_driver: " << error.message() << '\n';
            return 2;
        }
        std::cout << aio::tests::answer(request.as_object()) << '\n' << std::flush;
    }
}
