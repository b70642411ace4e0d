#pragma once
/// A database may have any number of tables, a record may not. Of interest inside this area only.

#include <cstddef>

#include "proof/proof.hpp"

namespace trackier::proof {

/// When the record has more than `most_bytes` bytes, leaves out tables that agree, then all but a
/// thousand of those that differ, then all but a thousand of what is unchecked; how many that were
/// is added to what is unchecked. It may still be too long after that.
void shorten(Proof& proof, std::size_t most_bytes);

}  // namespace trackier::proof
