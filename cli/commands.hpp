#pragma once
/// All commands of the program.

#include "args.hpp"

namespace trackier::cli {

/// trackier-ctl with everything below it.
Command program();

Command alert();
Command anonymize();
Command audit();
Command backup();
Command backups();
Command breach();
Command check();
Command decrypt();
Command detokenize();
Command encrypt();
Command inspect();
Command keys();
Command prune();
Command report();
Command restore();
Command schedule();
Command status();
Command verify();
Command config();
Command completion();
Command help();

}  // namespace trackier::cli
