#include "commands.hpp"
#include "context.hpp"
#include "help_text.hpp"

namespace trackier::cli {

Command help() {
  auto names = std::make_shared<std::vector<std::string>>();
  Command command{"help", "explain a command"};
  command.about("The same as --help behind the name of the command.");
  command.positionals("COMMAND", *names, "the command to explain; all of them when none is given")
      .offers(Offer::commands);
  command.example("trackier-ctl help anonymize");
  command.run([names](Context& context) {
    context.out().result(full_help(find_command(context.program(), *names)));
    return 0;
  });
  return command;
}

}  // namespace trackier::cli
