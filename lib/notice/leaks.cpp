#include "notice/leaks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

#include "anonymize/detector.hpp"
#include "core/text.hpp"
#include "core/words.hpp"
#include "notice/disguise.hpp"
#include "notice/identifiers.hpp"

namespace trackier::notice {
namespace {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Found {
  Span span;
  std::string_view what;
  bool shows = true;  ///< a reader would see it
};

bool is_word_byte(char character) {
  return is_alphanumeric(character) || character == '_' ||
         static_cast<unsigned char>(character) >= 0x80;
}

std::string_view description(anonymize::Kind kind) {
  using anonymize::Kind;
  switch (kind) {
    case Kind::ipv4:
    case Kind::ipv6:
    case Kind::ip:
      return "an IP address";
    case Kind::mac:
      return "a hardware address";
    case Kind::uuid:
      return "a UUID";
    case Kind::email:
      return "an e-mail address";
    case Kind::phone:
      return "a telephone number";
    case Kind::card:
      return "a card number";
    case Kind::iban:
      return "a bank account number";
    case Kind::ssn:
      return "a social security number";
    case Kind::jwt:
    case Kind::bearer:
    case Kind::token:
    case Kind::cookie:
      return "a token";
    case Kind::password:
    case Kind::credentials:
      return "a password";
    case Kind::api_key:
      return "a key of an interface";
    default:
      return "a personal value";
  }
}

/// Whether finding it says anything: "7" and "2026" stand in every notice, whoever is called so.
bool is_telling(std::string_view word) {
  constexpr std::size_t least = 2;
  constexpr std::size_t least_of_digits = 6;
  const bool is_number = std::ranges::all_of(
      word, [](char character) { return character >= '0' && character <= '9'; });
  return word.size() >= (is_number ? least_of_digits : least);
}

/// Keys of well-known services, by how they begin, and 32 hexadecimal digits: a UUID without its
/// hyphens, or a hash of somebody.
bool is_key(std::string_view word) {
  struct Form {
    std::string_view beginning;
    std::size_t least;  ///< characters of all
  };
  constexpr std::array<Form, 14> forms{{{"AKIA", 20},
                                        {"ASIA", 20},
                                        {"AIza", 39},
                                        {"ghp_", 40},
                                        {"gho_", 40},
                                        {"ghs_", 40},
                                        {"github_pat_", 40},
                                        {"glpat-", 26},
                                        {"sk_live_", 20},
                                        {"rk_live_", 20},
                                        {"xoxb-", 20},
                                        {"xoxp-", 20},
                                        {"npm_", 40},
                                        {"AGE-SECRET-KEY-", 40}}};
  constexpr std::size_t digits_of_uuid = 32;
  const auto is_digit = [](char each) {
    const char small = static_cast<char>(each | 0x20);
    return (each >= '0' && each <= '9') || (small >= 'a' && small <= 'f');
  };
  if (!std::ranges::all_of(word, [](char each) { return is_word_byte(each) || each == '-'; })) {
    return false;
  }
  return std::ranges::any_of(forms,
                             [&](const Form& form) {
                               return word.starts_with(form.beginning) && word.size() >= form.least;
                             }) ||
         (word.size() == digits_of_uuid && std::ranges::all_of(word, is_digit));
}

/// Where `word` stands in `lower`, both in small letters, as `accept` says.
template <typename Accept>
std::vector<Span> occurrences(std::string_view lower, std::string_view word, Accept&& accept) {
  std::vector<Span> all;
  if (word.empty()) {
    return all;
  }
  for (std::size_t at = lower.find(word); at != std::string_view::npos;
       at = lower.find(word, at + 1)) {
    const Span span{at, at + word.size()};
    if (accept(span)) {
      all.push_back(span);
    }
  }
  return all;
}

/// No word goes on at either side.
bool is_whole_word(std::string_view text, Span span) {
  const bool before =
      span.begin > 0 && is_word_byte(text[span.begin]) && is_word_byte(text[span.begin - 1]);
  const bool after =
      span.end < text.size() && is_word_byte(text[span.end - 1]) && is_word_byte(text[span.end]);
  return !before && !after;
}

/// "acme.example" in "mail.acme.example" and "a@acme.example", not in "bad-acme.example",
/// "acme.examples" or "acme.example.org".
bool is_domain(std::string_view text, Span span) {
  const auto part_of_label = [](char character) {
    return is_word_byte(character) || character == '-';
  };
  const bool before = span.begin > 0 && part_of_label(text[span.begin - 1]);
  const std::string_view rest = text.substr(span.end);
  const bool after =
      !rest.empty() &&
      (part_of_label(rest[0]) || (rest[0] == '.' && rest.size() > 1 && part_of_label(rest[1])));
  return !before && !after;
}

/// A text as names are searched in it: small ASCII letters, white space of any kind and length as
/// one blank, dashes of any kind as "-".
class Folded {
 public:
  explicit Folded(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      if (const std::size_t space = space_at(text, at); space > 0) {
        if (text_.empty() || text_.back() != ' ') {
          take(" ", at);
        }
        at += space;
        continue;
      }
      const std::size_t size = std::max<std::size_t>(1, character_at(text, at));
      take(is_dash(text.substr(at, size)) ? "-" : ascii_lower(text.substr(at, size)), at);
      at += size;
    }
    origins_.push_back(text.size());
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] Span origin(Span span) const {
    return {origins_[span.begin],
            span.begin == span.end ? origins_[span.begin] : origins_[span.end]};
  }

