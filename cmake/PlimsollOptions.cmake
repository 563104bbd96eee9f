# Compiler options of every target, as an interface library: plimsoll_options.
add_library(plimsoll_options INTERFACE)
target_compile_options(plimsoll_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(PLIMSOLL_WERROR)
  target_compile_options(plimsoll_options INTERFACE -Werror)
endif()
if(PLIMSOLL_SANITIZE)
  target_compile_options(plimsoll_options INTERFACE -fsanitize=${PLIMSOLL_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(plimsoll_options INTERFACE -fsanitize=${PLIMSOLL_SANITIZE})
endif()
if(PLIMSOLL_FUZZ)
  target_compile_options(plimsoll_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(PLIMSOLL_COVERAGE)
  target_compile_options(plimsoll_options INTERFACE --coverage)
  target_link_options(plimsoll_options INTERFACE --coverage)
endif()

# ccache where it is installed, unless the caller chose a launcher.
find_program(PLIMSOLL_CCACHE ccache)
if(PLIMSOLL_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PLIMSOLL_CCACHE})
endif()

# Editors look for compile_commands.json in the root of the tree.
if(PLIMSOLL_LINK_COMPILE_COMMANDS)
  file(CREATE_LINK ${CMAKE_BINARY_DIR}/compile_commands.json ${CMAKE_SOURCE_DIR}/compile_commands.json SYMBOLIC)
endif()
