#include "scope/people.hpp"

#include <algorithm>
#include <cstring>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::scope {

namespace {

constexpr std::size_t first_slots = 16;

std::size_t place_of(const Token& token) {
  std::size_t place = 0;
  std::memcpy(&place, token.data(), sizeof place);
  return place;
}

/// Whether another one would fill more than three quarters.
bool is_full(std::size_t size, std::size_t slots) {
  return (size + 1) * 4 > slots * 3;
}

void refuse_too_many(std::size_t size) {
  if (size >= UINT32_MAX - 1) {
    throw Error{Code::data, "more than 4 billion identifiers of one tenant",
                "count the days one by one"};
  }
}

/// The exclusive or of the tokens of a set names it, in whatever order they come: as tokens are
/// random, other sets have other names.
void add_to_name(const Token& token, Token& name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    name[i] ^= token[i];
  }
}

}  // namespace

std::optional<Token> token_of(const crypto::MacKey& key, std::string_view identifier,
                              std::string& room) {
  constexpr std::string_view white_space = " \t\r";
  if (identifier.find('@') != std::string_view::npos) {
    const std::size_t first =
        std::min(identifier.find_first_not_of(white_space), identifier.size());
    const std::size_t end = identifier.find_last_not_of(white_space) + 1;
    room = ascii_lower(identifier.substr(first, std::max(end, first) - first));
    identifier = room;
  }
  if (identifier.empty()) {
    return std::nullopt;
  }
  const crypto::Mac mac = key.mac(as_bytes(identifier));
  Token token;
  std::memcpy(token.data(), mac.data(), token.size());
  return token;
}

std::pair<std::uint32_t, bool> TokenNumbers::add(const Token& token) {
  if (is_full(tokens_.size(), slots_.size())) {
    grow();
  }
  const std::size_t mask = slots_.size() - 1;
  std::size_t place = place_of(token) & mask;
  for (; slots_[place] != 0; place = (place + 1) & mask) {
    if (tokens_[slots_[place] - 1] == token) {
      return {slots_[place] - 1, false};
    }
  }
  refuse_too_many(tokens_.size());
  tokens_.push_back(token);
  slots_[place] = static_cast<std::uint32_t>(tokens_.size());
  return {slots_[place] - 1, true};
}

void TokenNumbers::grow() {
  const std::size_t slots = std::max(first_slots, slots_.size() * 2);
  slots_ = {};  // the old ones go first
  slots_.resize(slots);
  for (std::size_t number = 0; number < tokens_.size(); ++number) {
    std::size_t place = place_of(tokens_[number]) & (slots - 1);
    while (slots_[place] != 0) {
      place = (place + 1) & (slots - 1);
    }
    slots_[place] = static_cast<std::uint32_t>(number + 1);
  }
}

std::vector<Token> TokenNumbers::release() {
  slots_ = {};
  return std::exchange(tokens_, {});
}

Renumbering::Slot& Renumbering::slot(std::uint32_t key) {
  const std::size_t mask = slots_.size() - 1;
  // Fibonacci hashing: numbers that follow each other are spread.
  std::size_t place = ((key * 0x9e3779b97f4a7c15U) >> 32U) & mask;
  while (slots_[place].number != none && slots_[place].key != key) {
    place = (place + 1) & mask;
  }
  return slots_[place];
}

std::pair<std::uint32_t, bool> Renumbering::add(std::uint32_t key) {
  if (is_full(size_, slots_.size())) {
    grow();
  }
  Slot& found = slot(key);
  if (found.number != none) {
    return {found.number, false};
  }
  found = {key, size_};
  return {size_++, true};
}

void Renumbering::grow() {
  const std::vector<Slot> old = std::exchange(slots_, {});
  slots_.resize(std::max(first_slots, old.size() * 2));
  for (const Slot& each : old) {
    if (each.number != none) {
      slot(each.key) = each;
    }
  }
}

void Links::add() {
  parents_.push_back(static_cast<std::uint32_t>(parents_.size()));
  ++groups_;
}

std::uint32_t Links::root(std::uint32_t identifier) {
  while (parents_[identifier] != identifier) {
    parents_[identifier] = parents_[parents_[identifier]];
    identifier = parents_[identifier];
  }
  return identifier;
}

void Links::link(std::uint32_t left, std::uint32_t right) {
  const std::uint32_t left_root = root(left);
  const std::uint32_t right_root = root(right);
  if (left_root != right_root) {
    parents_[std::max(left_root, right_root)] = std::min(left_root, right_root);
    --groups_;
  }
}

std::uint64_t Bounds::lower() const {
  return groups_ == 0 && nameless_ > 0 ? 1 : groups_;
}

void TenantPeople::add(std::span<const Token> tokens, Identified& found) {
  ++records_;
  found.identifiers.clear();
  Token name{};
  for (const Token& token : tokens) {
    const auto [number, is_new] = numbers_.add(token);
    if (is_new) {
      links_.add();
      alone_.push_back(false);
    }
    if (std::ranges::find(found.identifiers, number) == found.identifiers.end()) {
      found.identifiers.push_back(number);
      add_to_name(token, name);
      links_.link(found.identifiers.front(), number);
    }
  }
  groups_ = links_.groups();
  if (found.identifiers.empty()) {
    ++nameless_;
  } else if (found.identifiers.size() == 1) {
    sets_ += alone_[found.identifiers.front()] ? 0U : 1U;
    alone_[found.identifiers.front()] = true;
  } else {
    const auto [set, is_new] = larger_sets_.add(name);
    found.set = set;
    sets_ += is_new ? 1U : 0U;
  }
}

void CountryPeople::add(const Identified& found) {
  ++records_;
  std::uint32_t front = 0;
  for (const std::uint32_t identifier : found.identifiers) {
    const auto [number, is_new] = numbers_.add(identifier);
    if (is_new) {
      links_.add();
      alone_.push_back(false);
    }
    front = identifier == found.identifiers.front() ? number : front;
    links_.link(front, number);
  }
  groups_ = links_.groups();
  if (found.identifiers.empty()) {
    ++nameless_;
  } else if (found.identifiers.size() == 1) {
    sets_ += alone_[front] ? 0U : 1U;
    alone_[front] = true;
  } else {
    sets_ += larger_sets_.add(found.set).second ? 1U : 0U;
  }
}

}  // namespace trackier::scope
