// The command that opens envelopes.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "codec/decompressing_sink.hpp"
#include "commands.hpp"
#include "confinement.hpp"
#include "core/text.hpp"
#include "decrypt_plan.hpp"
#include "os/file_stream.hpp"
#include "os/process.hpp"
#include "output_claims.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;
using envelope::Opening;
using os::FileStatus;

constexpr std::size_t copy_bytes = 256 * 1024;

/// Permissions that may come out of an envelope: never those that lend the owner's rights.
constexpr unsigned ordinary_mode = 0777;

/// Holds everything back in a file without a name until release().
class HeldBack final : public Sink {
 public:
  explicit HeldBack(Context& context)
      : file_(context.files().create_unnamed(context.environment().temporary)) {}

  void write(Bytes bytes) override {
    file_->write_at(size_, bytes);
    size_ += bytes.size();
  }
  void finish() override {}

  void release(Sink& output) {
    os::FileFrom source{*file_, 0};
    std::vector<std::byte> buffer(copy_bytes);
    while (const std::size_t count = source.read(buffer)) {
      output.write(Bytes{buffer}.first(count));
    }
  }

 private:
  std::unique_ptr<os::File> file_;
  std::uint64_t size_ = 0;
};

/// Counts what goes through.
class Counted final : public Sink {
 public:
  explicit Counted(Sink& next) : next_(next) {}
  void write(Bytes bytes) override {
    next_.write(bytes);
    bytes_ += bytes.size();
  }
  void finish() override { next_.finish(); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  Sink& next_;
  std::uint64_t bytes_ = 0;
};

class Run {
 public:
  Run(Context& context, const DecryptOptions& options)
      : context_(context), options_(options), plan_(make_decrypt_plan(context, options)) {}

  int all() {
    confine(context_, needs());
    const auto failure = for_each_input(context_, plan_.inputs, plan_.failure,
                                        [this](const Input& input) { one(input); });
    return failure ? static_cast<int>(*failure) : 0;
  }

 private:
  [[nodiscard]] Needs needs() const {
    Needs needs = needs_of_each(context_, plan_.inputs, options_.output, options_.output_directory);
    if (options_.buffer) {
      needs.inside.push_back(context_.environment().temporary);
    }
    return needs;
  }

  void one(const Input& input) {
    check_content_name(options_, input);
    const auto file = open_input(context_.files(), input);
    const FileStatus status = file->status();
    if (input.path == "-" && status.kind == FileStatus::Kind::terminal) {
      context_.out().note("reading the terminal; Ctrl-D ends it");
    }
    const bool regular = input.path != "-" && status.kind == FileStatus::Kind::regular;
    os::FileSource stream{*file};
    const Opening opening = regular ? Opening::of_file(*file, plan_.identities, shown(input))
                                    : Opening::of_stream(stream, plan_.identities, shown(input));
    const envelope::Metadata& sealed = opening.metadata();
    const Target target = content_target(options_, input, sealed);
    claims_.check(input, target);
    if (options_.output_directory && input.below.has_parent_path()) {
      context_.files().create_directories(target.path->parent_path());
    }
    os::ReplaceOptions how = attributes(sealed);
    how.reserve = regular && !plan_.range ? status.size : 0;
    Destination destination{context_, target, status, how};
    context_.progress().begin(shown(input), status.size);
    std::uint64_t written = 0;
    if (plan_.range) {
      written = part(input, *file, regular, opening, destination);
    } else if (regular && !destination.is_stream() && (!sealed.zstd || options_.raw)) {
      written = in_place(input, *file, status.size, opening, destination);
    } else {
      os::FileFrom rest{*file, envelope::head_bytes + envelope::preamble_bytes};
      written = streamed(input, status, regular ? static_cast<Source&>(rest) : stream, opening,
                         destination);
    }
    os::throw_if_interrupted();
    destination.finish();
    claims_.note(input, target);
    context_.progress().clear();
    tell(input, target, opening, written);
  }

  [[nodiscard]] os::ReplaceOptions attributes(const envelope::Metadata& sealed) const {
    os::ReplaceOptions how{.replace = options_.force};
    if (options_.preserve) {
      how.mode = sealed.mode.value_or(how.mode) & ordinary_mode;
      how.modified_ns = sealed.modified_ns;
    }
    return how;
  }

  /// bytes: that are to be opened.
  [[nodiscard]] envelope::OpenOptions opening_options(const Input& input,
                                                      std::uint64_t bytes) const {
    return {.name = shown(input),
            .workers =
                workers_for(options_.threads, {.kind = FileStatus::Kind::regular, .size = bytes})};
  }

  envelope::SealEvents events() {
    envelope::SealEvents events;
    events.progressed = [this](std::uint64_t bytes) { context_.progress().advance(bytes, bytes); };
    return events;
  }

