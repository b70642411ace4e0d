#include "backup/stripe.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "backup/page_list.hpp"
#include "core/binary.hpp"
#include "core/error.hpp"

namespace trackier::backup {
namespace {

using store::BlobKind;
using store::BlobPlace;

/// Measured on databases of 1 to 2 GB: more costs half as much time again and saves a hundredth.
constexpr int full_level = 1;

/// A delta is worth it while it is at most a third of the full version.
constexpr std::size_t delta_worth = 3;
/// Full versions are rarely smaller than a sixth: a delta this small needs no comparison.
constexpr std::size_t surely_worth = 6 * delta_worth;
/// When this part of a stripe has changed and deltas do not pay, the rest is not tried.
constexpr double mostly_changed = 0.6;

/// What still counts of a delta is left over while it is at most this part, a quarter. In 24 hours
/// of clicks that costs an eighth more bytes; half would cost a third.
constexpr std::size_t left_over_share = 4;

constexpr std::size_t none = SIZE_MAX;
constexpr std::uint32_t most_pages = stripe_bytes / least_page_bytes;

/// For each page the index of the last group that has it; full: of full groups alone, of a
/// generation before `before`.
std::vector<std::size_t> newest(const std::vector<Group>& groups, std::size_t pages, bool full,
                                std::uint32_t before = UINT32_MAX) {
  std::vector<std::size_t> found(pages, none);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (full && (groups[i].delta || groups[i].place.generation >= before)) {
      continue;
    }
    for (const std::uint32_t page : groups[i].pages) {
      if (page < pages) {
        found[page] = i;
      }
    }
  }
  return found;
}

std::vector<std::byte> blob_of(std::span<const std::uint32_t> pages) {
  std::vector<std::byte> blob;
  BinaryWriter writer{blob};
  write_page_list(pages, writer);
  return blob;
}

}  // namespace

bool is_page_size(std::uint64_t bytes) {
  return bytes >= least_page_bytes && bytes <= most_page_bytes && std::has_single_bit(bytes);
}

Tag Tagger::tag(Bytes page) {
  Tag made{};
  cipher_.seal({}, {}, made, page);
  return made;
}

void drop_unneeded(std::vector<Group>& groups, std::size_t pages) {
  std::vector<bool> needed(groups.size());
  for (const std::size_t index : newest(groups, pages, false)) {
    if (index != none) {
      needed[index] = true;
    }
  }
  // What deltas refer to may lie beyond the end, in pages that are gone since.
  std::size_t all_pages = pages;
  for (const Group& group : groups) {
    all_pages =
        group.pages.empty() ? all_pages : std::max<std::size_t>(all_pages, group.pages.back() + 1);
  }
  for (std::size_t i = groups.size(); i-- > 0;) {
    if (needed[i] && groups[i].delta) {
      const auto bases = newest(groups, all_pages, true, groups[i].place.generation);
      for (const std::uint32_t page : groups[i].pages) {
        if (bases[page] != none) {
          needed[bases[page]] = true;
        }
      }
    }
  }
  std::size_t index = 0;
  std::erase_if(groups, [&](const Group&) { return !needed[index++]; });
}

void add_left_over(std::vector<std::uint32_t>& changed, const std::vector<Group>& groups,
                   std::size_t pages) {
  auto current = newest(groups, pages, false);
  for (const std::uint32_t page : changed) {
    current[page] = none;
  }
  std::vector<std::uint32_t> left_over;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!groups[i].delta) {
      continue;
    }
    const std::size_t before = left_over.size();
    for (const std::uint32_t page : groups[i].pages) {
      if (page < pages && current[page] == i) {
        left_over.push_back(page);
      }
    }
    if ((left_over.size() - before) * left_over_share > groups[i].pages.size()) {
      left_over.resize(before);
    }
  }
  changed.insert(changed.end(), left_over.begin(), left_over.end());
  std::ranges::sort(changed);
}

