// The command that seals files for their recipients.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "codec/compressing_source.hpp"
#include "commands.hpp"
#include "confinement.hpp"
#include "core/text.hpp"
#include "encrypt_plan.hpp"
#include "envelope/seal.hpp"
#include "json_line.hpp"
#include "os/file_stream.hpp"
#include "os/process.hpp"
#include "passphrase.hpp"
#include "source_file.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;
using os::FileStatus;

std::string name_of(const Target& target) {
  return target.path ? target.path->native() : "-";
}

class Run {
 public:
  Run(Context& context, const EncryptOptions& options)
      : context_(context), options_(options), plan_(make_encrypt_plan(context, options)) {}

  int all() {
    if (options_.dry_run && !options_.json) {
      context_.out().result(
          fmt::format("would encrypt for {}\n", fmt::join(plan_.recipients.described, ", ")));
    }
    confine(context_, needs());
    const auto failure = for_each_input(
        context_, plan_.inputs, plan_.failure,
        [this](const Input& input) { options_.dry_run ? rehearse(input) : one(input); });
    return failure ? static_cast<int>(*failure) : 0;
  }

 private:
  [[nodiscard]] Needs needs() const {
    if (options_.dry_run) {
      return {.inputs = paths_of(plan_.inputs)};
    }
    Needs needs = needs_of_each(context_, plan_.inputs, options_.output, options_.output_directory);
    if (options_.remove_source) {
      needs.removed = needs.inputs;
    }
    return needs;
  }

  void rehearse(const Input& input) {
    SourceFile source{context_, input};
    if (options_.remove_source) {
      source.check_removable();
    }
    const Target target = envelope_target(options_, input, "ID");
    if (target.path && !options_.opaque_names && !options_.force) {
      const auto there = context_.files().entry(*target.path);
      if (there && (there->kind == FileStatus::Kind::regular || !target.named)) {
        throw Error{Code::cannot_create, fmt::format("{} exists", printable(name_of(target))),
                    "choose another name, or pass --force to replace it"};
      }
    }
    if (options_.json) {
      context_.out().result(json_line(Json{{"file", input.path},
                                           {"output", name_of(target)},
                                           {"bytes", source.status().size},
                                           {"removed", false},
                                           {"recipients", plan_.recipients.key_ids}}));
    } else {
      context_.out().result(fmt::format("{} -> {}, {}{}\n", shown(input),
                                        printable(name_of(target)),
                                        human_bytes(source.status().size),
                                        options_.remove_source ? ", and would remove it" : ""));
    }
  }

  void one(const Input& input) {
    SourceFile source{context_, input};
    if (options_.remove_source) {
      source.check_removable();
    }
    if (!source.is_named_file() && input.path != "-" && !options_.output) {
      throw Error{Code::cannot_create, fmt::format("{} is not a regular file", shown(input)),
                  "name the envelope with -o"};
    }
    const auto origin = envelope::Origin::random();
    const Target target = envelope_target(options_, input, envelope::to_text(origin.id));
    if (options_.output_directory && input.below.has_parent_path()) {
      context_.files().create_directories(target.path->parent_path());
    }
    os::ReplaceOptions how{.replace = options_.force};
    if (source.is_named_file() && !options_.zstd) {
      how.reserve = envelope::envelope_bytes(source.status().size);
    }
    Destination destination{context_, target, source.status(), how};
    const envelope::Sealed sealed = doing(fmt::format("encrypting {}", shown(input)),
                                          [&] { return seal(input, source, destination, origin); });
    source.check_unchanged();
    os::throw_if_interrupted();
    destination.finish();
    if (options_.remove_source) {
      source.remove(*target.path, origin.data_key, sealed.plain_bytes,
                    workers_for(options_.threads, source.status()));
    }
    context_.progress().clear();
    tell(input, target, source.status(), sealed);
  }

  envelope::Sealed seal(const Input& input, SourceFile& source, Destination& destination,
                        const envelope::Origin& origin) {
    const FileStatus& status = source.status();
    envelope::SealOptions options{
        .metadata = source.metadata(),
        .workers = workers_for(options_.threads, status, destination.is_pipe())};
    options.metadata.zstd = options_.zstd;
    Progress& progress = context_.progress();
    const envelope::Recipients& recipients = for_whom();
    progress.begin(shown(input), status.size);
    envelope::SealEvents events;
    events.progressed = [&](std::uint64_t bytes) { progress.advance(bytes, bytes); };
    const auto stop = context_.interrupt().token();
    try {
      if (source.is_named_file() && !options_.zstd && !destination.is_stream()) {
        return envelope::seal_file(source.file(), status.size,
                                   *destination.in_place(envelope::envelope_bytes(status.size)),
                                   recipients, origin, options, events, stop);
      }
      os::FileSource file{source.file()};
      if (!options_.zstd) {
        return envelope::seal_stream(file, destination.sink(), recipients, origin, options, events,
                                     stop);
      }
      codec::CompressingSource compressed{file, codec::Encoding::zstd};
      events.progressed = [&](std::uint64_t bytes) {
        progress.advance(compressed.consumed(), bytes);
      };
      return envelope::seal_stream(compressed, destination.sink(), recipients, origin, options,
                                   events, stop);
    } catch (const Error& error) {
      if (error.code() == Code::data) {
        source.check_unchanged();  // then it is this that is wrong
      }
      throw;
    }
  }

