// The log of this host is signed, and shown to its witnesses.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoints.hpp"
#include "audit/witness_request.hpp"
#include "audit_log.hpp"
#include "audit_verbs.hpp"
#include "core/text.hpp"
#include "os/patient_lock.hpp"
#include "os/program.hpp"
#include "os/signals.hpp"

namespace trackier::cli {
namespace {

struct AnchorOptions {
  bool dry_run = false;
};

using Asked = config::Audit::Witness;

/// Held while the log is shown to its witnesses: a witness that has seen more than we sign has then
/// not seen it from another run.
std::unique_ptr<os::File> anchor_lock(Context& context) {
  constexpr std::chrono::minutes patience{5};
  constexpr unsigned private_file = 0600;
  auto file = os::lock_with_patience(context.files(), audit_directory(context) / "anchor.lock",
                                     private_file, patience, context.interrupt().token());
  if (!file) {
    os::throw_if_interrupted();
    throw Error{Code::busy, "another run shows the audit log to its witnesses",
                "try again; a run that was stopped has to be continued or ended"};
  }
  return file;
}

/// How a witness took it.
enum class Reply : std::uint8_t { cosigned, refused, failed };

class Anchoring {
 public:
  explicit Anchoring(Context& context)
      : context_(context),
        settings_(context.settings().audit),
        log_(audit_log(context)),
        checkpoints_(log_),
        held_(anchor_lock(context)) {}

  int run() {
    const std::string origin = audit_origin(context_);
    const audit::Policy policy = audit_policy(context_);
    // What the witnesses know, most likely: the checkpoint before has their cosignatures.
    if (const auto before = audit::newest_checkpoint(context_.files(), audit_directory(context_))) {
      before_ = audit::parse_note(*before);
    }
    sign(origin, policy.log.front());
    std::size_t cosigned = 0;
    bool is_refused = false;
    for (const Asked& each : settings_.witnesses) {
      if (!each.command.empty()) {
        const Reply reply = ask(each);
        cosigned += reply == Reply::cosigned ? 1 : 0;
        is_refused = is_refused || reply == Reply::refused;
      }
    }
    if (cosigned >= policy.quorum) {
      checkpoints_.keep(audit::to_text(note_), policy);
    } else if (!is_refused) {
      throw Error{Code::unavailable,
                  fmt::format("{} of {} witnesses have signed, and {} have to: the audit log is "
                              "not anchored",
                              cosigned, settings_.witnesses.size(), policy.quorum),
                  "nothing is lost: the next anchor covers this one"};
    }
    return static_cast<int>(is_refused ? Code::verdict : Code::ok);
  }

 private:
  void sign(const std::string& origin, const audit::NoteKey& own) {
    note_ = audit::parse_note(checkpoints_.sign(origin, audit_signing_key(context_)));
    // Of a log that has not grown it is the note of the last time: it is cosigned anew.
    std::erase_if(note_.signatures, [&](const audit::NoteSignature& each) {
      return each.name != own.name || each.id != own.id();
    });
    checkpoint_ = audit::parse_checkpoint(note_.text);
  }

  /// The size that the witness has cosigned last, as far as we know.
  [[nodiscard]] std::uint64_t size_seen_by(const audit::NoteKey& witness) const {
    if (!before_) {
      return 0;
    }
    const bool has_signed =
        std::ranges::any_of(before_->signatures, [&](const audit::NoteSignature& each) {
          return each.name == witness.name && each.id == witness.id();
        });
    const audit::Checkpoint seen = audit::parse_checkpoint(before_->text);
    return has_signed && seen.size <= checkpoint_.size ? seen.size : 0;
  }

  Reply ask(const Asked& witness) {
    try {
      std::uint64_t old_size = size_seen_by(witness.key);
      auto printed = send(witness, old_size);
      const auto seen = size_told(printed);
      if (seen && *seen != old_size && *seen <= checkpoint_.size) {
        old_size = *seen;
        printed = send(witness, old_size);
      }
      return take(witness, old_size, printed);
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      context_.out().warning(
          fmt::format("witness {}: {}", printable(witness.key.name), error.what()));
      return Reply::failed;
    }
  }

