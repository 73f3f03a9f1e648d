#pragma once

// The visibility of a public name. Library and modules are compiled with hidden visibility:
// whatever is defined out of line and used by a module, a test or the command carries AIO_API.
#define AIO_API __attribute__((visibility("default")))
