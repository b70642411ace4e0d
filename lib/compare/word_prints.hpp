#pragma once
/// Personal values as what can be looked for in a text of which nothing else is known: rows of
/// words, as hashes. A word is a row of ASCII letters and digits and of bytes outside ASCII; case
/// does not count in ASCII; what stands between words does.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anonymize/kind.hpp"
#include "core/sip_hash.hpp"

namespace trackier::compare {

/// Longer values are looked for by their beginning.
inline constexpr std::size_t most_words = 8;

struct WordPrint {
  std::uint64_t first = 0;  ///< of the first word: quick to make, and not the only one of its kind
  std::uint64_t whole = 0;  ///< from the first word to the last
  unsigned words = 0;       ///< 1 to most_words
  /// Not to be met by accident: what has a shape, as an address of the internet, or is long or of
  /// letters and digits. A name of one word is none: it may be a word of the text as well.
  bool telling = false;
};

/// None for a value without a word.
std::optional<WordPrint> print_of(const HashKey& key, anonymize::Kind kind, std::string_view value);

/// What is looked for. Not thread-safe while it grows.
class WordPrints {
 public:
  explicit WordPrints(const HashKey& key);

  /// rule: told when the value is met; the first of equal values counts.
  void add(const WordPrint& print, std::uint16_t rule);

  [[nodiscard]] std::size_t size() const { return wholes_.size(); }

  struct Met {
    std::size_t begin = 0;  ///< in the text
    std::size_t end = 0;
    std::uint16_t rule = 0;
    bool telling = false;
  };

  /// Appends the value, if it is one of them, that begins with the word [begin, end) of `text`.
  /// Thread-safe once all are added.
  void find_at(std::string_view text, std::size_t begin, std::size_t end,
               std::vector<Met>& met) const;

  /// The same for every word of `text`, in order.
  void find(std::string_view text, std::vector<Met>& met) const;

 private:
  /// Open addressing; a slot whose key is 0 is free.
  class Table {
   public:
    struct Slot {
      std::uint64_t key = 0;
      std::uint32_t data = 0;
    };
    Slot& at(std::uint64_t key);
    [[nodiscard]] const Slot* find(std::uint64_t key) const;
    [[nodiscard]] std::size_t size() const { return used_; }

   private:
    static constexpr std::size_t bits_a_slot = 8;

    void grow();
    void mark(std::uint64_t key);
    [[nodiscard]] bool may_hold(std::uint64_t key) const;

    std::vector<Slot> slots_;           ///< a power of two, at most half of them used
    std::vector<std::uint64_t> marks_;  ///< a bit for each key, some have the same: fits a cache
    std::size_t used_ = 0;
  };

  HashKey key_;
  std::uint64_t seed_;  ///< of the hashes of first words
  Table firsts_;        ///< data: bit n: there are values of n words
  Table wholes_;        ///< data: rule, and whether it is telling
};

/// Whether a byte is one of a word.
bool is_of_word(char c);

}  // namespace trackier::compare
