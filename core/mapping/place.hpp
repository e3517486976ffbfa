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
        place.set_tail(pointer);
        return place;
    }
    /// ARRAY/INDEX TAIL, of which both texts outlive it.
    static Place in_element(const std::string& array, std::size_t index, std::string_view tail) {
        Place place;
        place.array_ = &array;
        place.index_ = static_cast<std::uint32_t>(index);
        place.set_tail(tail);
        return place;
    }

    std::string text() const {
        if (own_) return *own_;
        std::string pointer;
        if (array_ != nullptr) pointer = *array_ + '/' + std::to_string(index_);
        return pointer.append(std::string_view(tail_, tail_size_));
    }
    operator std::string() const { return text(); }  // NOLINT(google-explicit-constructor)
    bool empty() const { return !own_ && array_ == nullptr && tail_size_ == 0; }
    friend bool operator==(const Place& left, std::string_view right) { return left.text() == right; }

private:
    void set_tail(std::string_view tail) {
        tail_ = tail.data();
        tail_size_ = static_cast<std::uint32_t>(tail.size());
    }

    const std::string* array_ = nullptr;  ///< null: not an element's
    const char* tail_ = "";
    std::uint32_t index_ = 0, tail_size_ = 0;
    std::shared_ptr<const std::string> own_;
};

}  // namespace sluice::mapping
