#pragma once
/// The verbs of the command for the audit log.

#include "args.hpp"

namespace trackier::cli {

Command make_audit_witness();
Command make_audit_anchor();

}  // namespace trackier::cli
