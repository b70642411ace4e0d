#pragma once
/// Reading a backup without writing it anywhere. The level `data`. Of interest inside this area
/// only.

#include <cstdint>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "backup/restore.hpp"
#include "verify/recorder.hpp"

namespace trackier::verify {

/// All of it: decrypted, decompressed, put together, and its root compared.
bool check_data(Recorder& recorder, backup::BackupReader& backup, unsigned workers,
                const std::function<void(std::uint64_t)>& progressed, const std::stop_token& stop);

/// What the named packs hold, and the pages and chunks made of it. The root says nothing then.
bool check_sample(Recorder& recorder, backup::BackupReader& backup,
                  const std::vector<std::string>& packs, unsigned workers,
                  const std::stop_token& stop);

/// `share` of the packs of a backup, 0 to 1, at least one: those that no proof names first, then
/// those whose proof is the oldest. checked: names in the order of their last check, oldest first.
std::vector<std::string> choose_sample(const store::Manifest& manifest, double share,
                                       const std::vector<std::string>& checked);

}  // namespace trackier::verify