GroupReader::Known& GroupReader::known(BlobPlace place) {
  const auto end = known_.begin() + static_cast<std::ptrdiff_t>(used_);
  const auto found =
      std::find_if(known_.begin(), end, [place](const Known& each) { return each.place == place; });
  if (found != end) {
    return *found;
  }
  BlobKind kind{};
  std::vector<std::byte> blob = read_(place, kind);
  if (kind != BlobKind::full && kind != BlobKind::delta) {
    throw Error{Code::data, "a stripe refers to a blob that has no pages"};
  }
  BinaryReader reader{blob, "a group"};
  auto pages = read_page_list(reader, static_cast<std::uint32_t>(stripe_bytes / page_bytes_));
  if (used_ == known_.size()) {
    known_.emplace_back();
  }
  Known& made = known_[used_++];
  made.place = place;
  made.frame = blob.size() - reader.rest().size();
  made.blob = std::move(blob);
  made.delta = kind == BlobKind::delta;
  made.pages = std::move(pages);
  made.is_decoded = false;
  return made;
}

const std::vector<std::byte>& GroupReader::content_of(Known& group) {
  if (!group.is_decoded) {
    group.content.resize(group.pages.size() * page_bytes_);
    decoder_.decode(frame_of(group), {}, group.content);
    group.is_decoded = true;
  }
  return group.content;
}

std::vector<Group> GroupReader::groups_at(const std::vector<BlobPlace>& places) {
  std::vector<Group> groups;
  groups.reserve(places.size());
  for (const BlobPlace place : places) {
    const Known& blob = known(place);
    groups.push_back({.place = place, .delta = blob.delta, .pages = blob.pages});
  }
  return groups;
}

void GroupReader::read_bases(const std::vector<Group>& groups, std::span<const std::uint32_t> pages,
                             std::uint32_t before, std::vector<std::byte>& into, Bytes stripe) {
  into.resize(pages.size() * page_bytes_);
  const auto bases = newest(groups, stripe_bytes / page_bytes_, true, before);
  std::byte* out = into.data();
  for (const std::uint32_t page : pages) {
    if (bases[page] == none) {
      throw Error{Code::data, "a delta refers to a page that is not there"};
    }
    if (!stripe.empty() && page < held_.size() && held_[page] == bases[page]) {
      std::memcpy(out, stripe.data() + std::size_t{page} * page_bytes_, page_bytes_);
    } else {
      Known& base = known(groups[bases[page]].place);
      const auto at = std::ranges::lower_bound(base.pages, page) - base.pages.begin();
      std::memcpy(out, content_of(base).data() + static_cast<std::size_t>(at) * page_bytes_,
                  page_bytes_);
    }
    out += page_bytes_;
  }
}

void GroupReader::read_stripe(const std::vector<Group>& groups, MutBytes into) {
  const std::size_t pages = into.size() / page_bytes_;
  const auto current = newest(groups, pages, false);
  if (std::ranges::find(current, none) != current.end()) {
    throw Error{Code::data, "a page is missing"};
  }
  held_.assign(pages, none);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Group& group = groups[i];
    const auto is_current = [&](std::uint32_t page) { return page < pages && current[page] == i; };
    if (std::ranges::none_of(group.pages, is_current)) {
      continue;
    }
    Known& blob = known(group.place);
    const bool is_run = group.pages.back() - group.pages.front() + 1 == group.pages.size();
    if (!group.delta && !blob.is_decoded && is_run && group.pages.back() < pages) {
      // Nearly everything of a first backup: straight to its place. Newer versions come later, and
      // have their bases there.
      decoder_.decode(frame_of(blob), {},
                      into.subspan(std::size_t{group.pages.front()} * page_bytes_,
                                   group.pages.size() * page_bytes_));
      std::fill_n(held_.begin() + group.pages.front(), group.pages.size(), i);
      continue;
    }
    const std::vector<std::byte>* content = &pages_;
    if (group.delta) {
      read_bases(groups, group.pages, group.place.generation, bases_, into);
      pages_.resize(group.pages.size() * page_bytes_);
      decoder_.decode(frame_of(blob), bases_, pages_);
    } else {
      content = &content_of(blob);
    }
    for (std::size_t k = 0; k < group.pages.size(); ++k) {
      if (is_current(group.pages[k])) {
        std::memcpy(into.data() + std::size_t{group.pages[k]} * page_bytes_,
                    content->data() + k * page_bytes_, page_bytes_);
        held_[group.pages[k]] = i;
      }
    }
  }
}

