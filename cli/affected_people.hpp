#pragma once
/// Whom an incident affects, as keyed hashes that nobody can reverse, and a key that is destroyed
/// when the incident is closed.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "context.hpp"
#include "crypto/mac.hpp"
#include "crypto/secret.hpp"
#include "scope/count.hpp"

namespace trackier::cli {

class AffectedPeople {
 public:
  /// directory: of all incidents.
  AffectedPeople(Context& context, const std::filesystem::path& directory,
                 const std::string& incident);

  /// Made when it is missing.
  [[nodiscard]] crypto::Secret key();
  /// Whether there is one: nothing was counted yet, or the incident is over.
  [[nodiscard]] bool has_key() const;

  /// In place of those of earlier counts.
  void keep(const scope::Result& result);

  /// Whether somebody affected is called so.
  [[nodiscard]] bool contains(std::string_view word);

  /// The key and the hashes.
  void destroy();

 private:
  void load();

  Context& context_;
  std::filesystem::path key_path_;
  std::filesystem::path tokens_path_;
  bool is_loaded_ = false;
  std::optional<crypto::MacKey> mac_;
  std::vector<scope::Token> tokens_;  ///< sorted
  std::string room_;
};

}  // namespace trackier::cli
