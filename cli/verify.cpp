// The command that restores backups to see whether they come back.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "backup/selection.hpp"
#include "backup_sources.hpp"
#include "commands.hpp"
#include "core/text.hpp"
#include "durations.hpp"
#include "os/process.hpp"
#include "proof/proof_directory.hpp"
#include "verify/rotation.hpp"
#include "verify_drill.hpp"
#include "verify_report.hpp"

namespace trackier::cli {
namespace {

using proof::Level;
using proof::Verdict;

struct Options {
  std::vector<std::string> sources;
  StoreOptions store;
  std::optional<std::string> at;
  std::optional<std::string> level;
  std::optional<unsigned> newest;
  bool all = false;
  std::optional<std::string> sample;
  bool against_live = false;
  bool rotate = false;
  std::optional<std::string> budget;
  bool report = false;
  std::optional<std::string> scratch;
  IdentityOptions identities;
  std::optional<unsigned> threads;
  bool json = false;
};

/// What the command line says, checked.
struct Wanted {
  DrillRequest request;
  std::optional<std::chrono::seconds> budget;
};

double share_of(const std::string& text) {
  double percent = 0;
  const std::string_view number =
      std::string_view{text}.substr(0, text.size() - (text.ends_with('%') ? 1 : 0));
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), percent);
  if (error != std::errc{} || end != number.data() + number.size() || !(percent > 0) ||
      percent > 100) {
    throw Error{Code::usage, fmt::format("--sample: {} is no share", printable(text)),
                "from 1% to 100%, for instance 10%"};
  }
  return percent / 100;
}

Wanted check_options(const Options& options) {
  const int selections = (options.at ? 1 : 0) + (options.newest ? 1 : 0) + (options.all ? 1 : 0) +
                         (options.rotate ? 1 : 0);
  if (selections > 1) {
    throw Error{Code::usage, "--at, --newest, --all and --rotate-through exclude each other",
                "pass one of them; without any it is the newest backup"};
  }
  if (options.budget && !options.rotate) {
    throw Error{Code::usage, "--budget is of --rotate-through", "pass --rotate-through as well"};
  }
  Wanted wanted;
  if (options.level) {
    const auto level = proof::parse_level(*options.level);
    if (!level) {
      throw Error{Code::usage,
                  fmt::format("--level: there is no level {}", printable(*options.level)),
                  "chain, structure, data, restore, content or application"};
    }
    wanted.request.level = *level;
  } else if (options.sample) {
    wanted.request.level = Level::data;
  }
  if (options.sample) {
    wanted.request.sample = share_of(*options.sample);
    if (wanted.request.level != Level::data) {
      throw Error{Code::usage, "--sample is of the level data: deeper ones need all of a backup",
                  "pass --level data, or leave --sample away"};
    }
  }
  if (options.against_live && wanted.request.level < Level::content) {
    throw Error{Code::usage, "--against-live compares content",
                "leave --level out, or pass --level content"};
  }
  if (options.budget) {
    wanted.budget = duration_of(*options.budget, "--budget");
  }
  wanted.request.against_live = options.against_live;
  wanted.request.scratch = options.scratch;
  wanted.request.threads = options.threads;
  return wanted;
}

class Verifying {
 public:
  Verifying(Context& context, const Options& options, Wanted wanted,
            const store::StoreDirectory& store)
      : context_(context), options_(options), wanted_(std::move(wanted)), store_(store) {}

  int named(const std::vector<std::string>& names) {
    const int failed = attempt_each(context_, names, [this](const std::string& name) {
      doing("verifying " + name, [&] { one_source(name); });
      return Code::ok;
    });
    return worse(failed);
  }

