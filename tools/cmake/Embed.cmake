# cmake -DINPUT=FILE -DOUTPUT=FILE.cc -P Embed.cmake: the bytes of a file as murphy::FaultSource().
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"proto/fault_source.h\"

namespace murphy {

std::string_view FaultSource() {
  static constexpr char kBytes[] = {${bytes}};
  return {kBytes, sizeof(kBytes)};
}

}  // namespace murphy
")
