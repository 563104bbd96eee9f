# plimsoll_room(<name> SOURCES a.cc ... [PUBLIC lib ...] [PRIVATE lib ...])
# One room: a static library plimsoll_<name>, alias plimsoll::<name>. Its public headers are include/plimsoll/<name>/*.h,
# each of which must compile alone (target all_verify_interface_header_sets). Which rooms and third-party headers a room
# may use is held by hack/check_layers.py.
function(plimsoll_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(target plimsoll_${name})
  add_library(${target} STATIC ${ROOM_SOURCES})
  add_library(plimsoll::${name} ALIAS ${target})
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/plimsoll/${name}/*.h)
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/include FILES ${headers})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${target} PUBLIC ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE} plimsoll_options)
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# plimsoll_test(<name> SOURCES a_test.cc ... LIBRARIES lib ... [LABELS l ...])
# One GoogleTest program and one ctest entry of that name. The program finds its data by PLIMSOLL_SOURCE_DIR. For each label
# there is a target tests_<label> that builds its tests; `threads` marks what runs under the thread sanitizer in CI.
function(plimsoll_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${name}_test ${TEST_SOURCES})
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${name}_test PRIVATE PLIMSOLL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name}_test PRIVATE ${TEST_LIBRARIES} plimsoll_options GTest::gmock GTest::gtest_main)
  # What is tested is optimised as the preset says; the tests are not: it would double the time to compile them (measured
  # under the sanitizers: 13 s instead of 8 for one file of kube).
  if(NOT CMAKE_BUILD_TYPE STREQUAL Release)
    target_compile_options(${name}_test PRIVATE -O0)
  endif()
  add_test(NAME ${name} COMMAND ${name}_test)
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT ${TEST_TIMEOUT})
  foreach(label IN LISTS TEST_LABELS)
    if(NOT TARGET tests_${label})
      add_custom_target(tests_${label})
    endif()
    add_dependencies(tests_${label} ${name}_test)
  endforeach()
endfunction()
