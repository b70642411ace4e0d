#include "commands.hpp"

namespace trackier::cli {

Command program() {
  Command program{"trackier-ctl", "makes privacy promises executable"};
  program.about(
      "Takes the people out of log files, says whether any are still in them, seals files\n"
      "for the people who may read them, and backs databases up every hour.\n"
      "No settings are needed: trackier-ctl anonymize access.log -o access.anon.log");
  program.add(anonymize());
  program.add(detokenize());
  program.add(encrypt());
  program.add(decrypt());
  program.add(inspect());
  program.add(keys());
  program.add(backup());
  program.add(backups());
  program.add(audit());
  program.add(alert());
  program.add(breach());
  program.add(restore());
  program.add(prune());
  program.add(verify());
  program.add(status());
  program.add(check());
  program.add(report());
  program.add(schedule());
  program.add(config());
  program.add(completion());
  program.add(help());
  return program;
}

}  // namespace trackier::cli
