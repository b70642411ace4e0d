// The command that says what an envelope is.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "confinement.hpp"
#include "core/text.hpp"
#include "core/time.hpp"
#include "envelope/inspect.hpp"
#include "envelope/open.hpp"
#include "identities.hpp"
#include "inputs.hpp"
#include "os/process.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;
using envelope::Inspection;
using envelope::Stanza;

struct Options {
  std::vector<std::string> inputs;
  IdentityOptions identities;
  std::vector<std::string> include;
  std::optional<unsigned> threads;
  bool verify = false;
  bool json = false;
};

/// What a stanza says of its recipient, by trackier-envelope(5), STANZAS.
struct Described {
  std::string key_id;  ///< empty: there is none
  std::string set;     ///< of officers; empty for others
  unsigned threshold = 0;
  unsigned x = 0;
};

unsigned number_in(const std::string& text) {
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;  // the parser of the head has checked it
}

Described describe(const Stanza& stanza) {
  const bool officer = stanza.type == "officer" && stanza.arguments.size() >= 4;
  if (officer) {
    return {.key_id = stanza.arguments[0],
            .set = stanza.arguments[1],
            .threshold = number_in(stanza.arguments[2]),
            .x = number_in(stanza.arguments[3])};
  }
  envelope::KeyId id{};
  const bool known = (stanza.type == "hpke" || stanza.type == "kek") && !stanza.arguments.empty() &&
                     envelope::parse_id(stanza.arguments[0], id);
  return {.key_id = known ? stanza.arguments[0] : std::string{}};
}

std::string time_of(std::int64_t nanoseconds) {
  return to_rfc3339(
      Time{std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds{nanoseconds})});
}

Json json_of(const envelope::Metadata& sealed) {
  return {{"name", sealed.name ? Json(*sealed.name) : Json()},
          {"modified", sealed.modified_ns ? Json(time_of(*sealed.modified_ns)) : Json()},
          {"mode", sealed.mode ? Json(fmt::format("{:04o}", *sealed.mode)) : Json()},
          {"zstd", sealed.zstd}};
}

Json json_of(const Stanza& stanza) {
  const Described described = describe(stanza);
  const bool officer = !described.set.empty();
  return {{"type", stanza.type},
          {"key_id", described.key_id.empty() ? Json() : Json(described.key_id)},
          {"set", officer ? Json(described.set) : Json()},
          {"threshold", officer ? Json(described.threshold) : Json()},
          {"x", officer ? Json(described.x) : Json()}};
}

/// What is known of one envelope.
struct Known {
  Inspection inspection;
  std::optional<envelope::Metadata> sealed;
  bool authentic = false;
};

