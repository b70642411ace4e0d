#include "check/logrotate.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string_view>

#include "core/text.hpp"

namespace trackier::check {
namespace {

using Path = std::filesystem::path;
using Kind = os::FileStatus::Kind;

constexpr std::size_t most_files = 1000;

struct Pattern {
  std::string text;
  std::string where;  ///< "/etc/logrotate.d/app:3"
};

bool is_pattern(const std::string& line) {
  return !line.empty() && (line[0] == '/' || line[0] == '"' || line[0] == '\'' || line[0] == '~');
}

/// One configuration file, as logrotate(8) reads it.
class Reader {
 public:
  explicit Reader(const Host& host) : host_(host) {}

  /// A file, or all of a directory.
  void read(const Path& path) {
    const auto status = host_.files.status(path);
    if (!status) {
      throw Error{Code::no_input, printable(path.native()) + " is not there, but included"};
    }
    if (status->kind == Kind::directory) {
      for (const auto& name : host_.files.list(path)) {
        const auto below = host_.files.status(path / name);
        if (below && below->kind == Kind::regular) {
          read_file(path / name);
        }
      }
      return;
    }
    read_file(path);
  }

  [[nodiscard]] const std::vector<Pattern>& patterns() const { return patterns_; }
  [[nodiscard]] std::size_t files() const { return seen_.size(); }

 private:
  void read_file(const Path& path) {
    if (!seen_.insert(path.lexically_normal()).second) {
      return;
    }
    if (seen_.size() > most_files) {
      throw Error{Code::data, fmt::format("there are more than {} files", most_files)};
    }
    const std::string text = read_text(host_, path).value_or("");
    const std::string shown = printable(path.native());
    bool in_block = false;
    bool in_script = false;
    bool in_list = false;  // of patterns, over several lines, until the '{'
    std::size_t number = 0;
    for (const std::string& raw : lines_of(text)) {
      ++number;
      const std::size_t first = raw.find_first_not_of(" \t\r");
      const std::string line = first == std::string::npos ? "" : raw.substr(first);
      if (in_script) {
        in_script = !line.starts_with("endscript");
        continue;
      }
      if (line.empty() || line[0] == '#') {
        continue;
      }
      if (in_block) {
        if (is_pattern(line)) {
          throw Error{Code::data, fmt::format("{}:{}: a pattern inside of a rule", shown, number)};
        }
        in_block = words_of(line).front() != "}" && words_of(line).back() != "}";
        in_script = in_block && begins_script(line);
        continue;
      }
      if (in_list || is_pattern(line) || line[0] == '{') {
        const Block block = take_patterns(line, fmt::format("{}:{}", shown, number));
        in_list = block == Block::none;
        in_block = block == Block::open;
        in_script = in_block && begins_script(line.substr(line.rfind('{') + 1));
        continue;
      }
      in_script = begins_script(line);
      take_directive(line);
    }
    if (in_block || in_script || in_list) {
      throw Error{Code::data, shown + " ends in the middle of a rule"};
    }
  }

  static bool begins_script(const std::string& line) {
    constexpr std::array<std::string_view, 5> scripts{"postrotate", "prerotate", "firstaction",
                                                      "lastaction", "preremove"};
    const auto words = words_of(line);
    return !words.empty() && std::ranges::find(scripts, words[0]) != scripts.end();
  }

  /// What follows the patterns on their line.
  enum class Block : std::uint8_t { none, open, ended };

  /// Words of a list, quoted or not.
  Block take_patterns(const std::string& line, const std::string& where) {
    std::string word;
    bool has_word = false;
    const auto finish = [&] {
      if (has_word) {
        patterns_.push_back({word, where});
      }
      word.clear();
      has_word = false;
    };
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char each = line[i];
      if (quote != '\0') {
        if (each == quote) {
          quote = '\0';
        } else {
          word += each;
        }
      } else if (each == '"' || each == '\'') {
        quote = each;
        has_word = true;
      } else if (each == '\\' && i + 1 < line.size()) {
        word += each;
        word += line[++i];
        has_word = true;
      } else if (each == ' ' || each == '\t' || each == '\r' || each == ',') {
        finish();
      } else if (each == '{') {
        finish();
        return line.find('}', i) == std::string::npos ? Block::open : Block::ended;
      } else {
        word += each;
        has_word = true;
      }
    }
    if (quote != '\0') {
      throw Error{Code::data, where + ": a quotation mark is missing"};
    }
    finish();
    return Block::none;
  }