 private:
  static bool is_dash(std::string_view character) {
    constexpr std::array<std::string_view, 8> dashes{"\u2010", "\u2011", "\u2012", "\u2013",
                                                     "\u2014", "\u2015", "\u2212", "\uff0d"};
    return std::ranges::find(dashes, character) != dashes.end();
  }

  void take(std::string_view folded, std::size_t at) {
    text_ += folded;
    origins_.insert(origins_.end(), folded.size(), at);
  }

  std::string text_;
  std::vector<std::size_t> origins_;  ///< of each byte, and of the end
};

class LeakFinder {
 public:
  LeakFinder(std::string_view text, const LeakRules& rules)
      : text_{text}, folded_{text}, rules_{rules} {}

  std::vector<Leak> run() {
    find_wholes(rules_.allowed, allowed_);
    find_wholes(rules_.contacts, contacts_);
    find_disguises();
    find_personal();
    find_others();
    if (rules_.is_affected) {
      find_affected();
    }
    return shown();
  }

 private:
  /// Where texts stand as wholes.
  void find_wholes(const std::vector<std::string>& texts, std::vector<Span>& spans) const {
    for (const std::string& text : texts) {
      for (const Span span : places_of(text, is_whole_word)) {
        spans.push_back(span);
      }
    }
  }

  template <typename Accept>
  [[nodiscard]] std::vector<Span> places_of(const std::string& what, Accept&& accept) const {
    const std::string word = Folded{one_line(what)}.text();
    auto spans =
        occurrences(folded_.text(), word, [&](Span span) { return accept(folded_.text(), span); });
    for (Span& span : spans) {
      span = folded_.origin(span);
    }
    return spans;
  }

  void find_disguises() {
    for (const Disguise& each : disguises_in(text_)) {
      found_.push_back({{each.begin, each.end}, each.what, false});
    }
  }

  void find_personal() {
    anonymize::PerKind<bool> detect;
    detect.fill(true);
    // What the name of a field in a log gives away; in a notice "Address:" is our own.
    for (const anonymize::Kind kind :
         {anonymize::Kind::name, anonymize::Kind::address, anonymize::Kind::birthday,
          anonymize::Kind::location, anonymize::Kind::ip, anonymize::Kind::id}) {
      detect[kind] = false;
    }
    for (const anonymize::Kind kind : {anonymize::Kind::ipv4, anonymize::Kind::ipv6}) {
      detect[kind] = !rules_.with_ip_addresses;
    }
    anonymize::Detector detector{detect, true, false};
    for (const anonymize::Match& match : detector.find(text_)) {
      const bool is_contact =
          match.kind == anonymize::Kind::email || match.kind == anonymize::Kind::phone;
      const Span span{match.begin, match.end};
      if (!is_contact || !is_within(contacts_, span)) {
        add(span, description(match.kind));
      }
    }
    for (const Piece& piece : pieces_of(text_)) {
      if (is_key(text_of({piece.begin, piece.end}))) {
        add({piece.begin, piece.end}, "a key or token");
      }
    }
  }

