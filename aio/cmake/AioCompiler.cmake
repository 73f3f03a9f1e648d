# Refuses a compiler that miscompiles coroutines. Debian's g++ 12.2 frees aggregate temporaries,
# capturing lambdas and class-typed conditionals twice when they stand beside a co_await: the
# program compiles silently and corrupts memory when it runs. So a small program is compiled, run
# and checked.

if(NOT DEFINED AIO_COMPILER_PROBED OR NOT AIO_COMPILER_PROBED STREQUAL CMAKE_CXX_COMPILER)
    try_run(
        aio_probe_ran aio_probe_built "${CMAKE_BINARY_DIR}/compiler_probe"
        "${CMAKE_CURRENT_LIST_DIR}/compiler_probe.cpp"
        CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
        COMPILE_OUTPUT_VARIABLE aio_probe_output
    )
    if(NOT aio_probe_built OR NOT aio_probe_ran EQUAL 0)
        message(
            FATAL_ERROR
                "${CMAKE_CXX_COMPILER} (${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}) "
                "does not compile C++20 coroutines correctly: temporaries in a co_await expression "
                "are destroyed twice, as Debian's g++ 12.2 is known to do. "
                "Use clang 19 (scripts/setup installs it; -DCMAKE_CXX_COMPILER=clang++-19) "
                "or g++ 14 or later.\n${aio_probe_output}"
        )
    endif()
    set(AIO_COMPILER_PROBED "${CMAKE_CXX_COMPILER}" CACHE INTERNAL "the compiler that passed")
endif()
