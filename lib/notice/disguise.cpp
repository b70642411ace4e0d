#include "notice/disguise.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "core/words.hpp"

namespace trackier::notice {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

bool is_in(std::span<const Range> ranges, char32_t code) {
  return std::ranges::any_of(
      ranges, [&](const Range& range) { return range.first <= code && code <= range.last; });
}

// Unicode 15: Default_Ignorable_Code_Point, interlinear annotations and fillers.
constexpr std::array<Range, 15> invisible{{{0xad, 0xad},
                                           {0x34f, 0x34f},
                                           {0x61c, 0x61c},
                                           {0x115f, 0x1160},
                                           {0x17b4, 0x17b5},
                                           {0x180b, 0x180f},
                                           {0x200b, 0x200f},
                                           {0x202a, 0x202e},
                                           {0x2060, 0x206f},
                                           {0x3164, 0x3164},
                                           {0xfe00, 0xfe0f},
                                           {0xfeff, 0xfeff},
                                           {0xffa0, 0xffa0},
                                           {0xfff0, 0xfffb},
                                           {0xe0000, 0xe0fff}}};
constexpr Range joiners{0x200c, 0x200d};
constexpr std::array<Range, 5> odd_forms{{{0xff01, 0xff5e},    // full-width ASCII
                                          {0x1d400, 0x1d7ff},  // mathematical letters and digits
                                          {0x2460, 0x24ff},    // enclosed
                                          {0x1f100, 0x1f1ff},  // enclosed, supplement
                                          {0x2100, 0x214f}}};  // letterlike symbols
constexpr std::array<Range, 4> latin{{{'A', 'Z'}, {'a', 'z'}, {0xc0, 0x24f}, {0x1e00, 0x1eff}}};
constexpr std::array<Range, 5> greek_or_cyrillic{
    {{0x370, 0x3ff}, {0x400, 0x52f}, {0x1c80, 0x1c8f}, {0x1f00, 0x1fff}, {0x2de0, 0x2dff}}};
constexpr std::array<char32_t, 4> signs{0x2103, 0x2109, 0x2116, 0x2122};  // degrees, No, TM

char32_t code_of(std::string_view character) {
  const auto byte = [&](std::size_t at) {
    return static_cast<char32_t>(static_cast<unsigned char>(character[at]));
  };
  constexpr std::array<char32_t, 5> masks{0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t code = byte(0) & masks.at(character.size());
  for (std::size_t i = 1; i < character.size(); ++i) {
    code = code << 6U | (byte(i) & 0x3fU);
  }
  return code;
}

bool is_control(char32_t code) {
  const bool is_line_or_tab = code == '\n' || code == '\r' || code == '\t';
  return (code < 0x20 && !is_line_or_tab) || (code >= 0x7f && code <= 0x9f);
}

class Search {
 public:
  explicit Search(std::string_view text) : text_(text) {}

  std::vector<Disguise> run() {
    while (at_ < text_.size()) {
      size_ = character_at(text_, at_);
      if (size_ == 0) {
        size_ = 1;
        add(at_, "a byte that is no UTF-8");
        end_word();
      } else {
        look_at(code_of(text_.substr(at_, size_)));
      }
      at_ += size_;
    }
    end_word();
    std::ranges::stable_sort(found_, {}, &Disguise::begin);
    return std::move(found_);
  }

 private:
  void look_at(char32_t code) {
    if (is_control(code)) {
      add(at_, "a control character");
    } else if (is_in(invisible, code)) {
      const bool is_joiner = joiners.first <= code && code <= joiners.last;
      if (!is_joiner || !stands_between_others()) {
        add(at_, "an invisible character");
      }
      return;  // and the word goes on
    } else if (is_in(odd_forms, code) && std::ranges::find(signs, code) == signs.end()) {
      add(at_, "a letter of an odd form");
    }
    const bool is_latin = is_in(latin, code);
    const bool is_other = is_in(greek_or_cyrillic, code);
    if (!is_latin && !is_other) {
      end_word();
      return;
    }
    if (!has_latin_ && !has_other_) {
      word_ = at_;
    }
    has_latin_ = has_latin_ || is_latin;
    has_other_ = has_other_ || is_other;
  }

  /// Neither neighbour is ASCII.
  [[nodiscard]] bool stands_between_others() const {
    const auto is_other = [&](std::size_t at) {
      return at < text_.size() && static_cast<unsigned char>(text_[at]) >= 0x80;
    };
    return at_ > 0 && is_other(at_ - 1) && is_other(at_ + size_);
  }

  void end_word() {
    if (has_latin_ && has_other_) {
      found_.push_back({word_, at_, "a word of two alphabets"});
    }
    has_latin_ = false;
    has_other_ = false;
  }

  void add(std::size_t begin, std::string_view what) {
    found_.push_back({begin, begin + size_, what});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t size_ = 1;
  std::size_t word_ = 0;
  bool has_latin_ = false;
  bool has_other_ = false;
  std::vector<Disguise> found_;
};

}  // namespace

std::vector<Disguise> disguises_in(std::string_view text) {
  return Search{text}.run();
}

}  // namespace trackier::notice
