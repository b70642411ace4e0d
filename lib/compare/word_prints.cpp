#include "compare/word_prints.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "anonymize/characters.hpp"

namespace trackier::compare {
namespace {

using anonymize::Kind;
namespace character = anonymize::character;

struct Word {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The next word of `text` from `at` on; an empty one at the end.
Word word_from(std::string_view text, std::size_t at) {
  while (at < text.size() && !is_of_word(text[at])) {
    ++at;
  }
  std::size_t end = at;
  while (end < text.size() && is_of_word(text[end])) {
    ++end;
  }
  return {at, end};
}

/// Never 0.
std::uint64_t hash_of(const HashKey& key, std::string_view text) {
  constexpr std::size_t near_bytes = 128;
  std::array<char, near_bytes> near;  // NOLINT(cppcoreguidelines-pro-type-member-init) filled below
  std::string far;
  char* small = near.data();
  if (text.size() > near.size()) {
    far.resize(text.size());
    small = far.data();
  }
  std::ranges::transform(text, small, [](char c) {
    return character::is(c, character::upper) ? static_cast<char>(c | 0x20) : c;
  });
  return std::max<std::uint64_t>(sip_hash(key, as_bytes(std::string_view{small, text.size()})), 1);
}

/// Of the first eight bytes and the length of the word [begin, end): a filter, which lets some
/// others pass.
std::uint64_t quick_hash(std::uint64_t seed, std::string_view text, std::size_t begin,
                         std::size_t end) {
  constexpr std::uint64_t small_letters = 0x2020202020202020U;
  std::uint64_t front = 0;
  const std::size_t size = end - begin;
  if (begin + sizeof front <= text.size()) {
    std::memcpy(&front, text.data() + begin, sizeof front);
    front &= size < sizeof front ? (std::uint64_t{1} << 8U * size) - 1 : ~std::uint64_t{0};
  } else {
    std::memcpy(&front, text.data() + begin, std::min(size, sizeof front));
  }
  return std::max<std::uint64_t>(mixed((front | small_letters) ^ (seed + size)), 1);
}

std::uint64_t seed_of(const HashKey& key) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, key.data(), sizeof seed);
  return seed;
}

bool has_shape(Kind kind) {
  switch (kind) {
    case Kind::ipv4:
    case Kind::ipv6:
    case Kind::ip:
    case Kind::mac:
    case Kind::email:
    case Kind::uuid:
    case Kind::iban:
    case Kind::jwt:
      return true;
    default:
      return false;
  }
}

bool is_telling(Kind kind, std::string_view text, unsigned words) {
  constexpr std::size_t shortest_shape = 6;
  constexpr std::size_t shortest_digits = 9;
  constexpr std::size_t shortest_mixed = 8;
  constexpr std::size_t shortest_row = 10;
  constexpr std::size_t long_text = 16;
  const bool digits = std::ranges::any_of(text, character::is_digit);
  const bool letters = std::ranges::any_of(text, [](char c) {
    return character::is(c, character::lower | character::upper | character::high);
  });
  if (has_shape(kind)) {
    return text.size() >= shortest_shape;
  }
  if (kind == Kind::card || kind == Kind::phone || kind == Kind::ssn) {
    return text.size() >= shortest_digits;
  }
  return letters && ((digits && text.size() >= shortest_mixed) ||
                     (words > 1 && text.size() >= shortest_row) || text.size() >= long_text);
}

constexpr std::uint32_t telling_bit = 1U << 16U;

}  // namespace

bool is_of_word(char c) {
  return character::is(c, character::digit | character::lower | character::upper | character::high);
}

WordPrints::WordPrints(const HashKey& key) : key_(key), seed_(seed_of(key)) {}

std::optional<WordPrint> print_of(const HashKey& key, Kind kind, std::string_view value) {
  const Word first = word_from(value, 0);
  if (first.begin == first.end) {
    return std::nullopt;
  }
  WordPrint print{.first = quick_hash(seed_of(key), value, first.begin, first.end), .words = 1};
  Word last = first;
  for (Word next = word_from(value, last.end); next.begin < next.end && print.words < most_words;
       next = word_from(value, last.end)) {
    last = next;
    ++print.words;
  }
  const std::string_view text = value.substr(first.begin, last.end - first.begin);
  print.whole = hash_of(key, text);
  print.telling = is_telling(kind, text, print.words);
  return print;
}

WordPrints::Table::Slot& WordPrints::Table::at(std::uint64_t key) {
  if (slots_.size() < 2 * (used_ + 1)) {
    grow();
  }
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = key & mask;
  while (slots_[i].key != 0 && slots_[i].key != key) {
    i = (i + 1) & mask;
  }
  used_ += slots_[i].key == 0 ? 1U : 0U;
  slots_[i].key = key;
  mark(key);
  return slots_[i];
}

const WordPrints::Table::Slot* WordPrints::Table::find(std::uint64_t key) const {
  if (slots_.empty() || !may_hold(key)) {
    return nullptr;
  }
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = key & mask;
  while (slots_[i].key != 0 && slots_[i].key != key) {
    i = (i + 1) & mask;
  }
  return slots_[i].key == 0 ? nullptr : &slots_[i];
}

void WordPrints::Table::mark(std::uint64_t key) {
  const std::uint64_t bit = key >> 16U;  // other bits than those of the slot
  marks_[bit / 64 & (marks_.size() - 1)] |= std::uint64_t{1} << bit % 64;
}

bool WordPrints::Table::may_hold(std::uint64_t key) const {
  const std::uint64_t bit = key >> 16U;
  return (marks_[bit / 64 & (marks_.size() - 1)] >> bit % 64 & 1U) != 0;
}

void WordPrints::Table::grow() {
  constexpr std::size_t least = 1024;
  std::vector<Slot> old(std::max(least, 2 * slots_.size()));
  old.swap(slots_);
  marks_.assign(slots_.size() * bits_a_slot / 64, 0);
  used_ = 0;
  for (const Slot& slot : old) {
    if (slot.key != 0) {
      at(slot.key).data = slot.data;
    }
  }
}

void WordPrints::add(const WordPrint& print, std::uint16_t rule) {
  const std::size_t before = wholes_.size();
  Table::Slot& whole = wholes_.at(print.whole);
  if (wholes_.size() > before) {
    whole.data = rule;
  }
  whole.data |= print.telling ? telling_bit : 0U;
  firsts_.at(print.first).data |= 1U << print.words;
}

void WordPrints::find_at(std::string_view text, std::size_t begin, std::size_t end,
                         std::vector<Met>& met) const {
  const Table::Slot* const first = firsts_.find(quick_hash(seed_, text, begin, end));
  if (first == nullptr) {
    return;
  }
  Word last{begin, end};
  for (unsigned words = 1; words <= most_words && last.begin < last.end; ++words) {
    if ((first->data >> words & 1U) != 0) {
      const std::string_view row = text.substr(begin, last.end - begin);
      if (const Table::Slot* const whole = wholes_.find(hash_of(key_, row))) {
        met.push_back({.begin = begin,
                       .end = last.end,
                       .rule = static_cast<std::uint16_t>(whole->data),
                       .telling = (whole->data & telling_bit) != 0});
        return;
      }
    }
    last = word_from(text, last.end);
  }
}

void WordPrints::find(std::string_view text, std::vector<Met>& met) const {
  for (Word word = word_from(text, 0); word.begin < word.end; word = word_from(text, word.end)) {
    find_at(text, word.begin, word.end, met);
  }
}

}  // namespace trackier::compare
