#include "args.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <utility>

#include "core/text.hpp"

namespace trackier::cli {
namespace {

Error usage(const std::string& what, std::string hint = {}) {
  return Error{Code::usage, what, std::move(hint)};
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string otherwise) {
  const auto near = closest(word, candidates);
  return near ? fmt::format("did you mean {}?", *near) : std::move(otherwise);
}

std::string words_of(const CommandPath& path) {
  std::vector<std::string> names;
  for (const Command* command : path) {
    names.push_back(command->name());
  }
  return fmt::format("{}", fmt::join(names, " "));
}

Error unknown_command(const CommandPath& path, std::string_view word) {
  return usage(fmt::format("{} has no command {}", words_of(path), printable(word)),
               did_you_mean(word, path.back()->command_names(),
                            fmt::format("{} -h lists the commands", words_of(path))));
}

/// A command with commands below it takes arguments of its own only if it says so.
bool takes_arguments(const Command& command) {
  return !command.has_commands() || !command.positionals().empty();
}

/// One level of the command line, parsed by CLI11: the options of a table, and for a command
/// without commands of its own the positional arguments.
class Level {
 public:
  Level(const CommandPath& path, const Command& common) : path_(path), common_(common) {
    app_.set_help_flag();
    app_.allow_extras();
    const Command& command = *path.back();
    add_options(common);
    add_options(command);
    if (takes_arguments(command)) {
      add_positionals(command);
    } else {
      app_.prefix_command();  // what follows the options is the name of a command and its arguments
    }
  }

  /// Returns what is not of this level.
  std::vector<std::string> parse(std::vector<std::string> arguments) {
    std::ranges::reverse(arguments);  // as CLI11 takes them
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ArgumentMismatch& error) {
      throw missing_value(error.what());
    } catch (const CLI::ParseError& error) {
      throw usage(printable(error.what(), 400), fmt::format("see {} -h", words_of(path_)));
    }
    std::vector<std::string> rest = app_.remaining();
    if (takes_arguments(*path_.back())) {  // CLI11 leaves over what only divides
      if (const auto divider = std::ranges::find(rest, "--"); divider != rest.end()) {
        rest.erase(divider);
      }
    }
    return rest;
  }

  [[nodiscard]] const std::vector<Given>& given() const { return given_; }

  /// Throws when an argument that has to be there is not.
  void require_arguments() const {
    for (const auto& [argument, option] : required_) {
      if (option->count() == 0) {
        throw usage(fmt::format("{} needs {}", words_of(path_), shown(*argument)),
                    argument->words().empty()
                        ? fmt::format("see {} -h", words_of(path_))
                        : fmt::format("one of: {}", fmt::join(argument->words(), ", ")));
      }
    }
  }

  [[nodiscard]] Error unexpected(std::string_view word) const {
    if (!word.starts_with('-') || word.size() < 2) {
      return usage(fmt::format("{} takes no argument {}", words_of(path_), printable(word)),
                   fmt::format("see {} -h", words_of(path_)));
    }
    std::vector<std::string> names;
    for (const Command* table : {path_.back(), &common_}) {
      for (const Argument& option : table->options()) {
        names.push_back(option.name());
      }
    }
    const std::string_view name = word.substr(0, word.find('='));
    if (name.size() <= 2) {  // any letter is near to any other
      names.clear();
    }
    return usage(fmt::format("{} has no option {}", words_of(path_), printable(name)),
                 did_you_mean(name, names, fmt::format("see {} -h", words_of(path_))));
  }

 private:
  static std::string shown(const Argument& argument) {
    return argument.name().starts_with('-')
               ? fmt::format("{} {}", argument.name(), argument.value())
               : "a " + argument.name();
  }

  void hand_over(const Argument& argument, const std::vector<std::string>& values) {
    const bool is_common = std::ranges::any_of(
        common_.options(), [&](const Argument& each) { return &each == &argument; });
    for (const std::string& value : values) {
      argument.take(value);
      if (!is_common) {
        given_.push_back({&argument, value});
      }
    }
  }

