#include "check/memory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "core/text.hpp"

namespace trackier::check {
namespace {

using Path = std::filesystem::path;

/// Whether what is written to a block device is encrypted before it reaches a disk.
enum class Sealed : std::uint8_t { yes, no, unknown };

std::string trimmed(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  return end == std::string::npos ? std::string{} : text.substr(0, end + 1);
}

/// Spaces and the like are \040 in /proc.
std::string unescaped(std::string_view text) {
  constexpr std::size_t digits = 3;
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '\\' && i + digits < text.size()) {
      const char* const begin = text.data() + i + 1;
      const auto [end, error] = std::from_chars(begin, begin + digits, value, 8);
      if (error == std::errc{} && end == begin + digits && value < 256) {
        made += static_cast<char>(value);
        i += digits;
        continue;
      }
    }
    made += text[i];
  }
  return made;
}

class Devices {
 public:
  explicit Devices(const Host& host) : host_(host) {}

  /// directory: of the device below /sys.
  [[nodiscard]] Sealed sealed(const Path& directory, int depth = 0) const {
    constexpr int deepest = 8;
    const auto uuid = read_text(host_, directory / "dm/uuid");
    // cryptsetup names what it only sums up likewise.
    if (uuid && uuid->starts_with("CRYPT-") && !uuid->starts_with("CRYPT-INTEGRITY") &&
        !uuid->starts_with("CRYPT-VERITY")) {
      return Sealed::yes;
    }
    if (depth == deepest || !host_.files.status(directory)) {
      return Sealed::unknown;
    }
    // A logical volume or a RAID is as sealed as all that it lies on.
    if (!host_.files.status(directory / "slaves")) {
      return uuid ? Sealed::unknown : Sealed::no;  // a partition has none
    }
    const auto below = host_.files.list(directory / "slaves");
    if (below.empty()) {
      return Sealed::no;
    }
    Sealed all = Sealed::yes;
    for (const auto& each : below) {
      const Sealed one = sealed(directory / "slaves" / each, depth + 1);
      if (one != Sealed::yes) {
        all = all == Sealed::no ? Sealed::no : one;
      }
    }
    return all;
  }

  /// name: a device node as /proc/swaps has it.
  [[nodiscard]] std::optional<Path> directory_of(const std::string& name) const {
    const std::string last = Path{name}.filename();
    const Path blocks = host_.places.sys / "class/block";
    if (!name.starts_with("/dev/") || last.empty()) {
      return std::nullopt;
    }
    if (!name.starts_with("/dev/mapper/")) {
      return blocks / last;
    }
    for (const auto& each : host_.files.list(blocks)) {
      const auto called = read_text(host_, blocks / each / "dm/name");
      if (called && trimmed(*called) == last) {
        return blocks / each;
      }
    }
    return std::nullopt;
  }

 private:
  const Host& host_;
};

struct Swap {
  std::string name;
  std::string type;
};

std::vector<Swap> parse_swaps(const std::string& text) {
  const auto lines = lines_of(text);
  const auto malformed = [] {
    return Error{Code::data, "/proc/swaps is not as the kernel writes it"};
  };
  if (lines.empty() || !lines.front().starts_with("Filename")) {
    throw malformed();
  }
  std::vector<Swap> swaps;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto words = words_of(lines[i]);
    constexpr std::size_t columns = 5;
    if (words.size() < columns) {
      throw malformed();
    }
    std::string name = unescaped(words[0]);
    constexpr std::string_view deleted = "(deleted)";
    swaps.push_back({.name = std::move(name), .type = words[1] == deleted ? words[2] : words[1]});
  }
  return swaps;
}

Sealed sealed(const Host& host, const Swap& swap) {
  const Devices devices{host};
  if (swap.type == "partition") {
    if (swap.name.starts_with("/dev/zram")) {  // memory, unless it is told to write some of it back
      const auto back = read_text(
          host, host.places.sys / "class/block" / Path{swap.name}.filename() / "backing_dev");
      return back && trimmed(*back) != "none" ? Sealed::no : Sealed::yes;
    }
    const auto directory = devices.directory_of(swap.name);
    return directory ? devices.sealed(*directory) : Sealed::unknown;
  }
  const auto status = host.files.status(swap.name);
  if (!status || major(status->device) == 0) {  // no device of its own, as of btrfs
    return Sealed::unknown;
  }
  return devices.sealed(host.places.sys / "dev/block" /
                        fmt::format("{}:{}", major(status->device), minor(status->device)));
}

