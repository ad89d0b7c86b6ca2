# Writes a source with the function `getter`, which gives every file of a folder, put in by the
# assembler: no Node, no generator program, and next to no time. The sums are the files' ETags; a
# changed file changes the source.
function(embed_page target getter folder)
  set(folder ${PROJECT_SOURCE_DIR}/${folder})
  file(GLOB files LIST_DIRECTORIES false CONFIGURE_DEPENDS ${folder}/*)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(blobs "")
  set(entries "")
  set(number 0)
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME)
    file(SHA256 ${file} sum)
    string(SUBSTRING ${sum} 0 32 sum)
    set(blob r1_${getter}_${number})
    string(APPEND blobs
           "asm(\".pushsection .rodata\\n.global ${blob}, ${blob}_end\\n\"\n"
           "    \"${blob}: .incbin \\\"${file}\\\"\\n${blob}_end:\\n.popsection\");\n"
           "extern \"C\" const char ${blob}[], ${blob}_end[];\n")
    string(APPEND entries "    {\"/${name}\", \"\\\"${sum}\\\"\", {${blob}, ${blob}_end}},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${getter}.cpp @ONLY CONTENT
[[// Made by embed_page.cmake.
#include "serve/page.h"

@blobs@
namespace r1::serve {

std::span<const PageFile> @getter@() {
  static const PageFile files[] = {
@entries@  };
  return files;
}

}  // namespace r1::serve
]])
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${getter}.cpp)
  set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE ${source})
endfunction()
