#pragma once
/// The verb of `backup` that makes a second store.

#include "args.hpp"

namespace trackier::cli {

Command make_backup_copy();

}  // namespace trackier::cli
