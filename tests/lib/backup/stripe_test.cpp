// Groups of pages: what a stripe is written as, and read from.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "backup/stripe.hpp"
#include "fixture.hpp"

namespace trackier::backup {
namespace {

using store::BlobKind;
using store::BlobPlace;
using test::noise;

constexpr std::uint32_t page_bytes = 512;
constexpr std::uint32_t most_pages = stripe_bytes / page_bytes;

/// The pages that the newest version of is in each group.
std::vector<std::size_t> current_in(const std::vector<Group>& groups, std::size_t pages) {
  std::vector<std::size_t> counts(groups.size());
  for (std::uint32_t page = 0; page < pages; ++page) {
    for (std::size_t i = groups.size(); i-- > 0;) {
      if (std::ranges::binary_search(groups[i].pages, page)) {
        ++counts[i];
        break;
      }
    }
  }
  return counts;
}

/// One stripe through its backups, with its blobs in memory.
class History {
 public:
  explicit History(std::size_t pages) : content_(pages * page_bytes) {}

  [[nodiscard]] std::size_t pages() const { return content_.size() / page_bytes; }
  [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }
  [[nodiscard]] const std::vector<std::byte>& content() const { return content_; }

  void resize(std::size_t pages) { content_.resize(pages * page_bytes); }

  /// bytes: that change, from the beginning of the page on.
  void change(std::uint32_t page, std::size_t bytes, unsigned seed) {
    const std::string text = noise(bytes, seed);
    std::ranges::copy(as_bytes(text), content_.begin() + std::ptrdiff_t{page} * page_bytes);
  }

  void back_up() {
    std::vector<std::uint32_t> changed;
    for (std::uint32_t page = 0; page < pages(); ++page) {
      if (page >= backed_up_.size() / page_bytes ||
          page_of(content_, page) != page_of(backed_up_, page)) {
        changed.push_back(page);
      }
    }
    if (!changed.empty()) {
      add_left_over(changed, groups_, pages());
    }
    GroupMaker maker{page_bytes};
    GroupReader reader = this->reader();
    std::uint32_t number = 0;
    for (NewGroup& made : maker.make(content_, changed, groups_, generation_, reader)) {
      const BlobPlace place{.generation = generation_, .number = number++};
      blobs_[place] = {made.delta ? BlobKind::delta : BlobKind::full, std::move(made.blob)};
      groups_.push_back({.place = place, .delta = made.delta, .pages = std::move(made.pages)});
    }
    drop_unneeded(groups_, pages());
    backed_up_ = content_;
    ++generation_;
  }

  [[nodiscard]] std::vector<std::byte> restored() const {
    GroupReader reader = this->reader();
    std::vector<BlobPlace> places;
    std::ranges::transform(groups_, std::back_inserter(places), &Group::place);
    std::vector<std::byte> into(content_.size());
    reader.read_stripe(reader.groups_at(places), into);
    return into;
  }

 private:
  static std::vector<std::byte> page_of(const std::vector<std::byte>& content, std::uint32_t page) {
    const auto begin = content.begin() + std::ptrdiff_t{page} * page_bytes;
    return {begin, begin + page_bytes};
  }

  [[nodiscard]] GroupReader reader() const {
    return GroupReader{[this](BlobPlace place, BlobKind& kind) {
                         kind = blobs_.at(place).first;
                         return blobs_.at(place).second;
                       },
                       page_bytes};
  }

  std::vector<std::byte> content_;
  std::vector<std::byte> backed_up_;
  std::vector<Group> groups_;
  std::map<BlobPlace, std::pair<BlobKind, std::vector<std::byte>>> blobs_;
  std::uint32_t generation_ = 0;
};

TEST_CASE("a stripe comes back, however it has grown, shrunk and changed") {
  CHECK(rc::check([] {
    const auto a_size = rc::gen::inRange<std::size_t>(1, 1200);  // a group has 512 pages
    History history{*a_size};
    const auto rounds = *rc::gen::inRange(1, 9);
    for (int round = 0; round < rounds; ++round) {
      if (*rc::gen::weightedElement<bool>({{3, false}, {1, true}})) {
        history.resize(*a_size);
      }
      const auto changes = *rc::gen::inRange(0, 300);
      for (int i = 0; i < changes; ++i) {
        const auto page =
            *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(history.pages()));
        const bool wholly = *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
        history.change(page, wholly ? page_bytes : 20, *rc::gen::arbitrary<unsigned>());
      }
      history.back_up();
      RC_ASSERT(history.restored() == history.content());
    }
  }));
}

TEST_CASE("what is left over of deltas is written anew, and they go") {
  History history{most_pages};
  for (std::uint32_t page = 0; page < most_pages; ++page) {
    history.change(page, page_bytes, page);
  }
  history.back_up();
  const std::size_t full = history.groups().size();
  const auto change = [&](std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t page = first; page < last; ++page) {
      history.change(page, 10, most_pages + last * 1000 + page);
    }
    history.back_up();
    CHECK(history.restored() == history.content());
  };
  change(0, 100);
  CHECK(history.groups().size() == full + 1);
  change(0, 74);  // 26 of 100 still count
  CHECK(history.groups().size() == full + 2);
  change(70, 75);
  CHECK(history.groups().size() == full + 2);  // 25 would have
  CHECK(history.groups().back().pages.size() == 5 + 25);
  const auto current = current_in(history.groups(), most_pages);
  for (std::size_t i = 0; i < current.size(); ++i) {
    if (history.groups()[i].delta) {
      CHECK(current[i] * 4 > history.groups()[i].pages.size());
    }
  }
}

TEST_CASE("a group that nothing needs is dropped, one that a delta refers to is not") {
  const auto group = [](std::uint32_t generation, bool delta, std::vector<std::uint32_t> pages) {
    return Group{.place = {generation, 0}, .delta = delta, .pages = std::move(pages)};
  };
  std::vector<Group> groups{group(0, false, {0, 1, 2}), group(1, true, {0}), group(2, true, {0})};
  drop_unneeded(groups, 3);
  REQUIRE(groups.size() == 2);  // the newer delta is enough
  CHECK(groups[1].place.generation == 2);
  groups = {group(0, false, {0, 1}), group(1, true, {0, 1}), group(2, false, {0}),
            group(3, true, {0})};
  drop_unneeded(groups, 2);
  CHECK(groups.size() == 4);  // page 1 is in the first delta, which needs the first group
  groups = {group(0, false, {0, 1}), group(1, false, {0, 1})};
  drop_unneeded(groups, 2);
  CHECK(groups.size() == 1);
  groups = {group(0, false, {0, 1, 2, 3}), group(1, true, {1, 3})};
  drop_unneeded(groups, 2);  // the file has become shorter: page 3 is gone, its delta's base is not
  CHECK(groups.size() == 2);
}

TEST_CASE("states of stripes come back") {
  StripeState state;
  state.groups = {{.place = {3, 4}, .delta = true, .pages = {1, 5, 6}}};
  state.tags.resize(7);
  state.tags[3][5] = std::byte{9};
  const StripeState found = decode_state(encode_state(state));
  CHECK(found.tags == state.tags);
  REQUIRE(found.groups.size() == 1);
  CHECK(found.groups[0].pages == state.groups[0].pages);
  CHECK(found.groups[0].delta);
}

}  // namespace
}  // namespace trackier::backup
