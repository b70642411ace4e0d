#pragma once
/// Ways to make a value coarser, so that more people share it. Which ones there are for a value,
/// its shape tells.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trackier::risk {

enum class Shape : std::uint8_t {
  other,    ///< nothing that could be coarser
  address,  ///< IPv4 or IPv6, alone
  time,     ///< of an access log or RFC 3339, with a time of day
  agent,    ///< a user agent: product/version and more
  url,      ///< with http:// or https://
  path,     ///< from a slash on, or a request line
  decimal,  ///< a number with a fraction
};

inline constexpr std::size_t shapes = 7;

/// At most so many ways for one shape.
inline constexpr std::size_t most_ways = 3;

/// How a way is called: "cut to /16 and /32" for people, "address-16" in JSON.
struct Way {
  std::string_view name;
  std::string_view what;
};

Shape shape_of(std::string_view value);

/// The ways for values of a shape, from fine to coarse; those that are not there have no name.
const std::array<Way, most_ways>& ways_of(Shape shape);

/// What is left of `value`, which has that shape, by way number `way`: a part of it, or text that
/// is put into `room`.
std::string_view coarser(Shape shape, std::size_t way, std::string_view value, std::string& room);

}  // namespace trackier::risk
