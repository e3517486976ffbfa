#pragma once
// Whether two JSON documents have the same shape: the same keys, the same types, and lists of the same kind of
// elements.

#include <boost/json.hpp>
#include <string>

namespace sluice::wire {

// "" when they match, else where and how they differ. Values of scalars are not compared, but an empty list is not a
// filled one, an integer is no float, and false stands for an empty field only where both have it.
std::string shape_difference(const boost::json::value& recorded, const boost::json::value& answered,
                             const std::string& path = "$");

}  // namespace sluice::wire
