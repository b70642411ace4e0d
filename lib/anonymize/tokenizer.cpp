#include "anonymize/tokenizer.hpp"

#include <algorithm>
#include <vector>

#include "anonymize/characters.hpp"
#include "anonymize/pseudonymizer.hpp"
#include "crypto/ff1.hpp"
#include "crypto/secret.hpp"

namespace trackier::anonymize {

namespace {

using Digits = crypto::Ff1::Digits;

constexpr std::string_view decimal = "0123456789";
constexpr std::string_view lower_hex = "0123456789abcdef";
constexpr std::string_view upper_hex = "0123456789ABCDEF";
constexpr std::string_view lower_alnum = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view upper_alnum = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view all_alnum =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Hexadecimal digits come in either case, but one at a time.
std::string_view characters_of(Alphabet alphabet, std::string_view text) {
  switch (alphabet) {
    case Alphabet::digits:
      return decimal;
    case Alphabet::hex:
      return text.find_first_of("ABCDEF") == std::string_view::npos ? lower_hex : upper_hex;
    case Alphabet::lower:
      return lower_alnum;
    case Alphabet::upper:
      return upper_alnum;
    default:
      return all_alnum;
  }
}

unsigned radix_of(Alphabet alphabet) {
  return static_cast<unsigned>(characters_of(alphabet, {}).size());
}

/// The check digit that makes `digits` pass (ISO/IEC 7812-1, annex B).
std::uint16_t luhn_digit(std::span<const std::uint16_t> digits) {
  unsigned sum = 0;
  bool doubled = true;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    const unsigned value = doubled ? *digit * 2U : *digit;
    sum += value / 10 + value % 10;
    doubled = !doubled;
  }
  return static_cast<std::uint16_t>((10 - sum % 10) % 10);
}

bool passes_luhn(std::span<const std::uint16_t> digits) {
  return digits.size() > 1 && luhn_digit(digits.first(digits.size() - 1)) == digits.back();
}

/// A text as the digits of an alphabet, and where they stand in it.
struct Spelled {
  std::vector<std::size_t> places;
  Digits digits;
};

/// None when letters, digits or characters outside ASCII are left over.
std::optional<Spelled> spelled(std::string_view text, std::string_view characters) {
  Spelled made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = characters.find(text[i]);
    if (digit != std::string_view::npos) {
      made.places.push_back(i);
      made.digits.push_back(static_cast<std::uint16_t>(digit));
    } else if (character::is_alnum(text[i]) || character::is(text[i], character::high)) {
      return std::nullopt;
    }
  }
  return made;
}

}  // namespace

Alphabet alphabet_of(Kind kind) {
  switch (kind) {
    case Kind::phone:
    case Kind::card:
    case Kind::ssn:
      return Alphabet::digits;
    case Kind::uuid:
    case Kind::mac:
      return Alphabet::hex;
    case Kind::iban:
      return Alphabet::upper;
    default:
      return Alphabet::alnum;
  }
}

Alphabet alphabet_of(const Transform& transform, Kind kind) {
  return transform.alphabet.value_or(transform.luhn ? Alphabet::digits : alphabet_of(kind));
}

std::size_t least_characters(Alphabet alphabet, bool luhn) {
  std::size_t characters = 1;
  for (std::uint64_t domain = radix_of(alphabet); domain < crypto::Ff1::least_domain;
       domain *= radix_of(alphabet)) {
    ++characters;
  }
  return characters + (luhn ? 1 : 0);
}

/// Permutes digits, and walks on past results that would be taken for something else: a permutation
/// again, of what is left ("cycle walking", Black and Rogaway 2002).
class Tokenizer::Cipher {
 public:
  Cipher(Bytes key, unsigned radix) : ff1_(key, radix) {}

  void permute(std::span<std::uint16_t> digits, Bytes tweak, Way way, const auto& is_fit) {
    do {
      way == Way::to_token ? ff1_.encrypt(digits, tweak) : ff1_.decrypt(digits, tweak);
    } while (!is_fit());
  }

 private:
  crypto::Ff1 ff1_;
};

struct Tokenizer::State {
  crypto::Secret key;
  std::array<std::unique_ptr<Cipher>, alphabets> ciphers;
};

Tokenizer::Tokenizer(Bytes key) : state_(std::make_unique<State>()) {
  state_->key = crypto::Secret::copy_of(key);
}

Tokenizer::~Tokenizer() = default;

Tokenizer::Cipher& Tokenizer::cipher(Alphabet alphabet) {
  auto& made = state_->ciphers[static_cast<std::size_t>(alphabet)];
  if (!made) {
    made = std::make_unique<Cipher>(state_->key.bytes(), radix_of(alphabet));
  }
  return *made;
}

std::optional<std::string> Tokenizer::token(const Transform& transform, Kind kind,
                                            std::string_view value) {
  return converted(transform, kind, value, Way::to_token);
}

std::optional<std::string> Tokenizer::value(const Transform& transform, Kind kind,
                                            std::string_view token) {
  return converted(transform, kind, token, Way::to_value);
}

std::optional<std::string> Tokenizer::converted(const Transform& transform, Kind kind,
                                                std::string_view text, Way way) {
  const Alphabet alphabet = alphabet_of(transform, kind);
  const std::string_view characters = characters_of(alphabet, text);
  auto digits = spelled(text, characters);
  const bool luhn = transform.luhn && alphabet == Alphabet::digits;
  if (!digits || digits->digits.size() < least_characters(alphabet, luhn) ||
      digits->digits.size() > crypto::Ff1::most_digits) {
    return std::nullopt;
  }
  std::string made{text};
  const auto spell = [&] {
    for (std::size_t i = 0; i < digits->places.size(); ++i) {
      made[digits->places[i]] = characters[digits->digits[i]];
    }
  };
  // A UUID becomes none that is left alone, as one that was replaced already, or as nobody's.
  const auto is_left_alone = [&] {
    return alphabet == Alphabet::hex &&
           (is_pseudonym(made) || made.find_first_not_of("0-") == std::string::npos);
  };
  if (is_left_alone()) {
    return std::nullopt;
  }
  const Bytes tweak = as_bytes(name_of(kind));
  const std::span<std::uint16_t> all = digits->digits;
  const bool has_check_digit = luhn && passes_luhn(all);
  const std::span<std::uint16_t> payload = all.first(all.size() - (has_check_digit ? 1 : 0));
  // A number without zeros in front becomes another one, so that JSON takes it for one.
  const bool keeps_zero =
      alphabet == Alphabet::digits && payload.size() > least_characters(alphabet, false);
  const bool begins_with_zero = payload.front() == 0;
  cipher(alphabet).permute(payload, tweak, way, [&] {
    if (has_check_digit) {
      all.back() = luhn_digit(payload);
    }
    spell();
    return !is_left_alone() && has_check_digit == (luhn && passes_luhn(all)) &&
           !(keeps_zero && (payload.front() == 0) != begins_with_zero);
  });
  return made;
}

}  // namespace trackier::anonymize
