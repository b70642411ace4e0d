// What a second host runs, behind a forced command of sshd(8), for hosts that anchor their log
// there. What the client wants to run, which is in SSH_ORIGINAL_COMMAND, does not matter.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "audit/segments.hpp"
#include "audit/witness.hpp"
#include "audit_log.hpp"
#include "audit_verbs.hpp"
#include "confinement.hpp"
#include "core/duration.hpp"
#include "core/text.hpp"
#include "durations.hpp"
#include "json_line.hpp"
#include "os/whole_file.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

struct CheckOptions {
  std::optional<std::string> silent_after;
  bool json = false;
};

/// An anchor is made each hour, and may take its time.
constexpr std::chrono::minutes usual_silence{75};

Time time_of_clock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

audit::WitnessOptions options_of(Context& context) {
  audit::WitnessOptions made{.directory = context.environment().state_directory() / "witness",
                             .name = audit_origin(context),
                             .hosts = {},
                             .stop = context.interrupt().token()};
  for (const auto& each : context.settings().audit.hosts) {
    made.hosts.push_back(each.key);
  }
  if (made.hosts.empty()) {
    throw Error{Code::config, "the settings have no [[audit.host]]",
                "add the key of each host, as trackier-ctl audit key prints it there"};
  }
  return made;
}

std::string refusal_text(audit::Refusal refusal, const std::string& origin,
                         const audit::WitnessRequest& request, std::uint64_t size) {
  switch (refusal) {
    case audit::Refusal::other_size:
      return fmt::format("{}: it was seen with {} records, and the request is from {} on", origin,
                         size, request.old_size);
    case audit::Refusal::other_root:
      return fmt::format("{}: it was seen with {} other records", origin, size);
    case audit::Refusal::no_proof:
      return fmt::format("{}: it does not continue the {} records that were seen", origin, size);
  }
  throw Error{Code::bug, "a refusal without a text"};
}

int witness(Context& context) {
  audit::WitnessOptions options = options_of(context);
  const crypto::Secret key = audit_signing_key(context);
  audit::prepare_directory(context.files(), options.directory);
  confine(context, {.inside = {options.directory}, .is_recorded = false});
  const auto input = os::standard_input();
  const auto request = audit::parse_witness_request(
      os::read_whole(*input, audit::most_note_bytes, "the request to the witness"));
  audit::Witness witness{context.files(), std::move(options), key};
  const audit::WitnessAnswer answer = witness.add(request, time_of_clock());
  if (answer.refusal) {
    const std::string origin = printable(audit::parse_checkpoint(request.checkpoint.text).origin);
    context.out().result(audit::witness_size_text(answer.size));
    context.out().error(
        Error{Code::verdict, refusal_text(*answer.refusal, origin, request, answer.size)});
    return static_cast<int>(Code::verdict);
  }
  context.out().result(audit::to_text(*answer.cosignature));
  return 0;
}

class Check {
 public:
  Check(Context& context, const CheckOptions& options)
      : context_(context),
        options_(options),
        limit_(options.silent_after ? duration_of(*options.silent_after, "--silent-after")
                                    : std::chrono::seconds{usual_silence}) {}

  int run() {
    const crypto::Secret key = audit_signing_key(context_);
    const audit::Witness witness{context_.files(), options_of(context_), key};
    std::optional<Code> failure;
    for (const std::string& origin : witness.origins()) {
      try {
        if (tell(witness.seen(origin))) {
          failure = failure.value_or(Code::verdict);
        }
      } catch (const os::Interrupted&) {
        throw;
      } catch (const Error& error) {
        context_.out().error(error);
        failure = failure.value_or(error.code());
      }
    }
    return static_cast<int>(failure.value_or(Code::ok));
  }

 private:
  /// True when the host is silent.
  bool tell(const audit::SeenLog& seen) {
    const bool is_silent = audit::is_silent(seen, now_, limit_);
    if (options_.json) {
      context_.out().result(
          json_line(Json{{"host", seen.origin},
                         {"heard", seen.heard ? Json(to_rfc3339(*seen.heard)) : Json()},
                         {"age_seconds", seen.heard ? Json((now_ - *seen.heard).count()) : Json()},
                         {"records", seen.size},
                         {"silent", is_silent},
                         {"note", seen.heard ? Json(seen.file.native()) : Json()}}));
    }
    if (is_silent) {
      context_.out().warning(text_of(seen));
    }
    return is_silent;
  }

  [[nodiscard]] std::string text_of(const audit::SeenLog& seen) const {
    const std::string host = printable(seen.origin);
    if (!seen.heard) {
      return fmt::format("{} has never been heard", host);
    }
    if (*seen.heard > now_) {
      return fmt::format(
          "{} was heard at {}, which is to come: the clock of this host was set back", host,
          to_rfc3339(*seen.heard));
    }
    return fmt::format("{} has been silent for {}: it was heard last at {}", host,
                       duration_text(now_ - *seen.heard), to_rfc3339(*seen.heard));
  }

  Context& context_;
  const CheckOptions& options_;
  std::chrono::seconds limit_;
  Time now_ = time_of_clock();
};

Command make_check() {
  auto options = std::make_shared<CheckOptions>();
  Command command{"check", "say which hosts have not been heard"};
  command.about("Exits 1 and names each host whose log was not cosigned here for too long.");
  command.option("--silent-after", options->silent_after, "TIME",
                 "how long a host may be silent; 75m if not said");
  command.flag("--json", options->json, "print a line of JSON for each host");
  command.run([options](Context& context) { return Check{context, *options}.run(); });
  return command;
}

}  // namespace

Command make_audit_witness() {
  Command command{"witness", "cosign the log of another host, if it only grew"};
  command.about(
      "Reads a request of trackier-ctl audit anchor on another host, and prints the cosignature.\n"
      "For a forced command of sshd: restrict,command=\"trackier-ctl audit witness\".");
  command.add(make_check());
  command.run([](Context& context) { return witness(context); });
  return command;
}

}  // namespace trackier::cli
