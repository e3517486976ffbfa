#include "host/plugins/elf_file.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <cstring>
#include <fstream>
#include <vector>

namespace sluice::host {
namespace {

template <class T>
bool read_at(std::ifstream& file, std::uint64_t offset, T* into, std::size_t count) {
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(reinterpret_cast<char*>(into), static_cast<std::streamsize>(sizeof(T) * count));
    return file.good();
}

}  // namespace

std::string elf_file_problem(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) return "it cannot be read";

    ElfW(Ehdr) header{};
    if (!read_at(file, 0, &header, 1) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return "it is no shared library (no ELF header)";
    constexpr unsigned char own_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
    if (header.e_ident[EI_CLASS] != own_class || header.e_type != ET_DYN || header.e_phentsize != sizeof(ElfW(Phdr))) {
        return "it is no shared library for this machine";
    }
    std::vector<ElfW(Phdr)> segments(header.e_phnum);
    const bool whole_table = header.e_phnum == 0 || read_at(file, header.e_phoff, segments.data(), segments.size());
    if (!whole_table) return "it ends within its headers: is it still being copied?";
    for (const auto& segment : segments) {
        const bool within = segment.p_offset <= size && segment.p_filesz <= size - segment.p_offset;
        if (segment.p_type == PT_LOAD && !within) {
            return "it has " + std::to_string(size) +
                   " bytes and ends within its code or data: is it still being copied?";
        }
    }
    // The section headers stand at a file's end, behind all that is mapped.
    const std::uint64_t sections_end = header.e_shoff + std::uint64_t{header.e_shnum} * header.e_shentsize;
    if (header.e_shoff > size || sections_end > size) {
        return "it has " + std::to_string(size) +
               " bytes and ends before its section headers: is it still being copied?";
    }
    return {};
}

bool is_function(const void* address) {
    Dl_info info{};
    void* entry = nullptr;
    if (dladdr1(address, &info, &entry, RTLD_DL_SYMENT) == 0) return false;
    const auto* symbol = static_cast<const ElfW(Sym)*>(entry);
    return symbol != nullptr && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC;
}

}  // namespace sluice::host
