#include "notice/identifiers.hpp"

#include <algorithm>
#include <array>

#include "core/words.hpp"

namespace trackier::notice {
namespace {

/// What a part of a word may be made of besides letters and digits, one way of cutting each.
constexpr std::array<std::string_view, 5> marks{"@.+-_%", "-_", "-_.:", "-_.:/+=", ""};

bool is_letter(char character) {
  return is_alphanumeric(character) || static_cast<unsigned char>(character) >= 0x80;
}

class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}

  std::vector<Piece> run() {
    find_words();
    for (std::size_t first = 0; first < words_.size(); ++first) {
      cut(words_[first]);
      constexpr std::size_t most_words = 4;
      for (std::size_t last = first + 1; last < std::min(first + most_words, words_.size());
           ++last) {
        add_trimmed({words_[first].begin, words_[last].end});
      }
    }
    std::ranges::sort(pieces_);
    pieces_.erase(std::unique(pieces_.begin(), pieces_.end()), pieces_.end());
    return std::move(pieces_);
  }

 private:
  void find_words() {
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t space = space_at(text_, at);
      if (space > 0 && begin < at) {
        words_.push_back({begin, at});
      }
      at += space > 0 ? space : 1;
      begin = space > 0 ? at : begin;
    }
    if (begin < text_.size()) {
      words_.push_back({begin, text_.size()});
    }
  }

  /// As it stands, and without what is around it at either end or both.
  void add_trimmed(Piece whole) {
    Piece inner = whole;
    while (inner.begin < inner.end && !is_letter(text_[inner.begin])) {
      ++inner.begin;
    }
    while (inner.begin < inner.end && !is_letter(text_[inner.end - 1])) {
      --inner.end;
    }
    if (inner.begin < inner.end) {
      pieces_.insert(pieces_.end(), {whole,
                                     without_sentence(whole),
                                     inner,
                                     {whole.begin, inner.end},
                                     {inner.begin, whole.end}});
    }
  }

  /// Without the marks of a sentence around it, as "(x==)," has them around "x==".
  [[nodiscard]] Piece without_sentence(Piece piece) const {
    constexpr std::string_view marks_of_sentences = ".,;:!?()[]{}<>\"'";
    const auto is_mark = [&](std::size_t at) {
      return marks_of_sentences.find(text_[at]) != std::string_view::npos;
    };
    while (piece.begin < piece.end && is_mark(piece.begin)) {
      ++piece.begin;
    }
    while (piece.begin < piece.end && is_mark(piece.end - 1)) {
      --piece.end;
    }
    return piece;
  }

  void cut(Piece word) {
    add_trimmed(word);
    for (const std::string_view kept : marks) {
      const auto belongs = [&](char character) {
        return is_letter(character) || kept.find(character) != std::string_view::npos;
      };
      for (std::size_t begin = word.begin; begin < word.end;) {
        std::size_t end = begin;
        while (end < word.end && belongs(text_[end])) {
          ++end;
        }
        if (end > begin) {
          add_trimmed({begin, end});
        }
        begin = std::max(end, begin + 1);
      }
    }
    for (std::size_t at = word.begin; at < word.end; ++at) {  // "id=" and the like before it
      if (text_[at] == '=' || text_[at] == ':') {
        add_trimmed({at + 1, word.end});
      }
    }
  }

  std::string_view text_;
  std::vector<Piece> words_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::vector<Piece> pieces_of(std::string_view text) {
  return Cutter{text}.run();
}

}  // namespace trackier::notice