  /// A passphrase is asked for once, when there is something that can be encrypted.
  const envelope::Recipients& for_whom() {
    envelope::Recipients& recipients = plan_.recipients.recipients;
    if (recipients.empty()) {
      recipients.push_back(envelope::passphrase_recipient(ask_new_passphrase(context_)));
    }
    return recipients;
  }

  void tell(const Input& input, const Target& target, const FileStatus& status,
            const envelope::Sealed& sealed) {
    const std::string id = envelope::to_text(sealed.id);
    if (options_.json) {
      const bool sized = status.kind == FileStatus::Kind::regular;
      context_.out().result(json_line(Json{{"file", input.path},
                                           {"output", name_of(target)},
                                           {"id", id},
                                           {"bytes", sized ? status.size : sealed.plain_bytes},
                                           {"envelope_bytes", sealed.envelope_bytes},
                                           {"removed", options_.remove_source}}));
    }
    context_.out().detail(fmt::format("{} -> {}: {}, {}, for {}{}", shown(input),
                                      target.path ? printable(name_of(target)) : "standard output",
                                      id, human_bytes(sealed.envelope_bytes),
                                      fmt::join(plan_.recipients.described, ", "),
                                      options_.remove_source ? "; removed" : ""));
  }

  Context& context_;
  const EncryptOptions& options_;
  EncryptPlan plan_;
};

}  // namespace

Command encrypt() {
  auto options = std::make_shared<EncryptOptions>();
  Command command{"encrypt", "seal files so that only their recipients can read them"};
  command.about(
      "Each file becomes an envelope beside it, FILE.tke, which opens with the private key\n"
      "of any recipient. The host that encrypts needs public keys alone. Envelopes appear\n"
      "complete or not at all; a log that is still written to is refused.");
  command
      .positionals("FILE", options->inputs,
                   "files and directories; standard input without any, or for -")
      .offers(Offer::files);
  command.option("-r,--recipient", options->recipients.recipients, "RECIPIENT",
                 "a recipient line in quotes, or a public key; may be repeated");
  command
      .option("-R,--recipients-file", options->recipients.files, "FILE",
              "recipients, one on a line; may be repeated")
      .offers(Offer::files);
  command.option("--tenant", options->recipients.tenant, "NAME",
                 "the recipients that the settings name for a tenant");
  command.flag("--unsigned-recipient", options->recipients.unsigned_recipient,
               "take a bare key though the settings demand signed lines");
  command.flag("--passphrase", options->recipients.passphrase,
               "seal with a passphrase, asked for on the terminal");
  command.option("-o,--output", options->output, "FILE", "write the envelope here")
      .offers(Offer::files);
  command
      .option("--out-dir", options->output_directory, "DIR",
              "write the envelopes here, those of directories to the same places below it")
      .offers(Offer::directories);
  command.flag("--force", options->force, "replace outputs that exist");
  command.option("--include", options->include, "GLOB",
                 "of directories take only files whose name matches; may be repeated");
  command.flag("--zstd", options->zstd, "compress before sealing");
  command.flag("--opaque-names", options->opaque_names,
               "name envelopes after their id; the file's name is sealed");
  command.flag("--remove-source", options->remove_source,
               "remove each file once its envelope was read again and verified");
  command.option("-j,--threads", options->threads, "N", "worker threads; 0 is as many as help", 0,
                 256);
  command.flag("--dry-run", options->dry_run, "say what would be encrypted for whom");
  command.flag("--json", options->json, "print a line of JSON for each file");
  command.example("trackier-ctl encrypt -R recipients.txt access.log.1");
  command.example(
      "trackier-ctl encrypt --tenant acme --remove-source --include '*.log.*' /var/log/acme");
  command.example("pg_dump shop | trackier-ctl encrypt -R recipients.txt > shop.sql.tke");
  command.run([options](Context& context) {
    os::forbid_inspection();
    return Run{context, *options}.all();
  });
  return command;
}

}  // namespace trackier::cli
