#pragma once
/// How bad a breach is for people: ENISA, Recommendations for a methodology of the assessment of
/// severity of personal data breaches (December 2013). SE = DPC x EI + CB, counted in quarters, so
/// that no rounding decides. It advises; a person decides.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::law {

/// The four parts of CB, the circumstances of the breach.
enum class Circumstance : std::uint8_t { confidentiality, integrity, availability, malice };

inline constexpr std::array all_circumstances{Circumstance::confidentiality,
                                              Circumstance::integrity, Circumstance::availability,
                                              Circumstance::malice};

std::string_view to_text(Circumstance circumstance);  ///< "malicious intent"

/// How bad, in the words of the methodology.
enum class Level : std::uint8_t { low, medium, high, very_high };

std::string_view to_text(Level level);     ///< "very high"
std::string_view meaning_of(Level level);  ///< what it is like for the people concerned

struct Assessment {
  int context = 1;                     ///< DPC, data processing context: 1 to 4
  int identification = 1;              ///< EI, ease of identification, in quarters: 1 to 4
  std::array<int, 4> circumstances{};  ///< in quarters: 0, 1 or 2; malice 0 or 2

  [[nodiscard]] int quarters() const;  ///< 4 x SE: 1 to 24
  [[nodiscard]] Level level() const;
  [[nodiscard]] std::string formula() const;  ///< "2 x 0.50 + 1.00 = 2.00"

  friend bool operator==(const Assessment&, const Assessment&) = default;
};

/// One thing that were it otherwise would move the level.
struct Change {
  std::string what;  ///< "malicious intent 0.50 -> 0"
  Level level = Level::low;
};
std::vector<Change> changes_of_level(const Assessment& assessment);

/// What is scored, as somebody typed it. Each throws Error{Code::usage} with what would do.
struct Scored {
  std::string name;
  int score = 0;
};
/// "behavioural", its base; "behavioural:+1"; "behavioural:3".
Scored context_in(std::string_view text);
/// "device-id:0.5": a name of one's own, and 0.25, 0.5, 0.75 or 1.
Scored identification_in(std::string_view text);
/// "c=0.5,m=0.5": confidentiality, integrity, availability, malice; those left out are 0.
std::array<int, 4> circumstances_in(std::string_view text);

/// "0.75"
std::string quarters_text(int quarters);

}  // namespace trackier::law
