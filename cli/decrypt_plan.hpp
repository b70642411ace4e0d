#pragma once
/// From words of the command line to what a run of `decrypt` has to do.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "destination.hpp"
#include "envelope/metadata.hpp"
#include "envelope/open.hpp"
#include "identities.hpp"
#include "inputs.hpp"

namespace trackier::cli {

/// As given.
struct DecryptOptions {
  std::vector<std::string> inputs;
  IdentityOptions identities;
  std::optional<std::string> output;
  std::optional<std::string> output_directory;
  std::vector<std::string> include;
  std::optional<std::string> range;
  std::optional<unsigned> threads;
  bool force = false;
  bool preserve = false;
  bool raw = false;
  bool buffer = false;
  bool json = false;
};

struct DecryptPlan {
  envelope::Identities identities;
  std::vector<Input> inputs;
  std::optional<envelope::Range> range;
  std::optional<Code> failure;  ///< of what could not be looked into
};

/// Throws Error{Code::usage} for options that contradict each other, and what identities_of throws.
DecryptPlan make_decrypt_plan(Context& context, const DecryptOptions& options);

/// "BEGIN-END" or "BEGIN+LENGTH", numbers with KiB, MiB or GiB behind them or not; none when it is
/// neither, or END is before BEGIN.
std::optional<envelope::Range> parse_range(std::string_view text);

/// Where the content of an envelope goes. Throws Error{Code::cannot_create} when there is no name
/// for it, Error{Code::data} for a sealed name that is none.
Target content_target(const DecryptOptions& options, const Input& input,
                      const envelope::Metadata& sealed);

/// Throws as content_target does for an input that has no name for its content, whatever is sealed
/// in it: before anybody is asked for a passphrase.
void check_content_name(const DecryptOptions& options, const Input& input);

}  // namespace trackier::cli
