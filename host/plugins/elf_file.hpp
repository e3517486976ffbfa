#pragma once
// Looks at a shared library's file before the loader maps it: a half-copied one would kill the process by SIGBUS.

#include <filesystem>
#include <string>

namespace sluice::host {

/// What makes this file unfit to be loaded ("it ends within its code ..."); "" where nothing does. Reads the ELF header
/// and the program headers, and asks whether the file is long enough for what they name (elf(5)).
std::string elf_file_problem(const std::filesystem::path& file);

/// True where the address a symbol resolved to is a function's, not a variable's (dladdr1(3)).
bool is_function(const void* address);

}  // namespace sluice::host