void GroupReader::forget() {
  used_ = 0;
}

void GroupMaker::gather(Bytes content, std::span<const std::uint32_t> pages) {
  pages_.resize(pages.size() * page_bytes_);
  std::byte* out = pages_.data();
  for (const std::uint32_t page : pages) {
    std::memcpy(out, content.data() + std::size_t{page} * page_bytes_, page_bytes_);
    out += page_bytes_;
  }
}

NewGroup GroupMaker::full_group(std::span<const std::uint32_t> pages) {
  NewGroup made{.pages = {pages.begin(), pages.end()}, .blob = blob_of(pages)};
  encoder_.encode(pages_, full_level, made.blob);
  return made;
}

std::optional<NewGroup> GroupMaker::delta_group(std::span<const std::uint32_t> pages) {
  NewGroup made{.delta = true, .pages = {pages.begin(), pages.end()}, .blob = blob_of(pages)};
  encoder_.encode_version(pages_, bases_, made.blob);
  if (made.blob.size() * surely_worth <= pages_.size()) {
    return made;
  }
  NewGroup full = full_group(pages);
  return made.blob.size() * delta_worth <= full.blob.size() ? std::move(made) : std::move(full);
}

std::vector<NewGroup> GroupMaker::make(Bytes content, std::span<const std::uint32_t> changed,
                                       const std::vector<Group>& groups, std::uint32_t generation,
                                       GroupReader& reader) {
  const auto bases = newest(groups, stripe_bytes / page_bytes_, true);
  std::vector<std::uint32_t> fresh;
  std::vector<std::uint32_t> known;
  for (const std::uint32_t page : changed) {
    (bases[page] == none ? fresh : known).push_back(page);
  }
  const std::size_t group_pages = std::max<std::size_t>(group_bytes / page_bytes_, 1);
  const double share =
      static_cast<double>(changed.size() * page_bytes_) / static_cast<double>(content.size());
  std::vector<NewGroup> made;
  bool try_deltas = true;
  for (std::span<const std::uint32_t> rest{known}; !rest.empty();) {
    const auto pages = rest.first(std::min(group_pages, rest.size()));
    rest = rest.subspan(pages.size());
    gather(content, pages);
    if (try_deltas) {
      reader.read_bases(groups, pages, generation, bases_);
      made.push_back(*delta_group(pages));
      try_deltas = made.back().delta || share < mostly_changed;
    } else {
      made.push_back(full_group(pages));
    }
  }
  for (std::span<const std::uint32_t> rest{fresh}; !rest.empty();) {
    const auto pages = rest.first(std::min(group_pages, rest.size()));
    rest = rest.subspan(pages.size());
    gather(content, pages);
    made.push_back(full_group(pages));
  }
  return made;
}

std::vector<std::byte> encode_state(const StripeState& state) {
  std::vector<std::byte> bytes;
  BinaryWriter writer{bytes};
  writer.number(state.groups.size());
  for (const Group& group : state.groups) {
    writer.number(group.place.generation);
    writer.number(group.place.number);
    writer.number(group.delta ? 1 : 0);
    write_page_list(group.pages, writer);
  }
  writer.number(state.tags.size());
  for (const Tag& tag : state.tags) {
    writer.raw(tag);
  }
  return bytes;
}

StripeState decode_state(Bytes bytes) {
  BinaryReader reader{bytes, "the state of a stripe"};
  StripeState state;
  const std::uint64_t groups = reader.number(bytes.size());
  for (std::uint64_t i = 0; i < groups; ++i) {
    Group group;
    group.place.generation = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    group.place.number = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    group.delta = reader.number(1) == 1;
    group.pages = read_page_list(reader, most_pages);
    state.groups.push_back(std::move(group));
  }
  state.tags.resize(reader.number(most_pages));
  for (Tag& tag : state.tags) {
    std::ranges::copy(reader.raw(tag.size()), tag.begin());
  }
  reader.end();
  return state;
}

}  // namespace trackier::backup
