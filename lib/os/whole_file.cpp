#include "os/whole_file.hpp"

#include <fmt/format.h>

#include <array>

#include "core/text.hpp"

namespace trackier::os {

std::string read_whole(File& file, std::size_t most, const std::string& name) {
  std::string text;
  std::array<std::byte, 16384> buffer{};
  for (std::size_t got = 0; (got = file.read(buffer)) > 0;) {
    text.append(as_text(Bytes{buffer}.first(got)));
    if (text.size() > most) {
      throw Error{Code::data, fmt::format("{} is larger than {}", name, human_bytes(most))};
    }
  }
  return text;
}

std::string read_whole(FileSystem& files, const std::filesystem::path& path, std::size_t most) {
  return read_whole(*files.open(path), most, printable(path.native()));
}

}  // namespace trackier::os
