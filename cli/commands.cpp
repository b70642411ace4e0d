#include "commands.hpp"

namespace trackier::cli {

Command program() {
  Command program{"trackier-ctl", "makes privacy promises executable"};
  program.about(
      "Takes the people out of log files, says whether any are still in them, seals files\n"
      "for the people who may read them, and backs databases up every hour.\n"
      "No settings are needed: trackier-ctl anonymize access.log -o access.anon.log");
  program.add("anonymize", anonymize);
  program.add("detokenize", detokenize);
  program.add("encrypt", encrypt);
  program.add("decrypt", decrypt);
  program.add("inspect", inspect);
  program.add("keys", keys);
  program.add("backup", backup);
  program.add("backups", backups);
  program.add("audit", audit);
  program.add("alert", alert);
  program.add("breach", breach);
  program.add("restore", restore);
  program.add("prune", prune);
  program.add("verify", verify);
  program.add("status", status);
  program.add("check", check);
  program.add("report", report);
  program.add("schedule", schedule);
  program.add("config", config);
  program.add("completion", completion);
  program.add("help", help);
  return program;
}

}  // namespace trackier::cli
