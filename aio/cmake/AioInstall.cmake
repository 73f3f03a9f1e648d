# cmake --install: makes a prefix that still works after it is moved. The build tree has the same
# shape, so find_package(aio) and the modules are found in the same way in both.
include(CMakePackageConfigHelpers)

# What is installed has the paths of the installed tree from the beginning (BUILD_WITH_INSTALL_RPATH):
# CMake fills up the paths of a build tree with a colon, by which the current folder is searched.
set(package "${CMAKE_INSTALL_LIBDIR}/cmake/aio")
set(built_package "${CMAKE_BINARY_DIR}/${package}")

install(TARGETS aioapp EXPORT aioTargets DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS aio_zones LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" NAMELINK_SKIP)
if(TARGET aio_program)
    set_target_properties(
        aio_program PROPERTIES EXPORT_NAME command BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH_USE_LINK_PATH ON
                               INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${CMAKE_INSTALL_RPATH}"
    )
    install(TARGETS aio_program EXPORT aioTargets DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(EXPORT aioTargets NAMESPACE aio:: DESTINATION "${package}")
export(EXPORT aioTargets NAMESPACE aio:: FILE "${built_package}/aioTargets.cmake")

set(AIO_BOOST_VERSION "${Boost_VERSION}")
set(AIO_MODULES "${AIO_MODULE_INSTALL_DIRECTORY}")
configure_package_config_file(
    "${CMAKE_CURRENT_LIST_DIR}/aioConfig.cmake.in" "${built_package}/aioConfig.cmake"
    INSTALL_DESTINATION "${package}" PATH_VARS AIO_MODULES
)
write_basic_package_version_file(
    "${built_package}/aioConfigVersion.cmake" COMPATIBILITY SameMinorVersion
)
set(package_files "${built_package}/aioConfig.cmake" "${built_package}/aioConfigVersion.cmake")
foreach(file AioCompiler.cmake AioModule.cmake compiler_probe.cpp module_abi.cpp module_tests.cpp)
    configure_file("${CMAKE_CURRENT_LIST_DIR}/${file}" "${built_package}/${file}" COPYONLY)
    list(APPEND package_files "${built_package}/${file}")
endforeach()
install(FILES ${package_files} DESTINATION "${package}")

install(
    DIRECTORY "${PROJECT_SOURCE_DIR}/aio" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.hpp" PATTERN cli EXCLUDE PATTERN cmake EXCLUDE
)
install(FILES "${CMAKE_BINARY_DIR}/include/aio/version.hpp" DESTINATION
              "${CMAKE_INSTALL_INCLUDEDIR}/aio")

install(FILES "${PROJECT_SOURCE_DIR}/aio/cli/aio.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(
    FILES "${PROJECT_SOURCE_DIR}/aio/cli/completion.bash"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME aio
)
# The pages keep their relative places, so that the links between them work.
foreach(page LICENSE README.md aio/README.md modules/README.md)
    cmake_path(GET page PARENT_PATH folder)
    install(FILES "${PROJECT_SOURCE_DIR}/${page}" DESTINATION "${CMAKE_INSTALL_DOCDIR}/${folder}")
endforeach()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/etc" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/modules/aio/examples"
        DESTINATION "${CMAKE_INSTALL_DOCDIR}/modules/aio"
)