  Reply take(const Asked& witness, std::uint64_t old_size, const os::Printed& printed) {
    if (const auto seen = size_told(printed)) {
      context_.out().error(Error{
          Code::verdict,
          fmt::format("witness {} refuses: {}", printable(witness.key.name),
                      *seen > checkpoint_.size
                          ? fmt::format("it has seen {} records of this audit log, and there are "
                                        "{} now",
                                        *seen, checkpoint_.size)
                          : fmt::format("the {} records it has seen of this audit log were others",
                                        old_size)),
          "the log was rolled back or rewritten, by somebody or by restoring this host from a "
          "backup; or another host signs with its key. Leave it as it is, take a copy, and compare "
          "it with what the witness has kept"});
      return Reply::refused;
    }
    if (!printed.ended.well()) {
      tell_complaints(witness, printed.ended);
      throw Error{Code::unavailable,
                  fmt::format("{} {}", printable(witness.command.front()), printed.ended.manner())};
    }
    note_.signatures.push_back(audit::cosignature_in(printed.output, note_, witness.key));
    return Reply::cosigned;
  }

  /// What it said on standard error, the last lines of it.
  void tell_complaints(const Asked& witness, const os::Ended& ended) const {
    constexpr std::size_t most_lines = 20;
    std::vector<std::string_view> lines;
    for (std::string_view rest = ended.complaints; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      if (end != 0) {
        lines.push_back(rest.substr(0, end));
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const std::size_t first = lines.size() > most_lines ? lines.size() - most_lines : 0;
    for (std::size_t i = first; i < lines.size(); ++i) {
      context_.out().warning(
          fmt::format("witness {}: it says: {}", printable(witness.key.name), printable(lines[i])));
    }
  }

  /// Of a refusal: what the witness has cosigned last.
  static std::optional<std::uint64_t> size_told(const os::Printed& printed) {
    const bool is_verdict =
        printed.ended.signal == 0 && printed.ended.status == static_cast<int>(Code::verdict);
    return is_verdict ? audit::parse_witness_size(printed.output) : std::nullopt;
  }

  os::Printed send(const Asked& witness, std::uint64_t old_size) {
    constexpr std::chrono::seconds patience{60};
    constexpr std::size_t most = std::size_t{64} * 1024;
    const std::string request = audit::to_text(audit::WitnessRequest{
        .old_size = old_size,
        .proof = checkpoints_.consistency(old_size, checkpoint_.size),
        .checkpoint = {.text = note_.text, .signatures = {note_.signatures.front()}}});
    os::ProgramOptions options{.program = witness.command.front(),
                               .arguments = {witness.command.begin() + 1, witness.command.end()},
                               .environment = {},
                               .directory = {},
                               .patience = patience};
    for (char* const* each = context_.environment().variables; *each != nullptr; ++each) {
      options.environment.emplace_back(*each);
    }
    return os::exchange(options, as_bytes(request), most);
  }

  Context& context_;
  const config::Audit& settings_;
  audit::Log log_;
  audit::Checkpoints checkpoints_;
  std::unique_ptr<os::File> held_;
  std::optional<audit::Note> before_;
  audit::Note note_;
  audit::Checkpoint checkpoint_;
};

int dry_run(Context& context) {
  for (const Asked& each : context.settings().audit.witnesses) {
    if (!each.command.empty()) {
      context.out().result(fmt::format("would ask {} to cosign {}, by {}\n",
                                       printable(each.key.name), printable(audit_origin(context)),
                                       printable(fmt::format("{}", fmt::join(each.command, " ")))));
    }
  }
  return 0;
}

int run(Context& context, const AnchorOptions& options) {
  const auto& witnesses = context.settings().audit.witnesses;
  if (std::ranges::all_of(witnesses, [](const Asked& each) { return each.command.empty(); })) {
    throw Error{Code::config, "no [[audit.witness]] of the settings has a command",
                "command = [\"/usr/bin/ssh\", \"-T\", \"witness.example.org\"]"};
  }
  return options.dry_run ? dry_run(context) : Anchoring{context}.run();
}

}  // namespace

Command make_audit_anchor() {
  auto options = std::make_shared<AnchorOptions>();
  Command command{"anchor", "have witnesses cosign the log as it is now"};
  command.about(
      "Signs how far the audit log goes, and runs the command of each [[audit.witness]], which\n"
      "takes that to another host. Exits 1 when a witness has seen another log.");
  command.flag("--dry-run", options->dry_run, "say whom it would ask, and ask nobody");
  command.run([options](Context& context) { return run(context, *options); });
  return command;
}

}  // namespace trackier::cli