std::string json_line(const Input& input, const Known& known) {
  const Inspection& inspection = known.inspection;
  const envelope::Block& block = inspection.head.current();
  Json stanzas = Json::array();
  for (const Stanza& stanza : block.stanzas) {
    stanzas.push_back(json_of(stanza));
  }
  const Json json{
      {"file", input.path},
      {"id", envelope::to_text(block.id)},
      {"sequence", block.sequence},
      {"settled", inspection.head.is_settled()},
      {"envelope_bytes", inspection.envelope_bytes},
      {"content_bytes", inspection.plain_bytes},
      {"complete", inspection.complete},
      {"incomplete_because", inspection.complete ? Json() : Json(inspection.incomplete_because)},
      {"metadata", !block.metadata.empty()},
      {"stanzas", std::move(stanzas)},
      {"authentic", known.authentic ? Json(true) : Json()},
      {"sealed", known.sealed ? json_of(*known.sealed) : Json()},
  };
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string text_of(const envelope::Metadata& sealed) {
  std::vector<std::string> parts;
  if (sealed.name) {
    parts.push_back(printable(*sealed.name));
  }
  if (sealed.mode) {
    parts.push_back(fmt::format("{:04o}", *sealed.mode));
  }
  if (sealed.modified_ns) {
    parts.push_back(time_of(*sealed.modified_ns));
  }
  if (sealed.zstd) {
    parts.emplace_back("zstd");
  }
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string text_of(const std::vector<Stanza>& stanzas) {
  std::string text;
  std::map<std::string, std::pair<unsigned, std::vector<std::string>>> sets;
  for (const Stanza& stanza : stanzas) {
    const Described described = describe(stanza);
    if (!described.set.empty()) {
      sets[described.set].first = described.threshold;
      sets[described.set].second.push_back(described.key_id);
    } else {
      text += fmt::format("  opens with {}{}{}\n", printable(stanza.type),
                          described.key_id.empty() ? "" : " ", described.key_id);
    }
  }
  for (const auto& [set, officers] : sets) {
    text += fmt::format("  opens with {} of {} officers: {}\n", officers.first,
                        officers.second.size(), fmt::join(officers.second, " "));
  }
  return text;
}

std::string text(const Input& input, const Known& known) {
  const Inspection& inspection = known.inspection;
  const envelope::Block& block = inspection.head.current();
  const std::string state = inspection.complete
                                ? (known.authentic ? "complete and authentic" : "complete")
                                : "incomplete: " + inspection.incomplete_because;
  const std::string metadata = known.sealed             ? text_of(*known.sealed)
                               : block.metadata.empty() ? "none"
                                                        : "sealed";
  return fmt::format(
             "{}: {}\n  content    {} in {}, {}\n  head       sequence {}, {}\n"
             "  metadata   {}\n",
             shown(input), envelope::to_text(block.id), human_bytes(inspection.plain_bytes),
             human_bytes(inspection.envelope_bytes), state, block.sequence,
             inspection.head.is_settled() ? "settled" : "not settled: a rewrap will mend it",
             metadata) +
         text_of(block.stanzas);
}

class Run {
 public:
  Run(Context& context, const Options& options) : context_(context), options_(options) {
    if (options_.identities.any()) {
      identities_ = identities_of(context, options_.identities);
    }
    if (std::ranges::find(options_.inputs, "-") != options_.inputs.end()) {
      throw Error{Code::usage, "only files can be inspected", "name one"};
    }
    inputs_ = inputs_of(context.files(), options_.inputs,
                        {.include = options_.include, .envelopes = true}, [&](const Error& error) {
                          context.out().error(error);
                          failure_ = failure_.value_or(error.code());
                        });
  }

  int all() {
    confine(context_, {.inputs = paths_of(inputs_), .is_recorded = options_.identities.any()});
    const auto failure =
        for_each_input(context_, inputs_, failure_, [this](const Input& input) { one(input); });
    if (failure) {
      return static_cast<int>(*failure);
    }
    return static_cast<int>(options_.verify && incomplete_ ? Code::verdict : Code::ok);
  }

 private:
  void one(const Input& input) {
    const auto file = open_input(context_.files(), input);
    if (file->status().kind != os::FileStatus::Kind::regular) {
      throw Error{Code::no_input, fmt::format("{} is not a regular file", shown(input))};
    }
    Known known{.inspection = envelope::inspect(*file, shown(input))};
    incomplete_ = incomplete_ || !known.inspection.complete;
    if (!identities_.empty() && (known.inspection.complete || !options_.verify)) {
      look_inside(input, *file, known);
    }
    if (options_.json) {
      context_.out().result(json_line(input, known));
    } else if (!(options_.verify && known.inspection.complete && context_.common().quiet)) {
      context_.out().result(text(input, known));
    }
  }

  void look_inside(const Input& input, os::File& file, Known& known) {
    const auto opening = envelope::Opening::of_file(file, identities_, shown(input));
    known.sealed = opening.metadata();
    if (!options_.verify) {
      return;
    }
    Progress& progress = context_.progress();
    progress.begin(shown(input), known.inspection.plain_bytes);
    envelope::SealEvents events;
    events.progressed = [&](std::uint64_t bytes) { progress.advance(bytes, bytes); };
    envelope::verify_file(
        file, opening,
        {.name = shown(input), .workers = workers_for(options_.threads, file.status())}, events,
        context_.interrupt().token());
    progress.clear();
    known.authentic = true;
  }

  Context& context_;
  const Options& options_;
  envelope::Identities identities_;
  std::vector<Input> inputs_;
  std::optional<Code> failure_;
  bool incomplete_ = false;
};

}  // namespace

Command inspect() {
  auto options = std::make_shared<Options>();
  Command command{"inspect", "say what an envelope is, without a key"};
  command.about(
      "Prints the id of each envelope, its size, who can open it, and whether it is complete.\n"
      "With a key it shows what is sealed in the head, and --verify proves all of it.");
  command.positionals("FILE", options->inputs, "envelopes, and directories of them")
      .required()
      .offers(Offer::files);
  command.flag("--verify", options->verify, "exit 1 if an envelope is not complete");
  add_identity_options(command, options->identities);
  command.option("--include", options->include, "GLOB",
                 "of directories take only envelopes whose name matches; may be repeated");
  command.option("-j,--threads", options->threads, "N",
                 "worker threads; 0 is one for each processor", 0, 256);
  command.flag("--json", options->json, "print one JSON object for each envelope");
  command.example("trackier-ctl inspect access.log.tke");
  command.example("trackier-ctl inspect --verify --quiet /var/backups/logs");
  command.example("trackier-ctl inspect --verify -i house.key access.log.tke");
  command.run([options](Context& context) {
    os::forbid_inspection();
    return Run{context, *options}.all();
  });
  return command;
}

}  // namespace trackier::cli
