// The one place where Asio is compiled.

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
