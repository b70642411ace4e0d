#include "completion_scripts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trackier::cli {
namespace {

/// Words, summaries and option names hold no quotes; what a later author writes must not break the
/// script.
std::string in_single_quotes(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "'";
}

std::vector<const Argument*> all_options(const Command& command, const Command& common) {
  std::vector<const Argument*> options;
  for (const Command* table : {&command, &common}) {
    for (const Argument& option : table->options()) {
      options.push_back(&option);
    }
  }
  return options;
}

std::vector<std::string> spellings(const Argument& option) {
  std::vector<std::string> names;
  if (option.letter() != '\0') {
    names.push_back(fmt::format("-{}", option.letter()));
  }
  if (option.name().starts_with("--")) {
    names.push_back(option.name());
  }
  return names;
}

/// Calls `action(command, path)` for a command and all below it; path: "", "config", "config
/// check".
template <typename Action>
void for_each_command(const Command& command, const std::string& path, const Action& action) {
  action(command, path);
  for (const Command* each : command.commands()) {
    for_each_command(*each, path.empty() ? each->name() : path + " " + each->name(), action);
  }
}

/// The words a positional argument may be; those of the whole program for one that names a command.
std::vector<std::string> positional_words(const Command& command, const Command& program) {
  std::vector<std::string> words;
  for (const Argument& argument : command.positionals()) {
    const std::vector<std::string> more =
        argument.offer() == Offer::commands ? program.command_names() : argument.words();
    words.insert(words.end(), more.begin(), more.end());
  }
  return words;
}

bool takes_files(const Command& command) {
  return std::ranges::any_of(command.positionals(), [](const Argument& argument) {
    return argument.offer() == Offer::files;
  });
}

std::string bash_value(const Argument& option) {
  if (!option.words().empty()) {
    return fmt::format("COMPREPLY=($(compgen -W {} -- \"$cur\"))",
                       in_single_quotes(fmt::format("{}", fmt::join(option.words(), " "))));
  }
  switch (option.offer()) {
    case Offer::files:
      return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Offer::directories:
      return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\"))";
    default:
      return "COMPREPLY=()";
  }
}

std::string zsh_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':') {
      escaped.push_back('\\');
    }
    escaped.push_back(c);
  }
  return escaped;
}

std::string zsh_value(const Argument& argument, const Command& program) {
  std::vector<std::string> words = argument.words();
  if (argument.offer() == Offer::commands) {
    words = program.command_names();
  }
  if (!words.empty()) {
    return fmt::format("({})", fmt::join(words, " "));
  }
  switch (argument.offer()) {
    case Offer::files:
      return "_files";
    case Offer::directories:
      return "_files -/";
    default:
      return " ";
  }
}

std::string function_name(const std::string& path) {
  std::string name = "_trackier-ctl";
  for (const char c : path.empty() ? path : " " + path) {
    name.push_back(c == ' ' ? '_' : c);
  }
  return name;
}

/// The condition under which fish offers what belongs to a command.
std::string fish_condition(const Command& command, const std::string& path) {
  std::string condition;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    condition += fmt::format("{}__fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ",
                             rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (command.has_commands()) {
    condition +=
        fmt::format("{}not __fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ",
                    fmt::join(command.command_names(), " "));
  }
  return condition;
}

std::string fish_value(const Argument& option) {
  if (option.value().empty()) {
    return "";
  }
  if (!option.words().empty()) {
    return fmt::format(" -x -a {}",
                       in_single_quotes(fmt::format("{}", fmt::join(option.words(), " "))));
  }
  switch (option.offer()) {
    case Offer::files:
      return " -r -F";
    case Offer::directories:
      return " -x -a '(__fish_complete_directories)'";
    default:
      return " -x";
  }
}

}  // namespace

std::string bash_completion(const Command& program) {
  CommonOptions unused;
  const Command common = common_table(unused);
  std::string walk;
  std::string values;
  std::string offers;
  for_each_command(program, "", [&](const Command& command, const std::string& path) {
    for (const std::string& name : command.command_names()) {
      const std::string below = path.empty() ? name : path + " " + name;
      walk += fmt::format("      '{}/{}') path='{}' ;;\n", path, name, below);
    }
    std::vector<std::string> words = command.command_names();
    const auto more = positional_words(command, program);
    words.insert(words.end(), more.begin(), more.end());
    std::vector<std::string> names;
    for (const Argument* option : all_options(command, common)) {
      const auto spelled = spellings(*option);
      names.insert(names.end(), spelled.begin(), spelled.end());
      if (!option->value().empty()) {
        std::vector<std::string> patterns;
        patterns.reserve(spelled.size());
        for (const std::string& spelling : spelled) {
          patterns.push_back(fmt::format("'{}/{}'", path, spelling));
        }
        values +=
            fmt::format("    {}) {}; return ;;\n", fmt::join(patterns, "|"), bash_value(*option));
      }
    }
    offers +=
        fmt::format("    '{}') words='{}'; options='{}'; files={} ;;\n", path,
                    fmt::join(words, " "), fmt::join(names, " "), takes_files(command) ? 1 : 0);
  });
  std::vector<std::string> taking;
  for_each_command(program, "", [&](const Command& command, const std::string&) {
    for (const Argument* option : all_options(command, common)) {
      for (const std::string& spelling : spellings(*option)) {
        if (!option->value().empty() && std::ranges::find(taking, spelling) == taking.end()) {
          taking.push_back(spelling);
        }
      }
    }
  });
  return fmt::format(R"(# bash completion for trackier-ctl
_trackier_ctl() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}
  local path='' words='' options='' files=0 i word
  # --option=value comes as three words
  if [ "$cur" = '=' ]; then
    cur=''
  elif [ "$prev" = '=' ]; then
    prev=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    case "${{COMP_WORDS[i-1]}}" in
      {}) continue ;;
    esac
    case "$path/$word" in
{}    esac
  done
  COMPREPLY=()
  case "$path/$prev" in
{}  esac
  case "$path" in
{}  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$cur")) ;;
    *)
      COMPREPLY=($(compgen -W "$words" -- "$cur"))
      if [ "$files" = 1 ]; then
        compopt -o filenames
        COMPREPLY+=($(compgen -f -- "$cur"))
      fi
      ;;
  esac
}}
complete -F _trackier_ctl trackier-ctl
)",
                     fmt::join(taking, "|"), walk, values, offers);
}

