#pragma once
/// What the map of a backup remembers of its source: a JSON object that each kind of source fills
/// in its own way, and the digests of its content in it. trackier-store(5), DETAILS.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "content/content.hpp"

namespace trackier::backup {

/// details: a JSON object. Throws Error{Code::bug} when it is none.
std::string with_content(const std::string& details, const content::Content& content);

/// None when no digests were taken. Throws Error{Code::data} when they are not as they were
/// written.
std::optional<content::Content> content_in(const std::string& details);

/// The tables whose rows were left out of them, "digest_skip".
std::set<std::string> digest_skip_in(const std::string& details);

/// A text of the details; empty when there is none of that name.
std::string text_in(const std::string& details, const std::string& key);
/// An object of texts.
std::map<std::string, std::string> texts_in(const std::string& details, const std::string& key);

}  // namespace trackier::backup
