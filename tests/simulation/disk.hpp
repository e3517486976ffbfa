#pragma once
// A disk in memory that can lose what was not synced.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/dice.hpp"

namespace sluice::simulation {

/// Files as a local file system keeps them. One thread.
///
/// A write is at once what every reader sees, and durable from the next sync of its file on. Until then a power loss
/// may undo it, sector by sector, in any order: a sector is as it was at the last sync, or as it is now. Sectors that a
/// file grew by come back as they are, as zeros, as garbage, or not at all. A name that was made or removed is durable
/// from the next sync of any file in the folder on (a file's first sync syncs its folder, as SQLite does). Cutting a
/// file short is durable at once.
class Disk {
public:
    static constexpr std::size_t sector_bytes = 512;

    enum class Trouble : std::uint8_t {
        io_error,  ///< one operation fails
        full,      ///< one write fails
        death,     ///< one write or sync is not carried out, and none after it, until crash()
    };
    enum class Answer : std::uint8_t { ok, io_error, full };
    enum class Loss : std::uint8_t {
        process,  ///< the operating system keeps what was written
        power,    ///< what was not synced may be lost
    };

    struct File {
        std::string bytes;                      ///< as it is now
        std::size_t durable_size = 0;           ///< of the last sync
        std::uint32_t epoch = 1;                ///< of writes: one more with every sync
        std::vector<std::uint32_t> written_in;  ///< per sector: the epoch of its last write
        struct Dirty {
            std::size_t sector;
            std::optional<std::string> before;  ///< as of the last sync, where it was there then
        };
        std::vector<Dirty> dirty;
        bool synced_once = false;
    };
    using Image = std::map<std::string, std::string>;

    explicit Disk(Image image = {});

    // ---- troubles
    /// After `operations` more of its kind succeeded, this happens; it replaces what was armed before.
    void arm(Trouble trouble, int operations);
    /// True where what was armed has struck meanwhile.
    bool disarm();
    /// No file grows while all together are larger; nothing: no bound.
    void limit_bytes(std::optional<std::size_t> bytes) { limit_bytes_ = bytes; }
    bool is_limited() const { return limit_bytes_.has_value(); }
    /// The end of everything that uses the disk now: it sees only errors from here on.
    void crash(Loss loss, Dice& dice);
    bool is_dead() const { return dead_; }
    /// One more with every crash: what was opened before belongs to the dead.
    int generation() const { return generation_; }

    // ---- what is there, and what happened
    Image image() const;
    std::size_t bytes() const;
    std::int64_t writes() const { return writes_; }
    std::int64_t syncs() const { return syncs_; }
    /// Sectors that power losses undid.
    std::int64_t lost_sectors() const { return lost_sectors_; }

    // ---- for the file system (disk_vfs.cpp)
    std::shared_ptr<File> open(const std::string& name, bool create, bool durable_name);
    bool exists(const std::string& name) const { return names_.contains(name); }
    /// 0 where there is no such file.
    std::size_t size(const std::string& name) const {
        const auto file = names_.find(name);
        return file == names_.end() ? 0 : file->second->bytes.size();
    }
    Answer remove(const std::string& name, bool sync_folder);
    Answer write(File& file, std::size_t offset, std::string_view bytes);
    /// The bytes there are; fewer than asked at the end of the file.
    Answer read(const File& file, std::size_t offset, std::size_t size, std::string_view& bytes);
    Answer truncate(File& file, std::size_t size);
    Answer sync(File& file);

private:
    std::optional<Answer> strike(bool changes, bool is_write);
    static void forget_dirt(File& file);
    void lose_names(Dice& dice);
    void lose_power(File& file, Dice& dice);

    std::map<std::string, std::shared_ptr<File>> names_, durable_names_;
    std::optional<Trouble> armed_;
    int operations_until_ = 0;
    bool struck_ = false, dead_ = false;
    int generation_ = 0;
    std::optional<std::size_t> limit_bytes_;
    std::int64_t writes_ = 0, syncs_ = 0, lost_sectors_ = 0;
};

}  // namespace sluice::simulation
