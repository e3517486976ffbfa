# sluice_add_plugin(NAME VERSION 0.1.0 CONTRACT file.toml SOURCES a.cpp ...)
#
# Builds NAME.so as a plugin: the contract is embedded, only `sluice_plugin_v0` is exported (a version script: hidden visibility
# alone leaks weak std symbols), libstdc++ is inside, and an unresolved symbol fails the link. SLUICE_PLUGIN_OUTPUT_DIRECTORY, where set,
# is the folder it lands in.
function(sluice_add_plugin name)
  cmake_parse_arguments(PLUGIN "" "VERSION;CONTRACT" "SOURCES" ${ARGN})
  foreach(required VERSION CONTRACT SOURCES)
    if(NOT PLUGIN_${required})
      message(FATAL_ERROR "sluice_add_plugin(${name}): ${required} is missing; "
        "right would be sluice_add_plugin(${name} VERSION 0.1.0 CONTRACT ${name}.contract.toml SOURCES ${name}.cpp)")
    endif()
  endforeach()
  if(PLUGIN_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sluice_add_plugin(${name}): unknown arguments: ${PLUGIN_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(contract ${PLUGIN_CONTRACT} ABSOLUTE)
  if(NOT EXISTS ${contract})
    message(FATAL_ERROR "sluice_add_plugin(${name}): there is no contract ${contract}")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${contract})
  file(READ ${contract} contract_text)
  string(FIND "${contract_text}" ")SLUICECONTRACT\"" delimiter)
  if(NOT delimiter EQUAL -1)
    message(FATAL_ERROR "sluice_add_plugin(${name}): ${contract} contains )SLUICECONTRACT\", which ends the embedded text")
  endif()

  # The contract is a constant and not the macro itself: g++ takes no raw string over several lines in a #define.
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${name}_plugin)
  file(MAKE_DIRECTORY ${generated})
  file(CONFIGURE OUTPUT ${generated}/sluice_plugin_info.hpp @ONLY CONTENT [=[
#pragma once
#define SLUICE_PLUGIN_NAME "@name@"
#define SLUICE_PLUGIN_VERSION "@PLUGIN_VERSION@"
#define SLUICE_PLUGIN_CONTRACT sluice_plugin_contract
inline constexpr char sluice_plugin_contract[] = R"SLUICECONTRACT(@contract_text@)SLUICECONTRACT";
]=])
  file(CONFIGURE OUTPUT ${generated}/exports.map @ONLY CONTENT "{ global: sluice_plugin_v0; local: *; };\n")

  add_library(${name} MODULE ${PLUGIN_SOURCES})
  target_include_directories(${name} PRIVATE ${generated})
  target_link_libraries(${name} PRIVATE Sluice::PluginApi)
  if(TARGET sluice_warnings)
    target_link_libraries(${name} PRIVATE sluice_warnings)
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${generated}/exports.map)
  if(DEFINED SLUICE_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${SLUICE_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  target_link_options(${name} PRIVATE -Wl,--version-script=${generated}/exports.map)
  if(NOT SLUICE_SANITIZE)  # sanitizers need the host's runtime
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc -Wl,-z,defs)
  endif()
endfunction()
