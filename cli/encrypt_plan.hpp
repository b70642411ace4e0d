#pragma once
/// From words of the command line to what a run of `encrypt` has to do.

#include <optional>
#include <string>
#include <vector>

#include "destination.hpp"
#include "envelope/format.hpp"
#include "inputs.hpp"
#include "recipients.hpp"

namespace trackier::cli {

/// As given.
struct EncryptOptions {
  std::vector<std::string> inputs;
  RecipientOptions recipients;
  std::optional<std::string> output;
  std::optional<std::string> output_directory;
  std::vector<std::string> include;
  std::optional<unsigned> threads;
  bool force = false;
  bool zstd = false;
  bool opaque_names = false;
  bool remove_source = false;
  bool dry_run = false;
  bool json = false;
};

struct EncryptPlan {
  RecipientList recipients;
  std::vector<Input> inputs;
  std::optional<Code> failure;  ///< of what could not be looked into
};

/// Throws Error{Code::usage} for options that contradict each other, and what recipients_of throws.
/// Nothing has been written then, and no passphrase been asked for.
EncryptPlan make_encrypt_plan(Context& context, const EncryptOptions& options);

/// Where the envelope of an input goes; id: that of the envelope, for opaque names.
/// Throws Error{Code::cannot_create} for an input without a name that can be used.
Target envelope_target(const EncryptOptions& options, const Input& input, const std::string& id);

}  // namespace trackier::cli