  int rotate(const std::vector<std::string>& names) {
    const auto begun = std::chrono::steady_clock::now();
    std::set<std::string> done;
    int failed = attempt_each(context_, names, [this](const std::string& name) {
      doing("verifying " + name, [&] { expect_backups(store_.source(name).list()); });
      return Code::ok;
    });
    std::vector<Known> known;
    known.reserve(names.size());
    for (const std::string& name : names) {
      known.push_back({.name = name,
                       .backups = {},
                       .proofs = proof_directory(context_, store_.source(name)).list()});
    }
    for (;;) {
      std::vector<verify::Rotated> rotated;
      rotated.reserve(known.size());
      for (Known& each : known) {
        each.backups = store_.source(each.name).list();  // meanwhile some are taken, some removed
        rotated.push_back({.source = each.name, .backups = &each.backups, .proofs = &each.proofs});
      }
      const auto next = verify::choose_next(rotated, done, now());
      const auto spent = std::chrono::steady_clock::now() - begun;
      if (!next) {
        if (done.empty() && failed == 0) {
          throw Error{Code::verdict, "there is no backup to be verified"};
        }
        break;
      }
      // One at least, or what takes longer than the budget would never be verified.
      if (wanted_.budget && !done.empty() &&
          spent + next->last_took.value_or(std::chrono::seconds{0}) > *wanted_.budget) {
        break;
      }
      context_.out().detail(fmt::format("{}: backup {}: {}", next->source,
                                        next->backup->manifest.id.substr(0, 8), next->why));
      done.insert(next->backup->manifest.id);
      failed = std::max(
          failed, attempt_each(context_, std::vector{next->source}, [&](const std::string& name) {
            doing("verifying " + name, [&] {
              Known& source = *std::ranges::find(known, name, &Known::name);
              if (auto made = drill(name, *next->backup)) {
                source.proofs.proofs.push_back(std::move(*made));
              }
            });
            return Code::ok;
          }));
      if (!wanted_.budget) {
        break;
      }
    }
    return worse(failed);
  }

 private:
  /// A source, its backups, its proofs.
  struct Known {
    std::string name;
    store::Listing backups;
    proof::ProofDirectory::Listing proofs;
  };

  /// To have checked nothing is no success.
  static void expect_backups(const store::Listing& listing) {
    if (listing.manifests.empty() && !listing.unreadable.empty()) {
      throw Error{Code::verdict,
                  fmt::format("none of its {} manifests can be read: {}", listing.unreadable.size(),
                              listing.unreadable.front().why)};
    }
    if (listing.manifests.empty()) {
      throw Error{Code::verdict, "nothing was checked: it has no backup"};
    }
  }

  void one_source(const std::string& name) {
    const store::SourceDirectory source = store_.source(name);
    const store::Listing listing = source.list();
    expect_backups(listing);
    for (const store::SignedManifest* each : chosen(name, source, listing)) {
      drill(name, *each);
    }
  }

  [[nodiscard]] std::vector<const store::SignedManifest*> chosen(
      const std::string& name, const store::SourceDirectory& source,
      const store::Listing& listing) const {
    if (options_.at) {
      return {&backup::select(listing, verified_backups(context_, source), *options_.at, name)};
    }
    std::vector<const store::SignedManifest*> all;
    for (const auto& each : listing.manifests) {
      all.push_back(&each);
    }
    std::ranges::reverse(all);
    if (options_.all) {
      return all;
    }
    if (options_.newest) {
      all.resize(std::min<std::size_t>(all.size(), *options_.newest));
      return all;
    }
    return {newest(all)};
  }

  /// Content is compared where there is something to compare it with.
  [[nodiscard]] const store::SignedManifest* newest(
      const std::vector<const store::SignedManifest*>& all) const {
    if (wanted_.request.level < Level::content) {
      return all.front();
    }
    const auto digested = std::ranges::find_if(
        all, [](const auto* each) { return each->manifest.digested && !each->manifest.damaged; });
    return digested == all.end() ? all.front() : *digested;
  }

