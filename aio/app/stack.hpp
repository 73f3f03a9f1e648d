#pragma once

// The stack of another thread of this process, for the report about a blocked loop.

#include <aio/base/api.hpp>

#include <pthread.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

namespace aio::app {

/// For use by one thread.
class AIO_API stack_reader {
  public:
    stack_reader();
    stack_reader(const stack_reader&) = delete;
    stack_reader& operator=(const stack_reader&) = delete;
    ~stack_reader();

    /// Interrupts the thread with a real-time signal whose handler records return addresses, and
    /// renders them (stack_text.hpp). Empty when the thread has not answered within 100 ms.
    std::string stack_of(pthread_t thread);

  private:
    struct request;
    static void record(int, siginfo_t* info, void*);

    std::vector<std::unique_ptr<request>> late_; ///< requests whose threads may still answer
};

} // namespace aio::app
