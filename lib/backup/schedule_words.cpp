#include "backup/schedule_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "backup/slots.hpp"
#include "core/text.hpp"

namespace trackier::backup {
namespace {

using Path = std::filesystem::path;

/// Control bytes end lines or are dropped, and systemd ignores a line that is not UTF-8.
void check_text(std::string_view what, std::string_view text) {
  std::string plain{text};
  std::ranges::replace(plain, '\\', '/');  // printable() would double it
  if (printable(plain, plain.size()) != plain) {
    throw refused(fmt::format("no schedule can name this {}", what), text,
                  "rename it: no line ends, no control characters, valid UTF-8");
  }
}

void check_path(std::string_view what, const Path& path) {
  check_text(what, path.native());
  if (!path.is_absolute()) {
    throw refused(fmt::format("the {} of a schedule has to be absolute", what), path.native());
  }
}

void check_user(const std::string& user) {
  const bool fits = !user.empty() && is_among(user.front(), "_") &&
                    std::ranges::all_of(user, [](char each) { return is_among(each, "_-."); });
  if (!fits) {
    throw refused("no user is called so", user);
  }
}

}  // namespace

Error refused(const std::string& what, std::string_view text, std::string hint) {
  return Error{Code::config, fmt::format("{}: {}", what, printable(text)), std::move(hint)};
}

void check_schedule(std::span<const ScheduledSource> sources, const ScheduleOptions& options) {
  std::set<std::string_view> names;
  for (const ScheduledSource& source : sources) {
    check_text("source", source.name);
    if (source.name.empty() || source.name.front() == '-') {
      throw refused("no schedule can name this source", source.name);
    }
    if (!names.insert(source.name).second) {
      throw refused("two sources have the same name", source.name);
    }
    if (!is_period(source.period)) {
      throw refused(fmt::format("{} minutes are no period", source.period.count()), source.name,
                    "15m to 7d, a whole part of a day or a number of days");
    }
    for (const Path& path : source.writable) {
      check_path("path", path);
    }
  }
  check_path("program", options.program);
  if (options.config) {
    check_path("settings file", *options.config);
  }
  if (options.user) {
    check_user(*options.user);
  }
  for (const auto* const paths : {&options.writable, &options.readable}) {
    for (const Path& path : *paths) {
      check_path("path", path);
    }
  }
}

std::vector<std::string> backup_command(const ScheduledSource& source,
                                        const ScheduleOptions& options) {
  std::vector<std::string> words{options.program.native()};
  if (options.config) {
    words.insert(words.end(), {"--config", options.config->native()});
  }
  words.insert(words.end(), {"backup", "--if-due", source.name});
  return words;
}

bool is_among(char letter, std::string_view others) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || others.find(letter) != std::string_view::npos;
}

bool is_plain(std::string_view word) {
  return !word.empty() &&
         std::ranges::all_of(word, [](char each) { return is_among(each, "_./:=@,+-"); });
}

}  // namespace trackier::backup
