# cmake --install: a prefix that works wherever it is moved to.
include(CMakePackageConfigHelpers)

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/aio")

install(TARGETS aioapp EXPORT aioTargets DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(TARGET aio_command)
    set_target_properties(
        aio_command PROPERTIES EXPORT_NAME command INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}"
    )
    install(TARGETS aio_command EXPORT aioTargets DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(EXPORT aioTargets NAMESPACE aio:: DESTINATION "${package}")

install(
    DIRECTORY "${PROJECT_SOURCE_DIR}/aio" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.hpp" PATTERN cli EXCLUDE PATTERN cmake EXCLUDE
)

set(AIO_BOOST_VERSION "${Boost_VERSION}")
cmake_path(GET CMAKE_CXX_COMPILER FILENAME AIO_CXX_COMPILER)
set(AIO_MODULES "${AIO_MODULE_INSTALL_DIRECTORY}")
configure_package_config_file(
    "${CMAKE_CURRENT_LIST_DIR}/aioConfig.cmake.in" "${CMAKE_BINARY_DIR}/package/aioConfig.cmake"
    INSTALL_DESTINATION "${package}" PATH_VARS AIO_MODULES
)
write_basic_package_version_file(
    "${CMAKE_BINARY_DIR}/package/aioConfigVersion.cmake" COMPATIBILITY SameMinorVersion
)
install(
    FILES "${CMAKE_BINARY_DIR}/package/aioConfig.cmake"
          "${CMAKE_BINARY_DIR}/package/aioConfigVersion.cmake"
          "${CMAKE_CURRENT_LIST_DIR}/AioCompiler.cmake"
          "${CMAKE_CURRENT_LIST_DIR}/AioModule.cmake"
          "${CMAKE_CURRENT_LIST_DIR}/compiler_probe.cpp"
          "${CMAKE_CURRENT_LIST_DIR}/module_abi.cpp"
          "${CMAKE_CURRENT_LIST_DIR}/module_tests.cpp"
    DESTINATION "${package}"
)

install(FILES "${PROJECT_SOURCE_DIR}/aio/cli/aio.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(
    FILES "${PROJECT_SOURCE_DIR}/aio/cli/completion.bash"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME aio
)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/etc" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