  void add_options(const Command& table) {
    for (const Argument& option : table.options()) {
      const bool both = option.letter() != '\0' && option.name().starts_with("--");
      const std::string names =
          both ? fmt::format("-{},{}", option.letter(), option.name()) : option.name();
      if (option.value().empty()) {
        app_.add_flag_function(
                names,
                [this, &option](std::int64_t times) {
                  hand_over(option, std::vector<std::string>(static_cast<std::size_t>(times)));
                })
            ->disable_flag_override();
        continue;
      }
      CLI::Option* const added = app_.add_option_function<std::vector<std::string>>(
          names,
          [this, &option](const std::vector<std::string>& values) { hand_over(option, values); });
      added->expected(1)->allow_extra_args(false);  // one value each time
      option.may_repeat() ? added->take_all() : added->take_last();
      if (option.is_required()) {
        required_.emplace_back(&option, added);
      }
    }
  }

  void add_positionals(const Command& command) {
    for (const Argument& argument : command.positionals()) {
      CLI::Option* const option = app_.add_option_function<std::vector<std::string>>(
          argument.value(), [this, &argument](const std::vector<std::string>& values) {
            hand_over(argument, values);
          });
      if (argument.may_repeat()) {
        option->expected(0, CLI::detail::expected_max_vector_size);
      } else {
        option->expected(1)->allow_extra_args(false);  // a second one is left over
      }
      if (argument.is_required()) {
        required_.emplace_back(&argument, option);
      }
    }
  }

  /// message: CLI11's, which begins with the name of the option.
  [[nodiscard]] Error missing_value(std::string_view message) const {
    for (const Command* table : {path_.back(), &common_}) {
      for (const Argument& option : table->options()) {
        const bool about_it = message.starts_with(option.name() + ":") ||
                              message.starts_with(option.name().substr(2) + " ");  // --flag=value
        if (about_it) {
          return option.value().empty()
                     ? usage(fmt::format("option {} takes no value", option.name()))
                     : usage(fmt::format("option {} needs a value", option.name()),
                             fmt::format("write {} {}", option.name(), option.value()));
        }
      }
    }
    return usage(printable(message, 400), fmt::format("see {} -h", words_of(path_)));
  }

  const CommandPath& path_;
  const Command& common_;
  CLI::App app_;
  std::vector<std::pair<const Argument*, const CLI::Option*>> required_;
  std::vector<Given> given_;
};

}  // namespace

Argument::Argument(std::string_view names, std::string value, std::string help, Take take)
    : value_(std::move(value)), help_(std::move(help)), take_(std::move(take)) {
  if (names.starts_with('-') && !names.starts_with("--")) {
    letter_ = names.at(1);
    const std::size_t comma = names.find(',');
    names.remove_prefix(comma == std::string_view::npos ? 0 : comma + 1);
  }
  name_ = names.empty() ? value_ : std::string{names};
}

Argument& Argument::one_of(std::vector<std::string> words) {
  words_ = std::move(words);
  return *this;
}

Argument& Argument::offers(Offer offer) {
  offer_ = offer;
  return *this;
}

Argument& Argument::required() {
  required_ = true;
  return *this;
}

Argument& Argument::repeats() {
  repeats_ = true;
  return *this;
}

void Argument::take(const std::string& given) const {
  const bool is_path = offer_ == Offer::files || offer_ == Offer::directories;
  if (is_path && given.empty() && name_.starts_with('-')) {
    throw usage(
        fmt::format("{} needs a {} name", name_, offer_ == Offer::files ? "file" : "directory"),
        "a variable that is not set may have stood there");
  }
  if (!words_.empty() && std::ranges::find(words_, given) == words_.end()) {
    throw usage(fmt::format("{}: there is no {}", name_, printable(given)),
                did_you_mean(given, words_, fmt::format("one of: {}", fmt::join(words_, ", "))));
  }
  take_(given);
}

Command::Command(std::string name, std::string summary)
    : name_(std::move(name)), summary_(std::move(summary)) {}

Command& Command::about(std::string text) {
  about_ = std::move(text);
  return *this;
}

Command& Command::example(std::string line) {
  examples_.push_back(std::move(line));
  return *this;
}

