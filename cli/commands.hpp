#pragma once
/// All commands of the program.

#include "args.hpp"

namespace trackier::cli {

/// trackier-ctl with everything below it.
Command program();

Command anonymize();
Command decrypt();
Command encrypt();
Command inspect();
Command keys();
Command config();
Command completion();
Command help();

}  // namespace trackier::cli
