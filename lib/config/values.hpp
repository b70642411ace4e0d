#pragma once
/// Values that several sections have. Of interest inside this area only.

#include <chrono>
#include <string>
#include <string_view>

#include "config/document.hpp"

namespace trackier::config {

/// Throws unless `text`, the value of `key`, says where a secret is, without repeating it: it may
/// be the secret itself. A keyring has none but keys. what: "password", for the error.
void expect_secret_reference(const Table& table, std::string_view key, const std::string& text,
                             std::string_view what);

/// `timeout`, from 1s to `most`, which is whole minutes; `usual` when it is not there.
std::chrono::seconds read_timeout(Table& table, std::chrono::seconds usual,
                                  std::chrono::minutes most);

}  // namespace trackier::config
