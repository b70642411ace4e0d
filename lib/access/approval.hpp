#pragma once
/// An officer's share of one envelope, released to one requester, with a signed statement.
/// trackier-access(5), APPROVAL.

#include <span>
#include <string>
#include <string_view>

#include "access/officer.hpp"
#include "access/request.hpp"
#include "core/time.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hpke.hpp"
#include "crypto/secret.hpp"
#include "envelope/block.hpp"
#include "envelope/identity.hpp"

namespace trackier::access {

struct Approval {
  crypto::Sha256Digest request{};
  Officer officer;
  Time made{};
  std::string statement;  ///< in words what the officer releases, to whom, why and until when
  unsigned threshold = 0;
  unsigned x = 0;
  crypto::HpkeMessage share;  ///< for the request's one-time key
  crypto::Signature signature{};
};

/// Opens the officer's share in `block` and seals it for the requester.
/// Throws Error{Code::no_permission} when the request has expired, is for another envelope, or the
/// officer has no share in it; Error{Code::data} when the share does not open.
Approval approve(const Request& request, const envelope::Block& block,
                 std::string_view officer_name, const crypto::Secret& officer_key, Time now);

std::string to_text(const Approval& approval);

/// Throws Error{Code::data} for anything that to_text() does not write. name: what errors call it.
Approval parse_approval(std::string_view text, const std::string& name);

/// Checks everything and opens the share. known: officers of the house; none: whoever signed is
/// taken at their word, since a false share opens nothing. Throws Error{Code::no_permission} when
/// the approval is of another request, of someone unknown, when the request has expired, or when
/// `one_time_key` is not the request's; Error{Code::data} when the signature or the share is not
/// right. name: what errors call the approval.
envelope::OfficerShare open_approval(const Approval& approval, const Request& request,
                                     const crypto::Secret& one_time_key,
                                     std::span<const Officer> known, Time now,
                                     const std::string& name);

}  // namespace trackier::access
