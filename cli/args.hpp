#pragma once
/// The command line as a table: commands with their options and arguments. Parsing, help and the
/// completion scripts are all made from it, so that none of them can say something else.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace trackier::cli {

class Context;

/// What a shell offers for a value.
enum class Offer : std::uint8_t { nothing, files, directories, commands };

/// One option, flag or positional argument. Made by the functions of Command.
class Argument {
 public:
  using Take = std::function<void(const std::string&)>;

  /// names: "-o,--output", "--force", "-h"; empty for a positional. value: what stands for the
  /// value in help; empty for a flag. help: one line, lower case, no full stop.
  Argument(std::string_view names, std::string value, std::string help, Take take);

  Argument& one_of(std::vector<std::string> words);
  Argument& offers(Offer offer);
  Argument& required();
  Argument& repeats();

  /// "--output"; of one that is a letter alone "-h"; of a positional "FILE".
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] char letter() const { return letter_; }  ///< 'o', or NUL
  [[nodiscard]] const std::string& value() const { return value_; }
  [[nodiscard]] const std::string& help() const { return help_; }
  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }
  [[nodiscard]] Offer offer() const { return offer_; }
  [[nodiscard]] bool is_required() const { return required_; }
  [[nodiscard]] bool may_repeat() const { return repeats_; }

  /// Hands a value of the command line over. Throws Error{Code::usage}.
  void take(const std::string& given) const;

 private:
  std::string name_;
  char letter_ = '\0';
  std::string value_;
  std::string help_;
  Take take_;
  std::vector<std::string> words_;
  Offer offer_ = Offer::nothing;
  bool required_ = false;
  bool repeats_ = false;
};

class Command {
 public:
  /// summary: one line, lower case, no full stop.
  Command(std::string name, std::string summary);

  /// Paragraphs for --help.
  Command& about(std::string text);
  Command& example(std::string line);

  Argument& flag(std::string_view names, bool& target, std::string help);
  Argument& flag(std::string_view names, int& times, std::string help);
  Argument& option(std::string_view names, std::optional<std::string>& target, std::string value,
                   std::string help);
  /// One that may be given several times; each adds a value.
  Argument& option(std::string_view names, std::vector<std::string>& target, std::string value,
                   std::string help);
  /// A whole number of least to most.
  Argument& option(std::string_view names, std::optional<unsigned>& target, std::string value,
                   std::string help, unsigned least, unsigned most);
  Argument& positional(std::string value, std::string& target, std::string help);
  Argument& positionals(std::string value, std::vector<std::string>& target, std::string help);

  Command& add(Command command);
  /// One that `make` makes, under that name, when it is first looked at: a run needs one of all.
  Command& add(std::string name, std::function<Command()> make);
  Command& run(std::function<int(Context&)> action);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& summary() const { return summary_; }
  [[nodiscard]] const std::string& about() const { return about_; }
  [[nodiscard]] const std::vector<std::string>& examples() const { return examples_; }
  [[nodiscard]] const std::deque<Argument>& options() const { return options_; }
  [[nodiscard]] const std::deque<Argument>& positionals() const { return positionals_; }
  [[nodiscard]] bool has_commands() const { return !below_.empty(); }
  [[nodiscard]] std::vector<std::string> command_names() const;
  [[nodiscard]] std::vector<const Command*> commands() const;
  /// The command of that name right below this one; null: there is none.
  [[nodiscard]] const Command* find(std::string_view name) const;
  [[nodiscard]] const std::function<int(Context&)>& action() const { return action_; }

 private:
  /// A command below this one, and what makes it as long as it was not looked at.
  struct Below {
    std::string name;
    std::function<Command()> make;
    mutable std::unique_ptr<const Command> made;

    [[nodiscard]] const Command& command() const;
  };

  std::string name_;
  std::string summary_;
  std::string about_;
  std::vector<std::string> examples_;
  std::deque<Argument> options_;  // references to elements stay good
  std::deque<Argument> positionals_;
  std::deque<Below> below_;
  std::function<int(Context&)> action_;
};

/// What goes with every command, before or after its name.
struct CommonOptions {
  std::optional<std::string> config;
  int verbose = 0;
  bool quiet = false;
  bool brief_help = false;
  bool help = false;
  bool version = false;
};

/// The table of the common options, filling in `common`.
Command common_table(CommonOptions& common);

/// From the program to the command that was asked for: "trackier-ctl", "config", "check".
using CommandPath = std::vector<const Command*>;

/// What stood on the command line, of the command itself: in the order of its table.
struct Given {
  const Argument* argument = nullptr;
  std::string value;  ///< empty: of a flag
};

struct Parsed {
  CommandPath path;
  std::vector<Given> given;
};

/// Follows names as far as they go. Throws Error{Code::usage} with a suggestion for a name that is
/// none.
CommandPath find_command(const Command& program, std::span<const std::string> names);

/// Finds the command in `arguments` (without the program's name) and hands the values to its
/// targets. Throws Error{Code::usage}, nothing having been done: for an unknown command or option,
/// with a suggestion; for a value that is missing, not one of the words, or out of range; for too
/// many or too few arguments. When help or the version is asked for, what is missing does not
/// matter.
Parsed parse(const Command& program, CommonOptions& common, std::vector<std::string> arguments);

}  // namespace trackier::cli
