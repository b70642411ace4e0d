#pragma once
/// What commands do is recorded before they begin, and how it ended after.

#include "args.hpp"
#include "audit/record.hpp"
#include "context.hpp"

namespace trackier::cli {

/// Whether a command reads or changes keys, backups, personal data or incidents; `inspect` does
/// when it was given something that opens an envelope.
bool is_recorded(const Parsed& parsed);

/// Whether more values stood on the command line than the record has room for.
bool lacks_values(const audit::Record& record);

/// Runs the command; one that is_recorded(), between an intent and an outcome in the audit log,
/// unless the settings say otherwise. When the intent cannot be written nothing is done:
/// Error{Code::io}, or Error{Code::busy} when other runs hold the log.
int run_recorded(const Parsed& parsed, Context& context);

}  // namespace trackier::cli
