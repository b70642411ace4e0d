#include "help_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trackier::cli {
namespace {

constexpr std::size_t columns = 80;
constexpr std::size_t widest_left = 26;

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string joined(const CommandPath& path, std::string_view between) {
  std::vector<std::string> names;
  for (const Command* command : path) {
    names.push_back(command->name());
  }
  return fmt::format("{}", fmt::join(names, between));
}

std::string usage_line(const CommandPath& path) {
  std::string line = "usage: " + joined(path, " ");
  const Command& command = *path.back();
  line += command.has_commands() ? " [OPTION...] COMMAND [ARGUMENT...]" : " [OPTION...]";
  for (const Argument& argument : command.positionals()) {
    const std::string name = argument.words().empty()
                                 ? argument.value()
                                 : fmt::format("{}", fmt::join(argument.words(), "|"));
    const char* const more = argument.may_repeat() ? "..." : "";
    line += argument.is_required() ? fmt::format(" {}{}", name, more)
                                   : fmt::format(" [{}{}]", name, more);
  }
  return line + "\n";
}

std::string left_of(const Argument& option) {
  std::string left = option.letter() == '\0' ? "    " : fmt::format("-{}", option.letter());
  if (option.name().starts_with("--")) {
    left += option.letter() == '\0' ? option.name() : ", " + option.name();
  }
  return option.value().empty() ? left : left + " " + option.value();
}

/// Two columns; what does not fit into a line goes on below its own column.
void append_rows(std::string& out, const std::string& heading, const Rows& rows) {
  if (rows.empty()) {
    return;
  }
  std::size_t left_width = 0;
  for (const auto& [left, right] : rows) {
    left_width = std::max(left_width, std::min(left.size(), widest_left));
  }
  out += "\n" + heading + ":\n";
  for (const auto& [left, right] : rows) {
    std::string line = fmt::format("  {:<{}}  ", left, left_width);
    if (left.size() > left_width) {
      out += "  " + left + "\n";
      line = std::string(left_width + 4, ' ');
    }
    const std::string indent(left_width + 4, ' ');
    std::string_view rest = right;
    while (!rest.empty()) {
      const std::size_t room = columns - indent.size();
      std::size_t cut = rest.size() <= room ? rest.size() : rest.rfind(' ', room);
      cut = cut == std::string_view::npos ? rest.size() : cut;
      out.append(line).append(rest.substr(0, cut)).append("\n");
      rest.remove_prefix(std::min(cut + 1, rest.size()));
      line = indent;
    }
  }
}

/// most_words: a longer list of words is left to the full help.
Rows rows_of(const std::deque<Argument>& options, std::size_t most_words = SIZE_MAX) {
  Rows rows;
  for (const Argument& option : options) {
    const auto& words = option.words();
    const std::string list = words.empty() ? ""
                             : words.size() > most_words
                                 ? "; --help lists them"
                                 : fmt::format(": {}", fmt::join(words, ", "));
    rows.emplace_back(left_of(option), option.help() + list);
  }
  return rows;
}

Rows rows_of_commands(const Command& command) {
  Rows rows;
  for (const Command* each : command.commands()) {
    rows.emplace_back(each->name(), each->summary());
  }
  return rows;
}

Rows rows_of_positionals(const Command& command) {
  Rows rows;
  for (const Argument& argument : command.positionals()) {
    rows.emplace_back(argument.value(), argument.help());
  }
  return rows;
}

std::string beginning(const CommandPath& path) {
  const Command& command = *path.back();
  return usage_line(path) + command.summary() + "\n";
}

void append_tables(std::string& out, const Command& command, std::size_t most_words = SIZE_MAX) {
  append_rows(out, "commands", rows_of_commands(command));
  append_rows(out, "arguments", rows_of_positionals(command));
  append_rows(out, "options", rows_of(command.options(), most_words));
}

/// The manual page of a command; `config check` is described in that of `config`.
std::string manual_of(const CommandPath& path) {
  return joined(
      CommandPath(path.begin(), path.begin() + std::min<std::ptrdiff_t>(2, std::ssize(path))), "-");
}

}  // namespace

std::string brief_help(const CommandPath& path) {
  std::string out = beginning(path);
  constexpr std::size_t few = 5;
  append_tables(out, *path.back(), few);
  out += fmt::format("\n--help shows more; the manual is man {}\n", manual_of(path));
  return out;
}

std::string full_help(const CommandPath& path) {
  const Command& command = *path.back();
  std::string out = beginning(path);
  if (!command.about().empty()) {
    out += "\n" + command.about() + "\n";
  }
  append_tables(out, command);
  CommonOptions unused;
  append_rows(out, "options of every command", rows_of(common_table(unused).options()));
  if (!command.examples().empty()) {
    out += "\nexamples:\n";
    for (const std::string& example : command.examples()) {
      out += "  " + example + "\n";
    }
  }
  out += fmt::format("\nThe manual, with exit statuses and formats: man {}\n", manual_of(path));
  return out;
}

}  // namespace trackier::cli
