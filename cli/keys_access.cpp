// An exceptional look at one envelope: asked for, and granted by officers.
#include <fmt/format.h>

#include <algorithm>

#include "access/approval.hpp"
#include "access/officer.hpp"
#include "core/text.hpp"
#include "crypto/x25519.hpp"
#include "envelope/inspect.hpp"
#include "granted_access.hpp"
#include "keys.hpp"
#include "keys/reference.hpp"
#include "private_file.hpp"

namespace trackier::cli::keys_verbs {
namespace {

struct Options {
  std::string subject;  ///< the envelope of a request, the request of an approval
  std::optional<std::string> requester;
  std::optional<std::string> reason;
  std::optional<unsigned> hours;
  std::optional<std::string> officer;
  std::optional<std::string> key;
  std::optional<std::string> envelope;
  std::optional<std::string> output;
  bool force = false;
};

constexpr unsigned usual_hours = 24;
constexpr unsigned most_hours = 31 * 24;

envelope::Inspection look_at(Context& context, const std::string& path) {
  const auto file = context.files().open(path);
  return envelope::inspect(*file, printable(path));
}

int run_request(Context& context, const Options& options) {
  const envelope::Inspection inspection = look_at(context, options.subject);
  const envelope::Block& block = inspection.head.current();
  const auto officer = std::ranges::find(block.stanzas, "officer", &envelope::Stanza::type);
  if (officer == block.stanzas.end()) {
    throw Error{Code::no_permission,
                fmt::format("{} was not sealed for officers", printable(options.subject)),
                "only a recipient can open it; inspect says who they are"};
  }
  const crypto::Secret key = crypto::new_x25519_key();
  const Time made = now();
  const access::Request request{
      .envelope = block.id,
      .set = officer->arguments[1],
      .file = printable(options.subject),
      .requester = *options.requester,
      .reason = *options.reason,
      .made = made,
      .expires = made + std::chrono::hours{options.hours.value_or(usual_hours)},
      .one_time = crypto::x25519_public(key)};
  const std::string text = to_text(request);
  const PrivateFileOptions how{.replace = options.force, .inputs = {options.subject}};
  // The key first: a request nobody could use would be sent round for nothing.
  write_private_file(context, one_time_key_of(*options.output), keys::key_file_text(key).bytes(),
                     how);
  write_private_file(context, *options.output, as_bytes(text), how);
  context.out().caveat(fmt::format("give {} to the officers; keep {} to yourself",
                                   printable(*options.output),
                                   printable(one_time_key_of(*options.output).native())));
  return 0;
}

/// Whom the settings know by name is called so.
void check_officer(Context& context, const access::Officer& officer) {
  const auto known = known_officers(context);
  if (!known.empty() && std::ranges::find(known, officer) == known.end()) {
    throw Error{Code::no_permission,
                fmt::format("encrypt.officers has no {} with this key", officer.name),
                "give the name under which the settings list the key"};
  }
}

int run_approve(Context& context, const Options& options) {
  const access::Request request = read_request(context, options.subject);
  const envelope::Inspection inspection = look_at(context, *options.envelope);
  const crypto::Secret key = load_named_key(context, *options.key);
  check_officer(context, access::officer_of(*options.officer, key));
  const access::Approval approval = doing(printable(options.subject), [&] {
    return access::approve(request, inspection.head.current(), *options.officer, key, now());
  });
  const std::string text = to_text(approval);
  PrivateFileOptions how{.replace = options.force, .inputs = {options.subject, *options.envelope}};
  if (const auto key_file = key_file_of(*options.key)) {
    how.inputs.push_back(*key_file);
  }
  write_private_file(context, *options.output, as_bytes(text), how);
  context.out().result(approval.statement + "\n");
  return 0;
}

}  // namespace

Command make_request() {
  const auto options = std::make_shared<Options>();
  Command command = verb("request", "ask the officers for a look at one envelope",
                         "Writes the request, and beside it a one-time key for which the officers\n"
                         "release their shares. No keyring is needed.",
                         options, run_request);
  command.positional("ENVELOPE", options->subject, "what is to be read")
      .required()
      .offers(Offer::files);
  command.option("--requester", options->requester, "TEXT", "who will read it").required();
  command.option("--reason", options->reason, "TEXT", "why").required();
  command.option("--expires", options->hours, "HOURS", "how long it is good: 24 hours, if not said",
                 1, most_hours);
  command.option("-o,--output", options->output, "FILE", "write the request here")
      .required()
      .offers(Offer::files);
  command.flag("--force", options->force, "replace an output that exists");
  return command;
}

Command make_approve() {
  const auto options = std::make_shared<Options>();
  Command command = verb("approve", "release an officer's share of one envelope to one requester",
                         "Prints the statement that is signed. Read the request before: what is\n"
                         "released cannot be taken back. One officer's share alone opens nothing.",
                         options, run_approve);
  command.positional("REQUEST", options->subject, "the request").required().offers(Offer::files);
  command.option("--officer", options->officer, "NAME", "the officer's name, as in the settings")
      .required();
  command.option("-i,--identity", options->key, "REFERENCE", "the officer's private key")
      .required()
      .offers(Offer::files);
  command.option("--envelope", options->envelope, "FILE", "the envelope that was asked for")
      .required()
      .offers(Offer::files);
  command.option("-o,--output", options->output, "FILE", "write the approval here")
      .required()
      .offers(Offer::files);
  command.flag("--force", options->force, "replace an output that exists");
  return command;
}

}  // namespace trackier::cli::keys_verbs
