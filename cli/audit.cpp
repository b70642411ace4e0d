// The command for the audit log; its verbs are in the files audit_*.cpp.
#include "audit_verbs.hpp"
#include "commands.hpp"

namespace trackier::cli {

Command audit() {
  Command command{"audit", "have the record of who did what witnessed by another host"};
  command.about(
      "Every change is recorded in a log whose records cannot be changed unnoticed, once another\n"
      "host has signed how far it goes.");
  command.add(make_audit_anchor());
  command.add(make_audit_witness());
  command.example("trackier-ctl audit anchor");
  command.example("trackier-ctl audit witness check");
  return command;
}

}  // namespace trackier::cli
