#include "audit/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/error.hpp"
#include "crypto/base64.hpp"

namespace trackier::audit {
namespace {

bool is_line(std::string_view text) {
  return !text.empty() && text.find('\n') == std::string_view::npos;
}

std::uint64_t size_in(std::string_view text) {
  std::uint64_t size = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, size);
  if (read.ec != std::errc{} || read.ptr != end || fmt::format("{}", size) != text) {
    throw Error{Code::data, "no checkpoint: its size is no number"};
  }
  return size;
}

}  // namespace

std::string to_text(const Checkpoint& checkpoint) {
  if (!is_line(checkpoint.origin) || !std::ranges::all_of(checkpoint.extensions, is_line)) {
    throw Error{Code::bug, "a line that a checkpoint cannot have"};
  }
  std::string made = fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                                 crypto::padded_base64(checkpoint.root));
  for (const std::string& each : checkpoint.extensions) {
    made += each;
    made += '\n';
  }
  return made;
}

Checkpoint parse_checkpoint(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    if (end == 0 || end == std::string_view::npos) {
      throw Error{Code::data, "no checkpoint: a line of it is empty or has no end"};
    }
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  constexpr std::size_t fixed_lines = 3;
  if (lines.size() < fixed_lines) {
    throw Error{Code::data, "no checkpoint: it has fewer than three lines"};
  }
  Checkpoint made{.origin = std::string{lines[0]}, .size = size_in(lines[1])};
  const auto root = crypto::bytes_from_padded_base64(lines[2]);
  if (!root || root->size() != made.root.size()) {
    throw Error{Code::data, "no checkpoint: its root is no hash"};
  }
  std::ranges::copy(as_bytes(*root), made.root.begin());
  made.extensions.assign(lines.begin() + fixed_lines, lines.end());
  return made;
}

}  // namespace trackier::audit
