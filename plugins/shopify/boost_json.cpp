// Boost.JSON, compiled into the plugin: it needs no library of the host's.
#include <boost/json/src.hpp>
