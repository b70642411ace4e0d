#pragma once
/// Finds personal values in text of any format: candidates first (candidates.hpp), then the exact
/// parsers.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anonymize/candidates.hpp"
#include "anonymize/encoded.hpp"
#include "anonymize/field_names.hpp"
#include "anonymize/match.hpp"
#include "anonymize/profile.hpp"
#include "anonymize/secrets.hpp"

namespace trackier::anonymize {

/// One per thread; keeps its room between calls.
class Detector {
 public:
  /// detect, known_names: as in Profile. json_structure: see CandidateOptions.
  Detector(const PerKind<bool>& detect, bool known_names, bool json_structure,
           Instructions instructions = best_instructions());
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;

  /// Looks for names of persons in running text as well (person_names.hpp).
  void find_person_names() { finds_person_names_ = true; }

  /// The values in `text` (shorter than 4 GiB), in order, none overlapping. Valid until the next
  /// call.
  /// depths: of decoded text, see KeyedSearch.
  std::span<const Match> find(std::string_view text, std::span<const std::uint8_t> depths = {});

  /// With json_structure, where in the text of find() every '"' is. Valid until the next call.
  [[nodiscard]] std::span<const std::uint32_t> quotes() const { return candidates_.quotes(); }

  /// The value of a match: the text itself, or what was decoded.
  [[nodiscard]] std::string_view value_of(const Match& match, std::string_view text) const;

 private:
  KeyedSearch keyed();
  [[nodiscard]] bool was_encoded(std::uint32_t at) const {
    return at < depths_.size() && depths_[at] > 0;
  }
  void look_at(std::string_view text, std::uint32_t at);
  void look_at_digit(std::string_view text, std::uint32_t at);
  [[gnu::noinline]] void look_at_spelling(std::string_view text, std::uint32_t at);
  bool look_at_uuid(std::string_view text, std::uint32_t at);
  void look_at_reverse_zone(std::string_view text, std::uint32_t at);
  void look_at_mail(std::string_view text, std::uint32_t at);
  void look_inside(std::string_view text, std::uint32_t at);
  void look_at_decoded(std::string_view text, std::uint32_t at);
  void look_at_backslash(std::string_view text, std::uint32_t at);
  void add(std::string_view text, const Match& match);
  void add(std::string_view text, const std::optional<Match>& match);
  void add_among_others(std::string_view text, Match match);
  std::size_t add_person_names(std::string_view text, std::size_t next, std::size_t before);

  PerKind<bool> detect_;
  bool known_names_;
  bool finds_person_names_ = false;
  CandidateOptions options_;
  Instructions instructions_;
  Candidates candidates_;
  KindsOfKeys kinds_of_keys_;
  std::span<const std::uint8_t> depths_;  ///< of the text at hand
  std::vector<Match> matches_;
  std::vector<Match> person_names_;
  std::uint32_t covered_ = 0;         ///< candidates before this are inside a match
  std::uint32_t no_zone_before_ = 0;  ///< nor does a reverse zone begin before this
  DecodedRegion region_;
  std::string decoded_;              ///< the values of decoded matches
  std::unique_ptr<Detector> inner_;  ///< for decoded text; made when first needed
  bool decodes_ = true;
};

}  // namespace trackier::anonymize
