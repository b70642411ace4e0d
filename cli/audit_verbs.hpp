#pragma once
/// The verbs of the command for the audit log.

#include "args.hpp"

namespace trackier::cli {

Command make_audit_log();
Command make_audit_find();
Command make_audit_verify();
Command make_audit_checkpoint();
Command make_audit_prove();
Command make_audit_give_up();
Command make_audit_key();
Command make_audit_witness();
Command make_audit_anchor();

}  // namespace trackier::cli
