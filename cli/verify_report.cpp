#include "verify_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "backup/selection.hpp"
#include "backup_sources.hpp"
#include "core/duration.hpp"
#include "core/text.hpp"
#include "proof/proof_directory.hpp"
#include "proof/report.hpp"
#include "verify_drill.hpp"

namespace trackier::cli {

using proof::Verdict;

Code code_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return Code::ok;
    case Verdict::not_evaluated:
      return Code::unavailable;
    case Verdict::same_as_source:
      return Code::data;
    case Verdict::failed:
      return Code::verdict;
  }
  return Code::bug;
}

void tell_drill(Context& context, const proof::Proof& proof) {
  const std::string what = fmt::format("{}: backup {} of {}", printable(proof.source),
                                       proof.backup.substr(0, 8), to_rfc3339(proof.taken));
  const bool is_well = std::ranges::all_of(
      proof.checks, [](const proof::Check& each) { return each.verdict == Verdict::passed; });
  if (is_well) {
    context.out().summary(fmt::format(
        "{}: passed at level {} in {}{}", what, proof::name_of(proof.level),
        duration_text(proof.finished - proof.started),
        proof.rto
            ? fmt::format(", back after {:.1f} s", static_cast<double>(proof.rto->count()) / 1000)
            : ""));
    return;
  }
  std::string hint =
      fmt::format("trackier-ctl restore {}@verified takes the newest backup that came back",
                  printable(proof.source));
  for (const proof::Check& check : proof.checks) {
    if (check.verdict == Verdict::passed) {
      continue;
    }
    const std::string line =
        fmt::format("{}: {}: {}{}", what, printable(check.name), proof::words_of(check.verdict),
                    check.why.empty() ? "" : ": " + printable(check.why));
    if (check.verdict == Verdict::failed) {
      context.out().error(Error{Code::verdict, line, std::exchange(hint, {})});
    } else {
      context.out().warning(line);
    }
    for (const auto& each : check.differences) {
      context.out().say(
          fmt::format("  {}: expected {}, found {}\n", each.object, each.expected, each.found));
    }
    if (check.difference_count > check.differences.size()) {
      context.out().say(
          fmt::format("  and {} more\n", check.difference_count - check.differences.size()));
    }
  }
}

int report_proofs(Context& context, const store::StoreDirectory& store,
                  const std::vector<std::string>& names, const ReportOptions& options) {
  return attempt_each(context, names, [&](const std::string& name) {
    const store::SourceDirectory source = store.source(name);
    const auto listing = proof_directory(context, source).list();
    for (const auto& each : listing.unreadable) {
      context.out().warning(fmt::format("{}: a proof cannot be read: {}", name, each.why));
    }
    bool is_whole = listing.unreadable.empty();
    for (const std::string& problem : proof::chain_problems(listing)) {
      context.out().warning(fmt::format("{}: {}", name, problem));
      is_whole = false;
    }
    const std::string id =
        options.at
            ? backup::select(source.list(), verified_backups(context, source), *options.at, name)
                  .manifest.id
            : std::string{};
    const auto found = std::ranges::find_if(
        listing.proofs.rbegin(), listing.proofs.rend(),
        [&id](const proof::SignedProof& each) { return id.empty() || each.proof.backup == id; });
    if (found == listing.proofs.rend()) {
      throw Error{Code::verdict, fmt::format("{}: there is no proof", name),
                  "trackier-ctl verify makes one"};
    }
    context.out().result(options.json ? proof::json_of(found->proof) + "\n"
                                      : proof::report(*found));
    return is_whole ? code_of(found->proof.verdict) : Code::verdict;
  });
}

}  // namespace trackier::cli
