#pragma once
// A place in a document, as a JSON Pointer that is put together when somebody asks for it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::mapping {

/// Every field of every record has one, and almost none is ever read. One that a mapping made borrows from the flow's
/// rules: it is good while that contract::Flow lives.
class Place {
public:
    Place() = default;
    Place(std::string pointer)  // NOLINT(google-explicit-constructor): it is one
        : own_(pointer.empty() ? nullptr : std::make_shared<const std::string>(std::move(pointer))) {}
    Place(const char* pointer) : Place(std::string(pointer)) {}  // NOLINT(google-explicit-constructor)
    /// A pointer that outlives it.
    static Place borrowed(std::string_view pointer) {
        Place place;
        place.tail_ = pointer;
        return place;
    }
    /// ARRAY/INDEX TAIL, of which both texts outlive it.
    static Place in_element(std::string_view array, std::size_t index, std::string_view tail) {
        Place place;
        place.array_ = array;
        place.index_ = index;
        place.is_element_ = true;
        place.tail_ = tail;
        return place;
    }

    std::string text() const {
        if (own_) return *own_;
        std::string pointer(array_);
        if (is_element_) pointer += '/' + std::to_string(index_);
        return pointer.append(tail_);
    }
    operator std::string() const { return text(); }  // NOLINT(google-explicit-constructor)
    bool empty() const { return !own_ && !is_element_ && tail_.empty(); }
    friend bool operator==(const Place& left, std::string_view right) { return left.text() == right; }

private:
    std::string_view array_, tail_;
    std::size_t index_ = 0;
    bool is_element_ = false;
    std::shared_ptr<const std::string> own_;
};

}  // namespace sluice::mapping
