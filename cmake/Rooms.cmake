# A room is a folder with one subject and one static library. What it may include is what it links: the arrows of
# docs/architecture.md, enforced by the linker and by tests/house/arrows_test.

# sluice_room(NAME DEPS target...)  -> library sluice_NAME from every *.cpp of the current folder
function(sluice_room name)
  cmake_parse_arguments(ROOM "" "" "DEPS;PRIVATE_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/sqlite/*.cpp)
  if(sources)
    add_library(sluice_${name} STATIC ${sources})
    target_include_directories(sluice_${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(sluice_${name} PUBLIC ${ROOM_DEPS} PRIVATE sluice_warnings ${ROOM_PRIVATE_DEPS})
  else()
    add_library(sluice_${name} INTERFACE)
    target_include_directories(sluice_${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(sluice_${name} INTERFACE ${ROOM_DEPS})
  endif()
endfunction()

# sluice_tests(NAME DEPS target...)  -> program NAME_tests from every *_test.cpp of the current folder, known to ctest
function(sluice_tests name)
  cmake_parse_arguments(TESTS "" "" "DEPS;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_tests ${sources})
  target_include_directories(${name}_tests PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name}_tests PRIVATE ${TESTS_DEPS} sluice_warnings GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name}_tests PRIVATE SLUICE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  gtest_discover_tests(${name}_tests DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 300 LABELS "${TESTS_LABELS}")
endfunction()
