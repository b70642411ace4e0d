#include "os/rotated_files.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "os/link_target.hpp"

namespace trackier::os {
namespace {

/// Takes the ending of a compressed file off a name; false when there is none.
bool take_compression(std::string_view& name) {
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (name.ends_with(ending)) {
      name.remove_suffix(ending.size());
      return true;
    }
  }
  return false;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// What rotation appends to a name: ".1", "-20260131", ".2026-01-31".
bool of_rotation(std::string_view suffix) {
  return suffix.size() >= 2 && (suffix[0] == '.' || suffix[0] == '-') &&
         suffix.find_first_not_of("0123456789-.", 1) == std::string_view::npos &&
         is_digit(suffix[1]);
}

/// Counted files ("log.1") are older the higher the number; dated ones the lower the date.
bool counted(std::string_view suffix) {
  return suffix[0] == '.' && suffix.size() <= 5 &&
         suffix.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

bool older(std::string_view left, std::string_view right) {
  if (counted(left) != counted(right)) {
    return counted(right);
  }
  if (!counted(left)) {
    return left < right;
  }
  return std::pair{left.size(), left} > std::pair{right.size(), right};
}

/// A name that carries a date, whatever the date is.
std::string undated(std::string_view name) {
  std::string without;
  for (const char c : name) {
    without += is_digit(c) ? '#' : c;
  }
  return without;
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

/// While a file is being compressed it is there twice, the plain one before the other.
std::vector<RotatedFile> once(std::vector<RotatedFile> found) {
  const auto same = [](const RotatedFile& left, const RotatedFile& right) {
    return left.suffix == right.suffix;
  };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

/// Of a link: what is named as the file it leads to but for the digits, by name.
std::vector<RotatedFile> dated_files(FileSystem& files, const std::filesystem::path& path) {
  const auto target = link_target(path);
  std::vector<RotatedFile> found;
  const std::string wanted = undated(target.filename().native());
  for (const auto& entry : files.list(directory_of(target))) {
    std::string_view name = entry.native();
    const bool compressed = take_compression(name);
    const auto candidate = directory_of(target) / entry;
    const auto status = undated(name) == wanted ? files.entry(candidate) : std::nullopt;
    if (status && status->kind == FileStatus::Kind::regular) {
      found.push_back({candidate, std::string{name}, *status, compressed});
    }
  }
  return once(std::move(found));
}

}  // namespace

std::vector<RotatedFile> rotated_files(FileSystem& files, const std::filesystem::path& log) {
  const auto link = files.entry(log);
  if (link && link->kind == FileStatus::Kind::symlink) {
    return dated_files(files, log);
  }
  const std::filesystem::path parent = directory_of(log);
  const std::string name = log.filename().native();
  std::vector<RotatedFile> found;
  for (const auto& entry : files.list(parent)) {
    std::string_view suffix = entry.native();
    if (!suffix.starts_with(name)) {
      continue;
    }
    suffix.remove_prefix(name.size());
    const bool compressed = take_compression(suffix);
    const auto status = of_rotation(suffix) ? files.entry(parent / entry) : std::nullopt;
    if (status && status->kind == FileStatus::Kind::regular) {
      found.push_back({parent / entry, std::string{suffix}, *status, compressed});
    }
  }
  std::ranges::stable_sort(found, [](const RotatedFile& left, const RotatedFile& right) {
    return older(left.suffix, right.suffix);
  });
  return once(std::move(found));
}

}  // namespace trackier::os
