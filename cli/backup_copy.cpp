// A second store with the same backups.
#include "backup_copy.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "backup/store_copy.hpp"
#include "backup_sources.hpp"
#include "core/text.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> sources;
  StoreOptions store;
  std::optional<std::string> to;
  bool append_only = false;
  bool json = false;
};

int run(Context& context, const Options& options) {
  if (!options.to || options.to->empty()) {
    throw Error{Code::usage, "say where the copy is to be", "pass --to DIR"};
  }
  const auto store = open_store(context, options.store);
  const auto copy = store.copy_at(*options.to, options.append_only);
  return attempt_each(
      context, stored_sources(context, store, options.sources), [&](const std::string& name) {
        return doing("copying " + name, [&] {
          const auto from = store.source(name);
          if (!from.exists()) {
            return Code::ok;
          }
          const auto to = copy.source(name);
          to.create();
          const auto reading = from.lock(store::Lock::read);
          const auto writing = to.lock(store::Lock::write);
          Progress& progress = context.progress();
          progress.begin(name, 0);
          const backup::CopyResult result = backup::copy_source(
              context.files(), from, to,
              {.warn =
                   [&](const std::string& text) {
                     context.out().warning(fmt::format("{}: {}", name, text));
                   },
               .progressed = [&](std::uint64_t bytes) { progress.advance(bytes, bytes); }},
              context.interrupt().token());
          progress.clear();
          if (options.json) {
            context.out().result(Json{{"source", name},
                                      {"backups", result.backups},
                                      {"bytes", result.bytes},
                                      {"broken", result.broken}}
                                     .dump() +
                                 "\n");
          }
          context.out().summary(fmt::format("{}: {} backups copied, {}", name, result.backups,
                                            human_bytes(result.bytes)));
          return result.broken > 0 ? Code::verdict : Code::ok;
        });
      });
}

}  // namespace

Command make_backup_copy() {
  auto options = std::make_shared<Options>();
  Command command{"copy", "make or continue a second store with the same backups"};
  command.about(
      "What the copy does not have yet is copied and verified; run again, it goes on where it\n"
      "was. Needs no key. The copy is pruned by itself: trackier-ctl prune --store DIR.");
  command.positionals("SOURCE", options->sources, "all that the store has, without any");
  command.option("--to", options->to, "DIR", "the copy; an empty directory at first")
      .offers(Offer::directories);
  command.flag("--append-only", options->append_only,
               "of a new copy: nothing is ever removed from it by prune");
  add_store_option(command, options->store);
  command.flag("--json", options->json, "print a line of JSON for each source");
  command.example("trackier-ctl backup copy --to /mnt/offsite/trackier");
  command.run([options](Context& context) { return run(context, *options); });
  return command;
}

}  // namespace trackier::cli
