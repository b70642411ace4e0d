#pragma once
/// Files of an exceptional access: a request and the approvals of it. trackier-access(5).

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "access/officer.hpp"
#include "access/request.hpp"
#include "context.hpp"
#include "crypto/secret.hpp"
#include "envelope/identity.hpp"

namespace trackier::cli {

/// Where the one-time key of a request is kept.
std::filesystem::path one_time_key_of(const std::string& request);

/// Those of the settings who are known by name; public keys alone sign nothing.
std::vector<access::Officer> known_officers(Context& context);

/// Throws Error{Code::no_input, data}.
access::Request read_request(Context& context, const std::string& file);

/// What the approvals of a request open together. Throws what access::open_approval throws.
std::shared_ptr<const envelope::Identity> granted_identity(
    Context& context, const std::string& request, const std::vector<std::string>& approvals);

}  // namespace trackier::cli