  std::optional<proof::SignedProof> drill(const std::string& name,
                                          const store::SignedManifest& backup) {
    auto made = run_drill(context_, store_, name, backup, wanted_.request, options_.identities);
    if (!made) {
      context_.out().warning(fmt::format("{}: backup {} was removed meanwhile", name,
                                         backup.manifest.id.substr(0, 8)));
      return made;
    }
    ++drills_;
    context_.record("proof", made->digest);
    verdict_ = std::max(verdict_, made->proof.verdict);
    for (const proof::Check& each : made->proof.checks) {  // those aside as well
      verdict_ = std::max(verdict_, each.verdict);
    }
    if (options_.json) {
      context_.out().result(proof::json_of(made->proof) + "\n");
    }
    tell_drill(context_, made->proof);
    return made;
  }

  [[nodiscard]] int worse(int failed) const {
    if (drills_ == 0 && failed == 0) {
      throw Error{Code::verdict, "nothing was checked: the backups were removed meanwhile"};
    }
    const int verdict = static_cast<int>(code_of(verdict_));
    return verdict_ == Verdict::failed || failed == 0 ? verdict : failed;
  }

  Context& context_;
  const Options& options_;
  Wanted wanted_;
  const store::StoreDirectory& store_;
  Verdict verdict_ = Verdict::passed;
  int drills_ = 0;
};

int run(Context& context, const Options& options) {
  Wanted wanted = check_options(options);
  const auto store = open_store(context, options.store);
  const auto names = stored_sources(context, store, options.sources);
  if (names.empty()) {
    throw Error{Code::verdict,
                fmt::format("nothing was checked: {} is empty", printable(store.path().native())),
                "trackier-ctl backup makes the first backup"};
  }
  if (options.report) {
    return report_proofs(context, store, names, {.at = options.at, .json = options.json});
  }
  Verifying verifying{context, options, std::move(wanted), store};
  return options.rotate ? verifying.rotate(names) : verifying.named(names);
}

}  // namespace

Command verify() {
  auto options = std::make_shared<Options>();
  Command command{"verify", "restore backups to see whether they come back, and prove it"};
  command.about(
      "Checks a backup as deeply as --level says, each level with those before it: chain,\n"
      "structure, data, restore, content (the default), application. Whatever comes of it is\n"
      "signed and kept in the store. Exit 1 when a backup does not come back as it was, 65 when\n"
      "the source was damaged already, 69 when a check could not be evaluated.");
  command.positionals("SOURCE", options->sources, "all that the store has, without any");
  command.option("--at", options->at, "WHEN", "this backup, as of restore, not the newest");
  command.option("--newest", options->newest, "N", "the N newest backups", 1, 1'000'000);
  command.flag("--all", options->all, "all backups");
  command.flag("--rotate-through", options->rotate,
               "what is most overdue, one backup, or as many as --budget allows");
  command.option("--budget", options->budget, "TIME", "begin no further backup after it: 10m, 2h");
  command.option("--level", options->level, "LEVEL", "how deeply");
  command.option("--sample", options->sample, "P%",
                 "read a share of the packs, never read ones first; of the level data");
  command.flag("--against-live", options->against_live,
               "compare the backup with the database as it is now, too");
  command.option("--scratch", options->scratch, "DIR", "restore below it")
      .offers(Offer::directories);
  command.flag("--report", options->report, "print the last proof, for people; check nothing");
  add_store_option(command, options->store);
  add_identity_options(command, options->identities);
  command.option("-j,--threads", options->threads, "N",
                 "worker threads; 0 is one for each processor, at most 4", 0, 64);
  command.flag("--json", options->json, "print the record of each backup as JSON");
  command.example("trackier-ctl verify shop");
  command.example("trackier-ctl verify --rotate-through --budget 10m");
  command.example("trackier-ctl verify --report shop");
  command.run([options](Context& context) {
    os::forbid_inspection();
    return run(context, *options);
  });
  return command;
}

}  // namespace trackier::cli