Finding look_at_swap(const Host& host, Finding finding) {
  const auto text = read_text(host, host.places.proc / "swaps");
  if (!text) {
    finding.status = Status::not_checked;
    finding.found = "there is no such file";
    finding.cure = "run it where /proc is mounted";
    return finding;
  }
  const auto swaps = parse_swaps(*text);
  std::string open;
  std::string unknown;
  for (const Swap& each : swaps) {
    const Sealed how = sealed(host, each);
    std::string& list = how == Sealed::no ? open : unknown;
    if (how != Sealed::yes) {
      list += (list.empty() ? "" : ", ") + printable(each.name);
    }
  }
  finding.cure =
      "swapoff -a and take it out of /etc/fstab, or put swap on dm-crypt: see crypttab(5)";
  if (!open.empty()) {
    finding.status = Status::fail;
    finding.found = "swap is not encrypted: " + open;
  } else if (!unknown.empty()) {
    finding.status = Status::not_checked;
    finding.found = "cannot tell whether swap is encrypted: " + unknown;
  } else {
    finding.status = Status::pass;
    finding.cure.clear();
    finding.found = swaps.empty()
                        ? "there is no swap"
                        : fmt::format("{} swap areas, encrypted or in memory alone", swaps.size());
  }
  return finding;
}

/// Whether systemd-coredump is told to keep nothing. The last assignment counts, as in systemd.
bool keeps_nothing(const Host& host) {
  std::vector<Path> all;
  const Path usual = host.places.etc / "systemd/coredump.conf";
  const Path more = host.places.etc / "systemd/coredump.conf.d";
  if (host.files.status(usual)) {
    all.push_back(usual);
  }
  if (host.files.status(more)) {
    for (const auto& name : host.files.list(more)) {
      if (name.extension() == ".conf") {
        all.push_back(more / name);
      }
    }
  }
  bool nothing = false;
  for (const Path& each : all) {
    for (const std::string& line : lines_of(read_text(host, each).value_or(""))) {
      constexpr std::string_view key = "Storage=";
      const auto words = words_of(line);
      if (!words.empty() && words[0].starts_with(key)) {
        nothing = words[0] == "Storage=none";
      }
    }
  }
  return nothing;
}

Finding look_at_cores(const Host& host, Finding finding, const std::optional<CoreLimit>& limit) {
  const auto pattern_text = read_text(host, host.places.proc / "sys/kernel/core_pattern");
  const auto dumpable = read_text(host, host.places.proc / "sys/fs/suid_dumpable");
  if (!pattern_text || !dumpable || !limit) {
    finding.status = Status::not_checked;
    finding.found = "not all of it is there";
    finding.cure = "run it where /proc is mounted";
    return finding;
  }
  const std::string pattern = trimmed(*pattern_text);
  const std::string suid = trimmed(*dumpable);
  if (suid != "0" && suid != "1" && suid != "2") {
    throw Error{Code::data, "fs.suid_dumpable is " + printable(suid, 20)};
  }
  finding.status = Status::fail;
  finding.cure = "sysctl kernel.core_pattern='|/bin/false', and the same in /etc/sysctl.d";
  const auto words = words_of(pattern);
  const std::string handler = words.empty() ? "" : words[0];
  if (suid == "1") {
    finding.found = "programs that change their user dump core, readable by whoever ran them";
    finding.cure = "sysctl fs.suid_dumpable=0, and the same in /etc/sysctl.d";
  } else if (pattern.starts_with('|')) {
    const bool is_discarded = handler == "|/bin/false" || handler == "|/bin/true" ||
                              handler == "|/usr/bin/false" || handler == "|/usr/bin/true";
    const bool is_systemd = handler.ends_with("/systemd-coredump");
    if (is_discarded || (is_systemd && keeps_nothing(host))) {
      finding.status = Status::pass;
      finding.found = is_discarded ? "core dumps are handed to " + printable(handler.substr(1))
                                   : "systemd-coredump keeps none: Storage=none";
    } else {
      finding.found =
          "core dumps are handed to " + printable(pattern.substr(1), 100) + ", whatever limits say";
      if (is_systemd) {
        finding.cure =
            "write Storage=none below [Coredump] into /etc/systemd/coredump.conf.d/none.conf";
      }
    }
  } else if (limit->hard == 0) {
    finding.status = Status::pass;
    finding.found = "the limit of core dumps is 0 and cannot be raised, in this session";
  } else {
    finding.found = fmt::format("core dumps are written as {}, and their limit can be raised",
                                pattern.empty() ? "nothing" : printable(pattern, 100));
  }
  if (finding.status == Status::pass) {
    finding.cure.clear();
  }
  return finding;
}

}  // namespace

std::optional<CoreLimit> core_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_CORE, &limit) == 0 ? std::optional{CoreLimit{.hard = limit.rlim_max}}
                                               : std::nullopt;
}

Findings check_memory(const Host& host, const std::optional<CoreLimit>& limit) {
  Findings findings;
  const Finding swap{.id = "memory.swap", .probed = "/proc/swaps, and dm/uuid below /sys"};
  looking(findings, swap, [&] { return look_at_swap(host, swap); });
  const Finding cores{.id = "memory.core_dumps",
                      .probed = "kernel.core_pattern, fs.suid_dumpable, the hard RLIMIT_CORE"};
  looking(findings, cores, [&] { return look_at_cores(host, cores, limit); });
  return findings;
}

}  // namespace trackier::check
