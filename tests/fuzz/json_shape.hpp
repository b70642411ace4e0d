#pragma once
/// An independent reader of JSON: what nlohmann::json makes of a line.

#include <optional>
#include <string>
#include <string_view>

namespace trackier::fuzz {

/// The kinds of value in their order, one character each: { } [ ] k (key) s n (number) b (true or
/// false) 0 (null). None for what is not valid JSON, no object or array, or nested deeper than
/// trackier-ctl-anonymize(1) promises to read.
std::optional<std::string> json_shape(std::string_view line);

/// Whether `after` may be what became of `before`: all as it was, but numbers, which may have
/// become strings or null.
bool same_shape(std::string_view before, std::string_view after);

}  // namespace trackier::fuzz
