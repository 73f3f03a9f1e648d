#pragma once

// The visibility of a public name. Library and modules are compiled with hidden visibility:
// AIO_API marks each name that is defined out of line and used by a module, a test or the command.
#define AIO_API __attribute__((visibility("default")))
