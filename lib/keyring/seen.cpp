#include "keyring/seen.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"
#include "envelope/stanza.hpp"
#include "os/replace_file.hpp"

namespace trackier::keyring {
namespace {

constexpr std::string_view kind = "trackier-seen/1 ";
constexpr std::size_t longest = 64;

std::string text_of(std::uint64_t generation) {
  return fmt::format("{}{}\n", kind, generation);
}

}  // namespace

std::filesystem::path seen_path(const std::filesystem::path& directory,
                                const envelope::FileId& id) {
  return directory / fmt::format("keyring-{}.seen", envelope::to_text(id));
}

std::uint64_t read_seen(os::FileSystem& files, const std::filesystem::path& directory,
                        const envelope::FileId& id) {
  const std::filesystem::path path = seen_path(directory, id);
  if (!files.status(path)) {
    return 0;
  }
  std::array<std::byte, longest> buffer{};
  const std::size_t count = files.open(path)->read_at(0, buffer);
  const std::string_view text = as_text(Bytes{buffer}.first(count));
  std::uint64_t generation = 0;
  if (text.size() > kind.size()) {
    std::from_chars(text.data() + kind.size(), text.data() + text.size(), generation);
  }
  if (text != text_of(generation)) {
    throw Error{Code::data, fmt::format("{} is damaged", printable(path.native())),
                "it says which generation of the keyring was used last; remove it if you know that "
                "the keyring is the latest"};
  }
  return generation;
}

void write_seen(os::FileSystem& files, const std::filesystem::path& directory,
                const envelope::FileId& id, std::uint64_t generation) {
  if (!files.status(directory)) {
    files.create_directories(directory, 0700);
  }
  os::ReplaceFile file{files, seen_path(directory, id), {.replace = true}};
  file.write(as_bytes(text_of(generation)));
  file.finish();
}

}  // namespace trackier::keyring
