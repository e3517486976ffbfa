# find_package(SluicePluginApi): Sluice::PluginApi, which is the headers, and sluice_add_plugin().
cmake_policy(VERSION 3.25)  # of sluice_add_plugin(), whatever the caller's are
include(${CMAKE_CURRENT_LIST_DIR}/SluicePluginApiTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/SluiceAddPlugin.cmake)
