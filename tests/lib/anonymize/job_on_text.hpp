#pragma once
/// Runs anonymize over text in memory: what the tests of detectors, formats and transforms look at
/// is what a user would see.

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anonymize/job.hpp"
#include "support/streams.hpp"

namespace trackier::anonymize::test {

/// The key of all tests: 32 letters.
inline const Pseudonymizer& test_pseudonymizer() {
  static const Pseudonymizer pseudonymizer{as_bytes("0123456789abcdef0123456789abcdef"), "shop"};
  return pseudonymizer;
}

/// Gives content in pieces of random sizes; the seed makes it the same every time.
class RaggedSource final : public Source {
 public:
  RaggedSource(std::string content, std::uint32_t seed, std::size_t longest)
      : content_(std::move(content)), random_(seed), longest_(longest) {}

  std::size_t read(MutBytes into) override {
    const std::size_t piece = 1 + random_() % longest_;
    const std::size_t count = std::min({into.size(), piece, content_.size() - at_});
    std::ranges::copy(as_bytes(content_).subspan(at_, count), into.begin());
    at_ += count;
    return count;
  }

 private:
  std::string content_;
  std::mt19937 random_;
  std::size_t longest_;
  std::size_t at_ = 0;
};

struct Run {
  std::string output;
  Tally tally;
  Format format = Format::plain;
  std::vector<Finding> findings;
};

inline Run run_source(Source& source, const Profile& profile, const JobOptions& options,
                      const Pseudonymizer& pseudonymizer = test_pseudonymizer()) {
  trackier::test::MemorySink sink;
  Format format = Format::plain;
  std::vector<Finding> findings;
  const Tally tally =
      run_job(source, sink, profile, pseudonymizer, options,
              {.format_known = [&](const FormatGuess& guess) { format = guess.format; },
               .found = [&](const Finding& finding) { findings.push_back(finding); },
               .progressed = {}},
              {});
  return {sink.content(), tally, format, findings};
}

inline Run run_text(std::string_view text, const Profile& profile, const JobOptions& options) {
  trackier::test::MemorySource source{std::string{text}};
  return run_source(source, profile, options);
}

/// What becomes of `text` as `format`, however few of its records are of that format.
inline std::string anonymized(std::string_view text, Format format = Format::plain,
                              const Profile& profile = built_in_profile()) {
  return run_text(text, profile, {.format = format, .min_share = 0}).output;
}

inline std::vector<Finding> checked(std::string_view text, Format format,
                                    const Profile& profile = built_in_profile()) {
  return run_text(text, profile, {.format = format, .min_share = 0, .check = true}).findings;
}

/// A profile with one transform for all kinds.
inline Profile profile_with(const Transform& transform) {
  Profile profile = built_in_profile();
  profile.transforms.fill(transform);
  return profile;
}

inline Profile profile_with_field(std::string selector, const Transform& transform) {
  Profile profile = built_in_profile();
  profile.fields.push_back({.selector = std::move(selector), .transform = transform});
  return profile;
}

struct Change {
  std::string_view before;
  std::string_view after;
};

}  // namespace trackier::anonymize::test
