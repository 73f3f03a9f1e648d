// Runs a fuzz target without libFuzzer: over every file of a folder, then over inputs made of them
// by a fixed seed. Finds what changed for the worse; finding new things is libFuzzer's work.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int rounds = 4000;
constexpr std::size_t longest = 4096;

std::vector<std::string> inputs(const std::filesystem::path& folder) {
    std::vector<std::string> all{""};
    if (!std::filesystem::is_directory(folder))
        return all;
    for (const auto& one : std::filesystem::directory_iterator(folder)) {
        std::ifstream from(one.path(), std::ios::binary);
        all.emplace_back(std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>());
    }
    return all;
}

void call(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

class mutator {
  public:
    explicit mutator(const std::vector<std::string>& from) : from_(&from) {}

    std::string next() {
        std::string made = pick();
        for (std::size_t i = 0, n = 1 + any(4); i < n; ++i)
            change(made);
        made.resize(std::min(made.size(), longest));
        return made;
    }

  private:
    std::size_t any(std::size_t below) { return below ? random_() % below : 0; }

    const std::string& pick() { return (*from_)[any(from_->size())]; }

    void change(std::string& made) {
        const std::size_t at = any(made.size() + 1);
        switch (any(4)) {
        case 0:
            made.insert(at, 1, static_cast<char>(random_()));
            break;
        case 1:
            made.erase(at, 1 + any(8));
            break;
        case 2:
            if (at < made.size())
                made[at] = static_cast<char>(random_());
            break;
        default: {
            const std::string& other = pick();
            const std::size_t from = any(other.size() + 1);
            made.insert(at, other, from, any(64));
        }
        }
    }

    const std::vector<std::string>* from_;
    std::mt19937 random_{20261121};
};

} // namespace

int main(int count, char** values) {
    const auto all = inputs(count > 1 ? values[1] : "");
    for (const std::string& one : all)
        call(one);
    mutator made(all);
    for (int i = 0; i < rounds; ++i)
        call(made.next());
    std::printf("%zu kept inputs and %d made of them: good\n", all.size() - 1, rounds);
}
