#pragma once
/// Records that have a value, or belong to an operation.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "audit/record.hpp"
#include "os/file.hpp"

namespace trackier::audit {

/// Gives `found` every record that `matches`, with its line, in order. What is no record is passed
/// over: verify() is for that. Returns how many lines these were. Throws Error{Code::no_input} when
/// there is no log.
using Match = std::function<bool(const Record& record)>;
using Found = std::function<void(const Record& record, std::string_view line)>;
std::uint64_t search(os::FileSystem& files, const std::filesystem::path& directory,
                     const Match& matches, const Found& found, const std::stop_token& stop = {});

/// Whether `word` (as Veil::hide() makes one) is an argument, a claim or the tenant.
bool has_value(const Record& record, std::string_view word);

}  // namespace trackier::audit
