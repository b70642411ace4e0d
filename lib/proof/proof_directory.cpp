#include "proof/proof_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"
#include "proof/shorten.hpp"

namespace trackier::proof {
namespace {

constexpr std::string_view suffix = ".json";
constexpr std::size_t sequence_digits = 8;

Time received(const os::FileStatus& status) {
  return Time{
      std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds{status.modified_ns})};
}

/// The number that a file name begins with; none: it is no name of ours.
std::optional<std::uint64_t> sequence_in(std::string_view name) {
  std::uint64_t sequence = 0;
  const char* const end = name.data() + std::min(name.size(), sequence_digits);
  const auto [after, error] = std::from_chars(name.data(), end, sequence);
  const bool is_ours = error == std::errc{} && after == end && name.size() > sequence_digits &&
                       name[sequence_digits] == '-';
  return is_ours ? std::optional{sequence} : std::nullopt;
}

/// The numbers of [from, to) that are not taken, a line for those that follow each other.
void tell_missing(std::uint64_t from, std::uint64_t to, const std::set<std::uint64_t>& taken,
                  std::vector<std::string>& problems) {
  auto next = taken.lower_bound(from);
  while (from < to) {
    const std::uint64_t end = next == taken.end() ? to : std::min(to, *next++);
    if (end == from + 1) {
      problems.push_back(fmt::format("proof number {} is missing", from));
    } else if (end > from) {
      problems.push_back(fmt::format("proofs number {} to {} are missing", from, end - 1));
    }
    from = end + 1;
  }
}

}  // namespace

ProofDirectory::ProofDirectory(os::FileSystem& files, const store::SourceDirectory& source,
                               std::vector<crypto::Ed25519Public> signers)
    : files_(files),
      path_(source.proofs()),
      store_(source.store_id()),
      source_(source.path().filename().native()),
      signers_(std::move(signers)) {}

std::vector<std::filesystem::path> ProofDirectory::names() const {
  if (!files_.status(path_)) {
    return {};
  }
  auto names = files_.list(path_);  // sorted
  std::erase_if(names, [](const auto& name) {
    return !name.native().ends_with(suffix) || name.native().starts_with('.');
  });
  return names;
}

SignedProof ProofDirectory::read(const std::filesystem::path& name) const {
  const std::string shown = printable(name.native());
  const auto file = files_.open(path_ / name);
  SignedProof made = parse_proof(os::read_whole(*file, most_proof_bytes, shown), shown);
  made.received = received(file->status());
  if (made.proof.store != store_ || made.proof.source != source_ ||
      file_name_of(made.proof) != name.native()) {
    throw Error{Code::data, shown + ": does not belong where it is"};
  }
  if (!signers_.empty() && std::ranges::find(signers_, made.signer) == signers_.end()) {
    throw Error{Code::data, shown + ": signed by nobody whom backup.signers names"};
  }
  return made;
}

ProofDirectory::Listing ProofDirectory::list() const {
  Listing listing;
  for (const auto& name : names()) {
    try {
      listing.proofs.push_back(read(name));
    } catch (const Error& error) {
      if (error.code() != Code::data && error.code() != Code::no_input) {
        throw;
      }
      listing.unreadable.push_back({.file = name.native(), .why = error.what()});
    }
  }
  return listing;
}

SignedProof ProofDirectory::append(Proof proof, const crypto::Secret& signing_key) const {
  constexpr unsigned private_directory = 0700;
  files_.create_directories(path_, private_directory);
  // Only the last is read. Whatever cannot be read now keeps its number: it may be mended.
  auto all = names();
  std::set<std::uint64_t> taken;
  proof.sequence = 1;
  proof.previous.clear();
  for (; !all.empty(); all.pop_back()) {
    try {
      const SignedProof last = read(all.back());
      proof.sequence = last.proof.sequence + 1;
      proof.previous = last.digest;
      break;
    } catch (const Error& error) {
      if (error.code() != Code::data) {
        throw;
      }
      if (const auto sequence = sequence_in(all.back().native())) {
        taken.insert(*sequence);
      }
    }
  }
  while (taken.contains(proof.sequence)) {
    ++proof.sequence;
  }
  constexpr std::size_t signature_bytes = 4096;
  shorten(proof, most_proof_bytes - signature_bytes);
  const std::string text = sign_proof(proof, signing_key);
  const auto path = path_ / file_name_of(proof);
  SignedProof made = parse_proof(text, printable(path.filename().native()));
  os::ReplaceFile file{files_, path};
  file.write(as_bytes(text));
  file.finish();
  return made;
}

std::vector<std::string> chain_problems(const ProofDirectory::Listing& listing) {
  std::vector<std::string> problems;
  std::set<std::uint64_t> unreadable;
  for (const auto& each : listing.unreadable) {
    if (const auto sequence = sequence_in(each.file)) {
      unreadable.insert(*sequence);
    }
  }
  std::uint64_t expected = 1;
  std::optional<std::string> before = "";  // digest; none: nobody knows
  for (const SignedProof& each : listing.proofs) {
    const std::uint64_t sequence = each.proof.sequence;
    if (sequence < expected) {
      problems.push_back(fmt::format("two proofs have the number {}", sequence));
      before.reset();
      continue;
    }
    if (sequence > expected) {
      tell_missing(expected, sequence, unreadable, problems);
    } else if (before && each.proof.previous != *before) {
      problems.push_back(
          fmt::format("proof number {} does not follow the one before it", sequence));
    }
    expected = sequence + 1;
    before = each.digest;
  }
  return problems;
}

std::set<std::string> proved_manifests(const ProofDirectory::Listing& listing, Lost lost) {
  std::set<std::string> manifests;
  std::uint64_t expected = 1;
  for (const SignedProof& each : listing.proofs) {
    if (each.proof.sequence > expected && lost == Lost::failure) {
      manifests.clear();
    }
    expected = each.proof.sequence + 1;
    if (each.proof.verdict == Verdict::failed) {  // a backup that was whole can be damaged
      manifests.erase(each.proof.manifest);
    } else if (each.proof.verdict == Verdict::passed && each.proof.level >= Level::restore) {
      manifests.insert(each.proof.manifest);
    }
  }
  const bool any_later = std::ranges::any_of(listing.unreadable, [expected](const auto& each) {
    return sequence_in(each.file).value_or(expected) >= expected;
  });
  if (any_later && lost == Lost::failure) {
    manifests.clear();
  }
  return manifests;
}

const SignedProof* last_proof(const ProofDirectory::Listing& listing, Level least) {
  const auto found = std::ranges::find_if(
      listing.proofs.rbegin(), listing.proofs.rend(), [least](const SignedProof& each) {
        return each.proof.verdict == Verdict::passed && each.proof.level >= least;
      });
  return found == listing.proofs.rend() ? nullptr : &*found;
}

std::vector<std::string> sampled_packs(const ProofDirectory::Listing& listing) {
  std::unordered_map<std::string_view, std::size_t> last;  // of all that were read, the place
  std::size_t count = 0;
  for (const SignedProof& proof : listing.proofs) {
    for (const std::string& pack : proof.proof.packs) {
      last[pack] = count++;
    }
  }
  std::vector<std::pair<std::size_t, std::string>> ordered;
  ordered.reserve(last.size());
  for (const auto& [pack, place] : last) {
    ordered.emplace_back(place, pack);
  }
  std::ranges::sort(ordered);
  std::vector<std::string> packs;
  std::ranges::transform(ordered, std::back_inserter(packs),
                         [](auto& each) { return std::move(each.second); });
  return packs;
}

}  // namespace trackier::proof
