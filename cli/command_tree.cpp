// Commands below commands, made when they are looked at.
#include <algorithm>
#include <utility>

#include "args.hpp"

namespace trackier::cli {

Command& Command::add(Command command) {
  std::string name = command.name();
  below_.push_back({.name = std::move(name),
                    .make = {},
                    .made = std::make_unique<const Command>(std::move(command))});
  return *this;
}

Command& Command::add(std::string name, std::function<Command()> make) {
  below_.push_back({.name = std::move(name), .make = std::move(make), .made = {}});
  return *this;
}

const Command& Command::Below::command() const {
  if (!made) {
    made = std::make_unique<const Command>(make());
  }
  return *made;
}

std::vector<std::string> Command::command_names() const {
  std::vector<std::string> names;
  for (const Below& below : below_) {
    names.push_back(below.name);
  }
  return names;
}

std::vector<const Command*> Command::commands() const {
  std::vector<const Command*> commands;
  for (const Below& below : below_) {
    commands.push_back(&below.command());
  }
  return commands;
}

const Command* Command::find(std::string_view name) const {
  const auto found = std::ranges::find(below_, name, &Below::name);
  return found == below_.end() ? nullptr : &found->command();
}

Command& Command::run(std::function<int(Context&)> action) {
  action_ = std::move(action);
  return *this;
}

}  // namespace trackier::cli