Argument& Command::flag(std::string_view names, bool& target, std::string help) {
  return options_.emplace_back(names, std::string{}, std::move(help),
                               [&target](const std::string&) { target = true; });
}

Argument& Command::flag(std::string_view names, int& times, std::string help) {
  return options_.emplace_back(names, std::string{}, std::move(help),
                               [&times](const std::string&) { ++times; });
}

Argument& Command::option(std::string_view names, std::optional<std::string>& target,
                          std::string value, std::string help) {
  return options_.emplace_back(names, std::move(value), std::move(help),
                               [&target](const std::string& given) { target = given; });
}

Argument& Command::option(std::string_view names, std::vector<std::string>& target,
                          std::string value, std::string help) {
  return options_
      .emplace_back(names, std::move(value), std::move(help),
                    [&target](const std::string& given) { target.push_back(given); })
      .repeats();
}

Argument& Command::option(std::string_view names, std::optional<unsigned>& target,
                          std::string value, std::string help, unsigned least, unsigned most) {
  return options_.emplace_back(
      names, std::move(value), std::move(help),
      [&target, names = std::string{names}, least, most](const std::string& given) {
        unsigned number = 0;
        const char* const end = given.data() + given.size();
        const auto parsed = std::from_chars(given.data(), end, number);
        if (given.empty() || parsed.ec != std::errc{} || parsed.ptr != end || number < least ||
            number > most) {
          throw usage(fmt::format("{}: {} is no whole number from {} to {}", names,
                                  printable(given), least, most));
        }
        target = number;
      });
}

Argument& Command::positional(std::string value, std::string& target, std::string help) {
  return positionals_.emplace_back(std::string_view{}, std::move(value), std::move(help),
                                   [&target](const std::string& given) { target = given; });
}

Argument& Command::positionals(std::string value, std::vector<std::string>& target,
                               std::string help) {
  return positionals_
      .emplace_back(std::string_view{}, std::move(value), std::move(help),
                    [&target](const std::string& given) { target.push_back(given); })
      .repeats();
}

Command common_table(CommonOptions& common) {
  Command table{"", ""};
  table.option("--config", common.config, "FILE", "read the settings from here")
      .offers(Offer::files);
  table.flag("-v,--verbose", common.verbose, "add a summary and what was detected");
  table.flag("-q,--quiet", common.quiet, "no notes; warnings and errors stay");
  table.flag("-h", common.brief_help, "show the command's own options");
  table.flag("--help", common.help, "show all there is to say");
  table.flag("--version", common.version, "show name and version");
  return table;
}

CommandPath find_command(const Command& program, std::span<const std::string> names) {
  CommandPath path{&program};
  for (const std::string& name : names) {
    const Command* const next = path.back()->find(name);
    if (next == nullptr) {
      throw unknown_command(path, name);
    }
    path.push_back(next);
  }
  return path;
}

Parsed parse(const Command& program, CommonOptions& common, std::vector<std::string> arguments) {
  const Command table = common_table(common);
  CommandPath path{&program};
  for (;;) {
    // Of a command that has both, only the word right behind its name can be one below it.
    if (takes_arguments(*path.back()) && !arguments.empty()) {
      if (const Command* const below = path.back()->find(arguments.front())) {
        path.push_back(below);
        arguments.erase(arguments.begin());
      }
    }
    Level level{path, table};
    std::vector<std::string> rest = level.parse(std::move(arguments));
    const bool informs = common.brief_help || common.help || common.version;
    if (rest.empty()) {
      if (!informs) {
        level.require_arguments();
      }
      return {.path = path, .given = level.given()};
    }
    if (takes_arguments(*path.back()) || rest.front().starts_with('-')) {
      if (informs) {
        return {.path = path, .given = {}};
      }
      throw level.unexpected(rest.front());
    }
    const Command* const next = path.back()->find(rest.front());
    if (next == nullptr) {
      throw unknown_command(path, rest.front());
    }
    path.push_back(next);
    arguments.assign(std::make_move_iterator(rest.begin() + 1),
                     std::make_move_iterator(rest.end()));
  }
}

}  // namespace trackier::cli
