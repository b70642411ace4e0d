// The command that leads through a breach; its verbs are in the files breach_*.cpp.
#include "breach.hpp"

#include "commands.hpp"

namespace trackier::cli {

Command breach() {
  Command command{"breach", "lead through a breach: clocks, counts, notices and their record"};
  command.about(
      "Opens an incident, runs every clock that the law and the promise of 48 hours start,\n"
      "counts from logs whom it touches, drafts a notice for each customer with that customer's\n"
      "numbers alone, and keeps a signed timeline. It advises; people decide.\n"
      "man trackier-ctl-breach walks through a night.");
  command.add(breach_verbs::make_open());
  command.add(breach_verbs::make_next());
  command.add(breach_verbs::make_clock());
  command.add(breach_verbs::make_note());
  command.add(breach_verbs::make_mark());
  command.add(breach_verbs::make_aware());
  command.add(breach_verbs::make_scope());
  command.add(breach_verbs::make_fact());
  command.add(breach_verbs::make_severity());
  command.add(breach_verbs::make_duties());
  command.add(breach_verbs::make_decide());
  command.add(breach_verbs::make_draft());
  command.add(breach_verbs::make_edit());
  command.add(breach_verbs::make_diff());
  command.add(breach_verbs::make_check());
  command.add(breach_verbs::make_approve());
  command.add(breach_verbs::make_eml());
  command.add(breach_verbs::make_sent());
  command.add(breach_verbs::make_status());
  command.add(breach_verbs::make_list());
  command.add(breach_verbs::make_timeline());
  command.add(breach_verbs::make_head());
  command.add(breach_verbs::make_correct());
  command.add(breach_verbs::make_close());
  command.add(breach_verbs::make_dismiss());
  command.add(breach_verbs::make_register());
  command.add(breach_verbs::make_bundle());
  command.add(breach_verbs::make_drill());
  command.add(breach_verbs::make_template());
  command.example(
      "trackier-ctl breach open 'Click exports public' --detected 2026-11-26T02:10:00Z");
  command.example("trackier-ctl breach next TI-2026-0001");
  command.example("trackier-ctl breach status --warn-within 12h");
  return command;
}

}  // namespace trackier::cli
