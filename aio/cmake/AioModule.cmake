# aio_add_module(NAME SOURCES file... [CONF file] [TESTS file...] [LINKS target...] [STATIC])
#
# Builds the module NAME (dotted: my.example) into the folder that aio looks for:
#
#     <modules>/my/example/example.so         from SOURCES, one of which says AIO_MODULE(my.example)
#     <modules>/my/example/aio.conf           CONF: its defaults
#     <modules>/my/example/example.test.so    from TESTS, and SOURCES once more: tests may call any
#                                             function of the module, not only what it registers
#
# <modules> is ${AIO_MODULE_OUTPUT_DIRECTORY}, by default modules/ of the build tree: run it with
# `aio -o aio:module_path=build/modules run`. `cmake --install` copies the folder to
# ${AIO_MODULE_INSTALL_DIRECTORY}, by default lib/aio/modules; OFF: it is not installed. TESTS become
# a test of ctest.
#
# SOURCES are compiled once. The target is module_my_example, its objects module_my_example_objects.
# STATIC (inside aio only): linked into the library, listed in modules/builtin.cpp.

set(AIO_MODULE_SUPPORT_DIRECTORY "${CMAKE_CURRENT_LIST_DIR}")

function(aio_add_module name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "STATIC" "CONF" "SOURCES;TESTS;LINKS")
    if(NOT name MATCHES "^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*$")
        message(FATAL_ERROR "aio_add_module: '${name}' is not a dotted name like my.example")
    endif()
    if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
        message(FATAL_ERROR "aio_add_module(${name} SOURCES file... [CONF file] [TESTS file...] "
                            "[LINKS target...]): cannot use '${arg_UNPARSED_ARGUMENTS}'")
    endif()
    foreach(file ${arg_CONF} ${arg_TESTS})
        if(NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${file}" AND NOT EXISTS "${file}")
            message(FATAL_ERROR "aio_add_module(${name}): there is no file ${file} in "
                                "${CMAKE_CURRENT_SOURCE_DIR}")
        endif()
    endforeach()
    if(NOT TARGET aio_options) # outside of aio
        aio_check_sanitizers(${name})
    endif()
    string(REPLACE "." "/" folder "${name}")
    string(REGEX REPLACE ".*\\." "" word "${name}")
    string(REPLACE "." "_" target "module_${name}")
    if(NOT AIO_MODULE_OUTPUT_DIRECTORY)
        set(AIO_MODULE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/modules")
    endif()
    if(NOT DEFINED AIO_MODULE_INSTALL_DIRECTORY)
        set(AIO_MODULE_INSTALL_DIRECTORY lib/aio/modules)
    endif()
    set(output "${AIO_MODULE_OUTPUT_DIRECTORY}/${folder}")
    set(destination "${AIO_MODULE_INSTALL_DIRECTORY}/${folder}")

    add_library(${target}_objects OBJECT ${arg_SOURCES})
    target_link_libraries(${target}_objects PUBLIC ${arg_LINKS})
    aio_module_flags(${target}_objects ${arg_STATIC})

    if(arg_CONF)
        cmake_path(ABSOLUTE_PATH arg_CONF OUTPUT_VARIABLE conf)
        add_custom_command(
            OUTPUT "${output}/aio.conf"
            COMMAND ${CMAKE_COMMAND} -E make_directory "${output}"
            COMMAND ${CMAKE_COMMAND} -E copy "${conf}" "${output}/aio.conf"
            DEPENDS "${conf}"
            COMMENT "Copying the defaults of ${name}"
        )
        add_custom_target(${target}_conf ALL DEPENDS "${output}/aio.conf")
        if(AIO_MODULE_INSTALL_DIRECTORY)
            install(FILES "${conf}" DESTINATION "${destination}" RENAME aio.conf)
        endif()
    endif()

    if(arg_STATIC)
        set_property(GLOBAL APPEND PROPERTY AIO_STATIC_MODULES ${target}_objects)
        if(arg_CONF)
            aio_module_embed(${name} ${target}_objects "${conf}")
        endif()
    else()
        aio_module_library(${target} ${word}.so "${output}")
        target_link_libraries(${target} PRIVATE ${target}_objects)
        if(AIO_MODULE_INSTALL_DIRECTORY)
            install(TARGETS ${target} DESTINATION "${destination}")
        endif()
        if(arg_CONF)
            add_dependencies(${target} ${target}_conf)
        endif()
    endif()

    if(arg_TESTS AND (BUILD_TESTING OR NOT DEFINED BUILD_TESTING))
        aio_module_tests(${name} ${target} ${word} "${output}" "${destination}" ${arg_TESTS})
    endif()
endfunction()

# A module needs the sanitizers of its aio, which aio_module_flags adds. Others would cause
# a hundred undefined symbols, or aio would refuse to load the module.
function(aio_check_sanitizers name)
    string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
    get_directory_property(options COMPILE_OPTIONS)
    string(REGEX MATCHALL "-fsanitize=[a-z,]+" asked
                 "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}} ${options}")
    foreach(one ${asked})
        string(FIND "${AIO_SANITIZE_FLAGS}" "${one}" at)
        if(at EQUAL -1)
            set(own "${AIO_SANITIZE_FLAGS}")
            list(FILTER own INCLUDE REGEX "^-fsanitize=")
            if(own)
                set(has "with ${own}")
            else()
                set(has "without sanitizers")
            endif()
            message(FATAL_ERROR "aio_add_module(${name}): ${one} is asked for, but this aio was built "
                                "${has}, and modules need the same. Leave it out, or use an aio "
                                "that was built with it (scripts/build debug).")
        endif()
    endforeach()
endfunction()

# How the files of a module are compiled: with hidden visibility, so that two modules may have
# classes of the same name; and with the sanitizers of their aio.
function(aio_module_flags target static)
    if(static) # part of aio::aio, so it cannot depend on it
        target_link_libraries(${target} PUBLIC aio_asio fmt::fmt)
    else()
        target_link_libraries(${target} PUBLIC aio::aio)
    endif()
    if(TARGET aio_options)
        target_link_libraries(${target} PRIVATE aio_options)
    else()
        target_compile_options(${target} PRIVATE -Wall -Wextra ${AIO_SANITIZE_FLAGS})
    endif()
    set_target_properties(
        ${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                             POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF
    )
endfunction()

# The text of aio.conf as a string in the library, so that aio needs no file to start.
function(aio_module_embed name target conf)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${conf}")
    file(READ "${conf}" text)
    cmake_path(RELATIVE_PATH conf BASE_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set(generated "${CMAKE_CURRENT_BINARY_DIR}/${target}_conf.cpp")
    configure_file("${AIO_MODULE_SUPPORT_DIRECTORY}/module_conf.cpp.in" "${generated}" @ONLY)
    target_sources(${target} PRIVATE "${generated}")
endfunction()

# A library that aio loads: it has the version section and no undefined symbols.
function(aio_module_library target file output)
    add_library(${target} MODULE "${AIO_MODULE_SUPPORT_DIRECTORY}/module_abi.cpp")
    aio_module_flags(${target} OFF)
    cmake_path(GET file STEM LAST_ONLY stem)
    if(TARGET aio_options) # a part of aio: what it needs is there, or in the folders of the system
        set_target_properties(
            ${target} PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH_USE_LINK_PATH ON
        )
    endif()
    set_target_properties(
        ${target} PROPERTIES OUTPUT_NAME "${stem}" PREFIX "" SUFFIX ".so"
                             LIBRARY_OUTPUT_DIRECTORY "${output}"
    )
    if(AIO_SANITIZE_FLAGS)
        target_link_options(${target} PRIVATE ${AIO_SANITIZE_FLAGS})
    else()
        target_link_options(${target} PRIVATE -Wl,-z,defs)
    endif()
endfunction()

function(aio_module_tests name target word output destination)
    if(NOT TARGET Boost::unit_test_framework)
        find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS unit_test_framework)
    endif()
    aio_module_library(${target}_tests ${word}.test.so "${output}")
    target_sources(${target}_tests PRIVATE ${ARGN} "${AIO_MODULE_SUPPORT_DIRECTORY}/module_tests.cpp")
    target_compile_definitions(${target}_tests PRIVATE BOOST_TEST_DYN_LINK BOOST_TEST_NO_MAIN)
    target_link_libraries(${target}_tests PRIVATE ${target}_objects Boost::unit_test_framework)
    if(AIO_MODULE_INSTALL_DIRECTORY)
        install(TARGETS ${target}_tests DESTINATION "${destination}" OPTIONAL)
    endif()
    if(TARGET aio::command)
        add_test(NAME ${name} COMMAND aio::command -o
                                      "aio:module_path=${AIO_MODULE_OUTPUT_DIRECTORY}" test ${name})
        set_tests_properties(${name} PROPERTIES TIMEOUT 300)
    endif()
endfunction()
