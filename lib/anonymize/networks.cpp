#include <algorithm>
#include <array>
#include <charconv>

#include "anonymize/addresses.hpp"

namespace trackier::anonymize {

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  Network network;
  const int most = address->v6 ? 128 : 32;
  network.prefix_ = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto result =
        std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix_);
    if (result.ec != std::errc{} || result.ptr != digits.data() + digits.size() ||
        network.prefix_ < 0 || network.prefix_ > most) {
      return std::nullopt;
    }
  }
  network.address_ = truncated(*address, network.prefix_, network.prefix_);
  network.address_.embedding = Address::Embedding::none;
  return network;
}

Address Network::last() const {
  Address made = address_;
  for (int bit = prefix_; bit < (address_.v6 ? 128 : 32); ++bit) {
    auto& byte = made.bytes[static_cast<std::size_t>(bit) / 8];
    byte = static_cast<std::uint8_t>(byte | 0x80U >> (bit % 8));
  }
  return made;
}

namespace {

struct NamedNetworks {
  std::string_view name;
  std::array<std::string_view, 5> blocks;  // the rest is empty
};

/// RFC 1918 and 4193; RFC 1122 and 4291; RFC 3927 and 4291; RFC 6598; RFC 5737, 3849 and 9637.
constexpr std::array<NamedNetworks, 5> named_networks = {{
    {"private", {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", {}}},
    {"loopback", {"127.0.0.0/8", "::1", {}, {}, {}}},
    {"link-local", {"169.254.0.0/16", "fe80::/10", {}, {}, {}}},
    {"shared", {"100.64.0.0/10", {}, {}, {}, {}}},
    {"documentation",
     {"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"}},
}};

}  // namespace

bool Networks::add(std::string_view text) {
  const auto* const named = std::ranges::find(named_networks, text, &NamedNetworks::name);
  if (named != named_networks.end()) {
    for (const std::string_view block : named->blocks) {
      if (!block.empty()) {
        add(*Network::parse(block));
      }
    }
    return true;
  }
  const auto network = Network::parse(text);
  if (network) {
    add(*network);
  }
  return network.has_value();
}

/// Blocks that overlap or are in each other become one range.
void Networks::add(const Network& network) {
  Ranges& ranges = network.first().v6 ? v6_ : v4_;
  ranges.emplace_back(network.first().bytes, network.last().bytes);
  std::ranges::sort(ranges);
  Ranges apart;
  for (const auto& range : ranges) {
    if (!apart.empty() && range.first <= apart.back().second) {
      apart.back().second = std::max(apart.back().second, range.second);
    } else {
      apart.push_back(range);
    }
  }
  ranges = std::move(apart);
}

bool Networks::contains(const Address& address) const {
  const Ranges& ranges = address.v6 ? v6_ : v4_;
  const auto behind = std::ranges::upper_bound(ranges, address.bytes, {},
                                               [](const auto& range) { return range.first; });
  return behind != ranges.begin() && address.bytes <= std::prev(behind)->second;
}

}  // namespace trackier::anonymize
