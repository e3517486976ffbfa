add_library(sluice_warnings INTERFACE)
target_compile_options(sluice_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wimplicit-fallthrough -Wno-missing-field-initializers)
option(SLUICE_WERROR "Treat warnings as errors" ON)
if(SLUICE_WERROR)
  target_compile_options(sluice_warnings INTERFACE -Werror)
endif()
# g++ 12 reports these from inside libstdc++ and Boost headers when optimising or sanitizing, without a defect behind them
# (GCC bug 105329 and its kin).
target_compile_options(sluice_warnings INTERFACE
  -Wno-maybe-uninitialized -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-tsan)