  std::uint64_t part(const Input& input, os::File& file, bool regular, const Opening& opening,
                     Destination& destination) {
    if (!regular) {
      throw Error{Code::no_input, fmt::format("{} is not a regular file", shown(input)),
                  "--range needs one"};
    }
    if (opening.metadata().zstd && !options_.raw) {
      throw Error{Code::usage,
                  fmt::format("{} was compressed before it was sealed, and --range counts bytes of "
                              "what was sealed",
                              shown(input)),
                  "pass --raw for a part of the compressed content"};
    }
    const auto size = plan_.range->end - plan_.range->begin;
    through(destination, [&](Sink& sink) {
      envelope::open_range(file, opening, *plan_.range, sink, opening_options(input, size),
                           context_.interrupt().token());
    });
    return size;
  }

  std::uint64_t in_place(const Input& input, os::File& file, std::uint64_t bytes,
                         const Opening& opening, Destination& destination) {
    os::File& output = *destination.in_place(0);
    const auto opened = envelope::open_file(file, opening, output, opening_options(input, bytes),
                                            events(), context_.interrupt().token());
    destination.in_place(opened.plain_bytes);
    return opened.plain_bytes;
  }

  std::uint64_t streamed(const Input& input, FileStatus from, Source& source,
                         const Opening& opening, Destination& destination) {
    from.size = UINT64_MAX;  // of the content, which may be compressed
    const envelope::OpenOptions how{
        .name = shown(input),
        .workers = workers_for(options_.threads, from, destination.is_pipe())};
    std::uint64_t written = 0;
    through(destination, [&](Sink& sink) {
      Counted counted{sink};
      codec::DecompressingSink decompressed{counted};
      const bool compressed = opening.metadata().zstd && !options_.raw;
      envelope::open_stream(source, opening,
                            compressed ? static_cast<Sink&>(decompressed) : counted, how, events(),
                            context_.interrupt().token());
      written = counted.bytes();
    });
    return written;
  }

  /// Has `write` write to the destination, now or, with --buffer, when it has come to its end.
  template <typename Write>
  void through(Destination& destination, const Write& write) {
    if (!options_.buffer || !destination.is_stream()) {
      write(destination.sink());
      return;
    }
    HeldBack held{context_};
    write(held);
    os::throw_if_interrupted();
    held.release(destination.sink());
  }

  void tell(const Input& input, const Target& target, const Opening& opening,
            std::uint64_t written) {
    const std::string id = envelope::to_text(opening.block().id);
    const std::string output = target.path ? target.path->native() : "-";
    if (options_.json) {
      const Json json{{"file", input.path}, {"output", output}, {"id", id}, {"bytes", written}};
      context_.out().result(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    context_.out().detail(fmt::format("{} -> {}: {}, {}", shown(input),
                                      target.path ? printable(output) : "standard output", id,
                                      human_bytes(written)));
  }

  Context& context_;
  const DecryptOptions& options_;
  DecryptPlan plan_;
  OutputClaims claims_{context_.files(), plan_.inputs};
};

}  // namespace

Command decrypt() {
  auto options = std::make_shared<DecryptOptions>();
  Command command{"decrypt", "open envelopes"};
  command.about(
      "FILE.tke becomes FILE beside it: all of it authentic and complete, or nothing.\n"
      "On standard output each chunk is given on when it proved authentic; whether the end\n"
      "is missing, the exit status says.");
  command
      .positionals("FILE", options->inputs,
                   "envelopes, and directories of them; standard input without any, or for -")
      .offers(Offer::files);
  add_identity_options(command, options->identities);
  command.option("-o,--output", options->output, "FILE", "write the content here")
      .offers(Offer::files);
  command
      .option("--out-dir", options->output_directory, "DIR",
              "write the contents here, those of directories to the same places below it")
      .offers(Offer::directories);
  command.flag("--force", options->force, "replace outputs that exist");
  command.flag("--preserve", options->preserve, "restore the sealed name, time and permissions");
  command.option("--include", options->include, "GLOB",
                 "of directories take only envelopes whose name matches; may be repeated");
  command.flag("--raw", options->raw, "leave compressed content compressed");
  command.flag("--buffer", options->buffer,
               "give nothing to standard output before all has proved authentic");
  command.option("--range", options->range, "BYTES", "a part: BEGIN-END or BEGIN+LENGTH");
  command.option("-j,--threads", options->threads, "N", "worker threads; 0 is as many as help", 0,
                 256);
  command.flag("--json", options->json, "print a line of JSON for each file");
  command.example("trackier-ctl decrypt -i house.key access.log.tke");
  command.example("trackier-ctl decrypt -i house.key -o - access.log.tke | grep GET");
  command.example("trackier-ctl decrypt -i house.key --preserve --out-dir restored sealed/");
  command.run([options](Context& context) {
    os::forbid_inspection();
    return Run{context, *options}.all();
  });
  return command;
}

}  // namespace trackier::cli