std::string zsh_completion(const Command& program) {
  CommonOptions unused;
  const Command common = common_table(unused);
  std::string out = "#compdef trackier-ctl\n";
  for_each_command(program, "", [&](const Command& command, const std::string& path) {
    out += fmt::format("\n{}() {{\n  local context state line\n  _arguments -s -S -C \\\n",
                       function_name(path));
    for (const Argument* option : all_options(command, common)) {
      const auto spelled = spellings(*option);
      std::string row;
      const std::string value =
          option->value().empty()
              ? ""
              : fmt::format(":{}:{}", zsh_text(option->value()), zsh_value(*option, program));
      for (const std::string& spelling : spelled) {
        // What was given is not offered again, unless it may be.
        const std::string again =
            option->may_repeat() ? "*" : fmt::format("({})", fmt::join(spelled, " "));
        row += fmt::format("    {} \\\n",
                           in_single_quotes(fmt::format("{}{}[{}]{}", again, spelling,
                                                        zsh_text(option->help()), value)));
      }
      out += row;
    }
    for (const Argument& argument : command.positionals()) {
      out += fmt::format(
          "    {} \\\n",
          in_single_quotes(fmt::format("{}:{}:{}", argument.may_repeat() ? "*" : "1",
                                       zsh_text(argument.value()), zsh_value(argument, program))));
    }
    if (!command.has_commands()) {
      out += "    && return\n}\n";
      return;
    }
    out +=
        "    '1:command:->command' '*::argument:->argument' && return\n  case $state in\n    "
        "command)\n"
        "      local -a commands=(\n";
    for (const Command* each : command.commands()) {
      out += fmt::format("        {}\n",
                         in_single_quotes(zsh_text(each->name()) + ":" + each->summary()));
    }
    out +=
        "      )\n      _describe command commands\n      ;;\n    argument)\n      case $line[1] "
        "in\n";
    for (const Command* each : command.commands()) {
      out += fmt::format("        {}) {} ;;\n", each->name(),
                         function_name(path.empty() ? each->name() : path + " " + each->name()));
    }
    out += "      esac\n      ;;\n  esac\n}\n";
  });
  return out + "\n_trackier-ctl \"$@\"\n";
}

std::string fish_completion(const Command& program) {
  CommonOptions unused;
  const Command common = common_table(unused);
  std::string out = "# fish completion for trackier-ctl\ncomplete -c trackier-ctl -f\n";
  const auto option_row = [&out](const Argument& option, const std::string& condition) {
    out += "complete -c trackier-ctl";
    if (!condition.empty()) {
      out += " -n " + in_single_quotes(condition);
    }
    if (option.letter() != '\0') {
      out += fmt::format(" -s {}", option.letter());
    }
    if (option.name().starts_with("--")) {
      out += " -l " + option.name().substr(2);
    }
    out += fish_value(option) + " -d " + in_single_quotes(option.help()) + "\n";
  };
  for (const Argument& option : common.options()) {
    option_row(option, "");
  }
  for_each_command(program, "", [&](const Command& command, const std::string& path) {
    const std::string condition = fish_condition(command, path);
    for (const Command* each : command.commands()) {
      out +=
          fmt::format("complete -c trackier-ctl -n {} -a {} -d {}\n", in_single_quotes(condition),
                      each->name(), in_single_quotes(each->summary()));
    }
    for (const Argument& option : command.options()) {
      option_row(option, condition);
    }
    if (const auto words = positional_words(command, program); !words.empty()) {
      out += fmt::format("complete -c trackier-ctl -n {} -a {}\n", in_single_quotes(condition),
                         in_single_quotes(fmt::format("{}", fmt::join(words, " "))));
    }
    if (takes_files(command)) {
      out += fmt::format("complete -c trackier-ctl -n {} -F\n", in_single_quotes(condition));
    }
  });
  return out;
}

}  // namespace trackier::cli
