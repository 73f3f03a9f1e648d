// CMake precompiles a header for a target with a source.
