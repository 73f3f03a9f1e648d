# How everything in this tree is compiled: language, warnings, sanitizers, tools found on the way.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()
set(AIO_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
option(AIO_COVERAGE "Count which lines run (scripts/coverage)" OFF)
option(AIO_FUZZ "Build fuzz targets for libFuzzer (scripts/fuzz)" OFF)
option(AIO_PCH "Precompile what every file of the library includes" ON)

# -g1: line numbers in every stack the watchdog prints, at a fraction of the size of -g.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

# The build tree mirrors the install tree.
include(GNUInstallDirs)
set(CMAKE_INSTALL_LIBDIR lib)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(AIO_MODULE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/aio/modules")
set(AIO_MODULE_INSTALL_DIRECTORY "${CMAKE_INSTALL_LIBDIR}/aio/modules")
# No built file contains the path of its build folder, so both trees can be moved.
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

include(AioCompiler)
cmake_path(GET CMAKE_CXX_COMPILER FILENAME AIO_CXX_COMPILER)

find_program(AIO_CCACHE ccache)
if(AIO_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_NOHASHDIR=1 "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" ${AIO_CCACHE}
    )
endif()
find_program(AIO_LLD ld.lld-19)

add_library(aio_options INTERFACE)
target_compile_options(
    aio_options
    INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
              "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/="
              $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>
)
target_include_directories(aio_options INTERFACE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/include")
if(AIO_LLD)
    add_link_options("-fuse-ld=${AIO_LLD}")
endif()

# Modules have to be built with these too, so the CMake package hands them on.
set(AIO_SANITIZE_FLAGS "")
if(AIO_SANITIZE)
    set(AIO_SANITIZE_FLAGS -fsanitize=${AIO_SANITIZE} -fno-omit-frame-pointer)
    if(AIO_SANITIZE MATCHES undefined)
        list(APPEND AIO_SANITIZE_FLAGS -fno-sanitize-recover=undefined -fno-sanitize=vptr,function)
    endif()
    add_compile_options(${AIO_SANITIZE_FLAGS})
    add_link_options(-fsanitize=${AIO_SANITIZE})
endif()
if(AIO_COVERAGE)
    add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()
if(AIO_FUZZ)
    add_compile_options(-O1 -fsanitize=fuzzer-no-link)
endif()

set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json unit_test_framework)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(absl CONFIG REQUIRED)

# Asio is compiled once, into the library; targets that link it need the same flags.
set(AIO_ASIO_DEFINITIONS BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_DYN_LINK)
if(AIO_SANITIZE)
    list(APPEND AIO_ASIO_DEFINITIONS BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
endif()
add_library(aio_asio INTERFACE)
target_compile_definitions(aio_asio INTERFACE ${AIO_ASIO_DEFINITIONS})
target_link_libraries(aio_asio INTERFACE Boost::headers Threads::Threads)

include(AioModule)
