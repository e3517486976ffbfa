#include "tests/simulation/disk.hpp"

#include <algorithm>

namespace sluice::simulation {

Disk::Disk(Image image) {
    for (auto& [name, bytes] : image) {
        auto file = std::make_shared<File>();
        file->durable_size = bytes.size();
        file->bytes = std::move(bytes);
        file->synced_once = true;
        names_[name] = file;
    }
    durable_names_ = names_;
}

void Disk::arm(Trouble trouble, int operations) {
    armed_ = trouble;
    operations_until_ = operations;
    struck_ = false;
}

bool Disk::disarm() {
    armed_.reset();
    return std::exchange(struck_, false);
}

std::optional<Disk::Answer> Disk::strike(bool changes, bool is_write) {
    if (dead_) return Answer::io_error;
    if (!armed_ || (*armed_ == Trouble::full && !is_write) || (*armed_ == Trouble::death && !changes)) {
        return std::nullopt;
    }
    if (operations_until_-- > 0) return std::nullopt;
    struck_ = true;
    const auto trouble = *armed_;
    armed_.reset();
    dead_ = trouble == Trouble::death;
    return trouble == Trouble::full ? Answer::full : Answer::io_error;
}

std::shared_ptr<Disk::File> Disk::open(const std::string& name, bool create, bool durable_name) {
    if (name.empty()) return std::make_shared<File>();  // a temporary one, without a name
    if (const auto found = names_.find(name); found != names_.end()) return found->second;
    if (!create || dead_) return nullptr;
    auto file = std::make_shared<File>();
    names_[name] = file;
    if (durable_name) durable_names_[name] = file;
    return file;
}

Disk::Answer Disk::remove(const std::string& name, bool sync_folder) {
    if (const auto trouble = strike(true, false)) return *trouble;
    names_.erase(name);
    if (sync_folder) durable_names_ = names_;
    return Answer::ok;
}

Disk::Answer Disk::write(File& file, std::size_t offset, std::string_view bytes) {
    if (const auto trouble = strike(true, true)) return *trouble;
    const auto end = offset + bytes.size();
    if (limit_bytes_ && end > file.bytes.size() && this->bytes() + (end - file.bytes.size()) > *limit_bytes_) {
        return Answer::full;
    }
    ++writes_;
    const auto first = offset / sector_bytes, last = (end + sector_bytes - 1) / sector_bytes;
    if (file.written_in.size() < last) file.written_in.resize(last);
    for (auto sector = first; sector < last; ++sector) {
        if (file.written_in[sector] == file.epoch) continue;
        file.written_in[sector] = file.epoch;
        const auto at = sector * sector_bytes;
        std::optional<std::string> before;
        if (at < file.durable_size) before = file.bytes.substr(at, std::min(sector_bytes, file.durable_size - at));
        file.dirty.push_back({.sector = sector, .before = std::move(before)});
    }
    if (offset == file.bytes.size()) {
        file.bytes.append(bytes);
    } else {
        if (file.bytes.size() < end) file.bytes.resize(end);
        std::ranges::copy(bytes, file.bytes.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    return Answer::ok;
}

Disk::Answer Disk::read(const File& file, std::size_t offset, std::size_t size, std::string_view& bytes) {
    if (const auto trouble = strike(false, false)) return *trouble;
    bytes = offset < file.bytes.size() ? std::string_view(file.bytes).substr(offset, size) : std::string_view();
    return Answer::ok;
}

Disk::Answer Disk::truncate(File& file, std::size_t size) {
    if (const auto trouble = strike(true, false)) return *trouble;
    file.bytes.resize(std::min(size, file.bytes.size()));
    file.durable_size = std::min(size, file.durable_size);
    std::erase_if(file.dirty, [&](const auto& dirty) { return dirty.sector * sector_bytes >= size; });
    if (file.written_in.size() * sector_bytes > size) file.written_in.resize((size + sector_bytes - 1) / sector_bytes);
    return Answer::ok;
}

void Disk::forget_dirt(File& file) {
    file.dirty.clear();
    file.durable_size = file.bytes.size();
    ++file.epoch;
}

Disk::Answer Disk::sync(File& file) {
    if (const auto trouble = strike(true, false)) return *trouble;
    ++syncs_;
    forget_dirt(file);
    if (!file.synced_once) durable_names_ = names_;
    file.synced_once = true;
    return Answer::ok;
}

void Disk::lose_power(File& file, Dice& dice) {
    // From all to nothing: a disk that was busy, and one that had just written everything.
    const int kept_per_mille = dice.count(0, 4) * 250;
    const auto size = file.bytes.size();
    for (const auto& dirty : file.dirty) {
        if (dice.chance(kept_per_mille)) continue;
        ++lost_sectors_;
        const auto at = dirty.sector * sector_bytes;
        if (dirty.before) {
            file.bytes.replace(at, dirty.before->size(), *dirty.before);
            continue;  // a sector of which only a part is older than the sync keeps its new end, as garbage would be
        }
        const auto end = std::min(at + sector_bytes, size);
        const char filler = static_cast<char>(dice.chance(500) ? 0 : dice.between(1, 255));
        for (auto i = at; i < end; ++i) file.bytes[i] = filler;
    }
    if (size > file.durable_size && dice.chance(500)) {
        file.bytes.resize(static_cast<std::size_t>(
            dice.between(static_cast<std::int64_t>(file.durable_size), static_cast<std::int64_t>(size))));
    }
    file.written_in.clear();
    forget_dirt(file);
}

void Disk::lose_names(Dice& dice) {
    auto all = durable_names_;
    all.insert(names_.begin(), names_.end());
    for (const auto& [name, file] : all) {
        const auto now = names_.find(name);
        const auto durable = durable_names_.find(name);
        const bool differ = now == names_.end() || durable == durable_names_.end() || now->second != durable->second;
        if (!differ || dice.chance(500)) continue;
        if (durable == durable_names_.end()) {
            names_.erase(now);
        } else {
            names_[name] = durable->second;
        }
    }
    durable_names_ = names_;
}

void Disk::crash(Loss loss, Dice& dice) {
    if (loss == Loss::power) {
        lose_names(dice);
        for (auto& [name, file] : names_) lose_power(*file, dice);
    }
    armed_.reset();
    struck_ = dead_ = false;
    ++generation_;
}

Disk::Image Disk::image() const {
    Image image;
    for (const auto& [name, file] : names_) image[name] = file->bytes;
    return image;
}

std::size_t Disk::bytes() const {
    std::size_t bytes = 0;
    for (const auto& [name, file] : names_) bytes += file->bytes.size();
    return bytes;
}

}  // namespace sluice::simulation