  [[nodiscard]] std::string_view text_of(Span span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }

  void find_others() {
    constexpr std::size_t most_of_word_in_passing = 3;  // "On" is a customer, "on" is not
    for (const std::string& name : rules_.other_names) {
      if (!is_telling(name)) {
        continue;
      }
      for (const Span span : places_of(name, is_whole_word)) {
        if (name.size() > most_of_word_in_passing || text_of(span) == name) {
          add(span, "another customer's name");
        }
      }
    }
    for (const std::string& domain : rules_.other_domains) {
      for (const Span span : places_of(domain, is_domain)) {
        add(span, "another customer's domain");
      }
    }
  }

  void find_affected() {
    for (const Piece& piece : pieces_of(text_)) {
      if (is_telling(text_of({piece.begin, piece.end}))) {
        ask({piece.begin, piece.end});
      }
    }
  }

  void ask(Span span) {
    const std::string word = one_line(text_of(span));
    const auto [known, is_new] = asked_.try_emplace(word, false);
    if (is_new) {
      known->second = std::ranges::any_of(spellings_of(word), rules_.is_affected);
    }
    if (known->second) {
      add(span, "an affected person");
    }
  }

  /// As it stands, small, large, and with large letters where words begin.
  static std::set<std::string> spellings_of(const std::string& word) {
    std::string small = ascii_lower(word);
    std::string large = word;
    std::string titled = small;
    bool begins = true;
    for (std::size_t i = 0; i < word.size(); ++i) {
      large[i] = ascii_upper(word[i]);
      titled[i] = begins ? ascii_upper(small[i]) : small[i];
      begins = !is_word_byte(word[i]);
    }
    return {word, std::move(small), std::move(large), std::move(titled)};
  }

  static char ascii_upper(char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  }

  void add(Span span, std::string_view what) {
    if (!is_within(allowed_, span)) {
      found_.push_back({span, what, true});
    }
  }

  static bool is_within(const std::vector<Span>& wholes, Span span) {
    return std::ranges::any_of(
        wholes, [&](Span whole) { return whole.begin <= span.begin && span.end <= whole.end; });
  }

  std::vector<Leak> shown() {
    std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.span.end > b.span.end;
    });
    std::vector<Leak> leaks;
    std::size_t covered = 0;
    for (const Found& found : found_) {
      if (found.span.begin < covered) {
        continue;
      }
      covered = found.span.end;
      leaks.push_back({.what = std::string{found.what},
                       .where = found.span.begin,
                       .shown = found.shows ? masked(found.span)
                                            : fmt::format("byte {}", found.span.begin + 1)});
    }
    return leaks;
  }

  [[nodiscard]] std::string masked(Span span) const {
    constexpr std::size_t characters = 2;
    const std::string_view value = text_of(span);
    std::size_t size = 0;
    for (std::size_t i = 0; i < characters && size < value.size(); ++i) {
      size += std::max<std::size_t>(1, character_at(value, size));
    }
    if (size >= value.size()) {
      size = 0;  // a value of two characters would be there as a whole
    }
    return printable(value.substr(0, size)) + "…";
  }

  std::string_view text_;
  Folded folded_;
  const LeakRules& rules_;
  std::vector<Span> allowed_;
  std::vector<Span> contacts_;
  std::vector<Found> found_;
  std::map<std::string, bool> asked_;
};

}  // namespace

std::vector<Leak> leaks_in(std::string_view text, const LeakRules& rules) {
  return LeakFinder{text, rules}.run();
}

}  // namespace trackier::notice