  void take_directive(const std::string& line) {
    const auto words = words_of(line);
    if (words[0] == "include" && words.size() > 1) {
      const Path named = words[1];
      // A test's /etc is elsewhere.
      const Path below = named.lexically_relative("/etc");
      const bool is_of_etc = !below.empty() && *below.begin() != "..";
      read(is_of_etc ? host_.places.etc / below : named);
    }
  }

  const Host& host_;
  std::set<Path> seen_;
  std::vector<Pattern> patterns_;
};

/// Whether a pattern can be a file in `audit`, below it, or `audit` itself.
bool touches(const Host& host, const std::string& text, const Path& audit) {
  const Path pattern = Path{text}.lexically_normal();
  // Component by component, as glob(3) does it: '*' matches no '/'.
  auto of_pattern = pattern.begin();
  bool all = true;
  for (auto of_audit = audit.begin(); of_audit != audit.end() && all; ++of_audit) {
    all = of_pattern != pattern.end() && ::fnmatch(of_pattern->c_str(), of_audit->c_str(), 0) == 0;
    if (all) {
      ++of_pattern;
    }
  }
  if (all) {
    return true;
  }
  // The directory under another name, by a symbolic link.
  const auto ours = host.files.status(audit);
  for (Path above = pattern.parent_path(); ours && above.has_relative_path();
       above = above.parent_path()) {
    const auto theirs = host.files.status(above);
    if (theirs && theirs->same_file(*ours)) {
      return true;
    }
  }
  return false;
}

Finding look(const Host& host, Finding finding, const Path& audit) {
  const Path usual = host.places.etc / "logrotate.conf";
  const Path more = host.places.etc / "logrotate.d";
  const bool has_usual = host.files.status(usual).has_value();
  const bool has_more = host.files.status(more).has_value();
  if (!has_usual && !has_more) {
    const bool is_there = host.files.status(host.places.usr / "sbin/logrotate").has_value();
    finding.status = is_there ? Status::not_checked : Status::not_applicable;
    finding.found = is_there ? "logrotate is installed, and its configuration is elsewhere"
                             : "there is no logrotate";
    finding.cure = is_there ? "look into the configuration that it is started with" : "";
    return finding;
  }
  Reader reader{host};
  if (has_usual) {
    reader.read(usual);
  }
  if (has_more) {
    reader.read(more);
  }
  for (const Pattern& each : reader.patterns()) {
    if (each.text.starts_with('~')) {
      throw Error{Code::data,
                  fmt::format("{}: {} is in somebody's home", each.where, printable(each.text)),
                  "write it from / on"};
    }
    if (touches(host, each.text, audit)) {
      finding.status = Status::fail;
      finding.found = fmt::format("{}: {} takes in {}", each.where, printable(each.text),
                                  printable(audit.native()));
      finding.cure = fmt::format("take {} out of {}: the audit log is appended to, never rotated",
                                 printable(each.text), each.where);
      return finding;
    }
  }
  finding.status = Status::pass;
  finding.found = fmt::format("{} patterns in {} files, none takes in {}", reader.patterns().size(),
                              reader.files(), printable(audit.native()));
  return finding;
}

}  // namespace

Findings check_logrotate(const Host& host, const Path& audit) {
  Findings findings;
  const Finding finding{.id = "logrotate.audit",
                        .probed = "/etc/logrotate.conf, what it includes, and /etc/logrotate.d",
                        .cure = "logrotate -d /etc/logrotate.conf says what is wrong with it"};
  const Path full = std::filesystem::absolute(audit).lexically_normal();
  looking(findings, finding, [&] {
    Finding made = finding;
    made.cure.clear();
    return look(host, made, full);
  });
  return findings;
}

}  // namespace trackier::check
