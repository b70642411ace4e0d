#include "encrypt_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "os/terminal.hpp"
#include "output_claims.hpp"

namespace trackier::cli {
namespace {

using Path = std::filesystem::path;

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw Error{Code::usage, what, hint};
}

void check_modes(const EncryptOptions& options) {
  const bool to_standard_output =
      options.output ? *options.output == "-"
                     : !options.output_directory && reads_standard_input(options.inputs);
  check_output_options(options.output, options.output_directory);
  if (options.output && options.inputs.size() > 1) {
    refuse("-o takes one input", "use --out-dir for several, or neither");
  }
  if (options.output_directory && reads_standard_input(options.inputs)) {
    refuse("--out-dir needs named inputs, and standard input has no name", "use -o");
  }
  if (options.output && options.opaque_names) {
    refuse("-o names the envelope, and --opaque-names would", "give one of them");
  }
  if (options.opaque_names && reads_standard_input(options.inputs)) {
    refuse("--opaque-names needs named inputs", "use -o for standard input");
  }
  if (options.remove_source && (to_standard_output || reads_standard_input(options.inputs))) {
    refuse("--remove-source needs named inputs, and envelopes that are files",
           "what has gone down a pipe cannot be read again and verified");
  }
  if (options.json && to_standard_output && !options.dry_run) {
    refuse("--json needs -o, --out-dir or named files",
           "standard output would hold the envelope as well");
  }
  if (to_standard_output && !options.output && !options.dry_run &&
      os::is_terminal(os::Stream::output)) {
    refuse("encrypted bytes are nothing for a terminal", "pass -o FILE, or -o - if you mean it");
  }
}

}  // namespace

Target envelope_target(const EncryptOptions& options, const Input& input, const std::string& id) {
  if (options.output) {
    return *options.output == "-" ? Target{} : Target{.path = *options.output, .named = true};
  }
  if (input.path == "-") {
    return {};
  }
  const Path from{input.path};
  const std::string name =
      (options.opaque_names ? id : from.filename().native()) + std::string{envelope_suffix};
  if (from.filename().empty()) {
    throw Error{Code::cannot_create, fmt::format("{} has no name", printable(input.path)),
                "name the envelope with -o"};
  }
  const Path directory = options.output_directory
                             ? Path{*options.output_directory} / input.below.parent_path()
                             : from.parent_path();
  return {.path = directory / name};
}

EncryptPlan make_encrypt_plan(Context& context, const EncryptOptions& options) {
  check_modes(options);
  EncryptPlan plan{.recipients = recipients_of(context, options.recipients)};
  plan.inputs = inputs_of(context.files(), options.inputs, {.include = options.include},
                          [&](const Error& error) {
                            context.out().error(error);
                            plan.failure = plan.failure.value_or(error.code());
                          });
  if (options.output && plan.inputs.size() > 1) {
    refuse("-o takes one input, and there are several in the directory", "use --out-dir");
  }
  if (!options.opaque_names && !options.output) {
    refuse_collisions(context.files(), plan.inputs,
                      [&](const Input& input) { return envelope_target(options, input, {}); });
  }
  return plan;
}

}  // namespace trackier::cli
