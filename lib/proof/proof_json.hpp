#pragma once
/// Proofs as JSON. Of interest inside this area only.

#include <string_view>

#include "proof/proof.hpp"

namespace trackier::proof {

/// line: as json_of() writes it, but members it does not know may be there. Throws
/// Error{Code::data}.
Proof proof_in(std::string_view line);

}  // namespace trackier::proof
