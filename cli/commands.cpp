#include "commands.hpp"

namespace trackier::cli {

Command program() {
  Command program{"trackier-ctl", "makes privacy promises executable"};
  program.about(
      "Takes the people out of log files, and says whether any are still in them.\n"
      "No settings are needed: trackier-ctl anonymize access.log -o access.anon.log");
  program.add(anonymize());
  program.add(config());
  program.add(completion());
  program.add(help());
  return program;
}

}  // namespace trackier::cli
