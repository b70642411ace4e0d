// The command for the audit log; its verbs are in the files audit_*.cpp.
#include "audit_verbs.hpp"
#include "commands.hpp"

namespace trackier::cli {

Command audit() {
  Command command{"audit",
                  "the record of what commands did: look at it, verify it, have it witnessed"};
  command.about(
      "What reads or changes keys, backups, personal data or incidents is recorded before it "
      "begins,\n"
      "and how it ended after. Records cannot be changed unnoticed once another host has signed "
      "how\n"
      "far the log goes.");
  command.add(make_audit_log());
  command.add(make_audit_find());
  command.add(make_audit_verify());
  command.add(make_audit_checkpoint());
  command.add(make_audit_prove());
  command.add(make_audit_give_up());
  command.add(make_audit_key());
  command.add(make_audit_anchor());
  command.add(make_audit_witness());
  command.example("trackier-ctl audit log --operation keys --last 20");
  command.example("trackier-ctl audit verify");
  command.example("trackier-ctl audit anchor");
  command.example("trackier-ctl audit witness check");
  return command;
}

}  // namespace trackier::cli
