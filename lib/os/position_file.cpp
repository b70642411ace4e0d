#include "os/position_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "core/text.hpp"
#include "os/patient_lock.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::os {
namespace {

constexpr std::size_t most = 4096;
constexpr std::string_view none = "-";

/// Takes "NAME WORD\n" from the beginning of `text`.
bool take(std::string_view& text, std::string_view name, std::string& word) {
  const std::size_t end = text.find('\n');
  if (!text.starts_with(name) || end == std::string_view::npos) {
    return false;
  }
  word = text.substr(name.size(), end - name.size());
  text.remove_prefix(end + 1);
  return !word.empty() &&
         word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
}

/// Takes "NAME NUMBER\n" from the beginning of `text`.
bool take(std::string_view& text, std::string_view name, std::uint64_t& number) {
  if (!text.starts_with(name)) {
    return false;
  }
  text.remove_prefix(name.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data() + text.size() || *end != '\n') {
    return false;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

}  // namespace

std::string to_text(const FollowState& state) {
  return fmt::format(
      "trackier-position 1\ndevice {}\ninode {}\noffset {}\noutput-device {}\noutput-inode {}\n"
      "output-bytes {}\nhead-bytes {}\nformat {}\nhead {}\n",
      state.read.device, state.read.inode, state.read.offset, state.output_device,
      state.output_inode, state.output_bytes, state.read.head_bytes,
      state.format.empty() ? none : state.format, state.read.fingerprint);
}

std::optional<FollowState> parse_follow_state(std::string_view text) {
  constexpr std::string_view head = "head ";
  const std::string_view all = text;
  FollowState state;
  std::uint64_t version = 0;
  const bool numbers =
      take(text, "trackier-position ", version) && take(text, "device ", state.read.device) &&
      take(text, "inode ", state.read.inode) && take(text, "offset ", state.read.offset) &&
      take(text, "output-device ", state.output_device) &&
      take(text, "output-inode ", state.output_inode) &&
      take(text, "output-bytes ", state.output_bytes) &&
      take(text, "head-bytes ", state.read.head_bytes) && take(text, "format ", state.format);
  if (!numbers || !text.starts_with(head) || !text.ends_with('\n')) {
    return {};
  }
  if (state.format == none) {
    state.format.clear();
  }
  state.read.fingerprint = text.substr(head.size(), text.size() - head.size() - 1);
  return to_text(state) == all ? std::optional{std::move(state)} : std::nullopt;
}

PositionFile::PositionFile(FileSystem& files, std::filesystem::path path)
    : files_(files), path_(std::move(path)) {
  std::filesystem::path lock = path_;
  lock += ".lock";
  lock_ = lock_with_patience(files_, lock, 0600, std::chrono::milliseconds{0}, {});
  if (!lock_) {
    throw Error{Code::busy, fmt::format("{} is in use by another run", printable(path_.native())),
                "stop it first, or name another position file"};
  }
}

std::optional<FollowState> PositionFile::load() const {
  if (!files_.entry(path_)) {
    return {};
  }
  auto state = parse_follow_state(read_whole(files_, path_, most));
  if (!state) {
    throw Error{Code::data, fmt::format("{} is no position file", printable(path_.native())),
                "name the right one; without it reading begins anew"};
  }
  return state;
}

void PositionFile::save(const FollowState& state) {
  ReplaceFile file{files_, path_, {.replace = true}};
  file.write(as_bytes(to_text(state)));
  file.finish();
}

}  // namespace trackier::os
