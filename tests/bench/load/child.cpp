#include "child.hpp"

#include "socket.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace bench {

namespace {

pid_t spawn(const std::vector<std::string>& command) {
    if (command.empty()) {
        throw std::invalid_argument("a command is needed: -- COMMAND...");
    }
    std::vector<char*> words;
    for (const auto& word : command) {
        words.push_back(const_cast<char*>(word.c_str()));
    }
    words.push_back(nullptr);
    const pid_t pid = fork();
    if (pid < 0) {
        fail("fork");
    }
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execvp(words[0], words.data());
        _exit(127);
    }
    return pid;
}

} // namespace

child::child(const std::vector<std::string>& command) : started_(now()), pid_(spawn(command)) {}

child::~child() {
    if (!ended()) {
        signal(SIGKILL);
        wait(10);
    }
}

bool child::ended() {
    if (!ended_) {
        const pid_t changed = waitpid(pid_, &raw_status_, WNOHANG);
        ended_ = changed == pid_ || (changed < 0 && errno == ECHILD);
    }
    return ended_;
}

bool child::wait(double secs) {
    const nanoseconds until = now() + from_seconds(secs);
    while (!ended() && now() < until) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    return ended();
}

int child::status() const {
    return WIFSIGNALED(raw_status_) ? 128 + WTERMSIG(raw_status_) : WEXITSTATUS(raw_status_);
}

void child::signal(int number) const {
    kill(pid_, number);
}

} // namespace bench
