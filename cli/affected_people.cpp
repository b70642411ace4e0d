#include "affected_people.hpp"

#include <algorithm>
#include <cstring>

#include "keys/reference.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::cli {
namespace {

constexpr std::size_t most_tokens_bytes = std::size_t{4} << 30U;

}  // namespace

AffectedPeople::AffectedPeople(Context& context, const std::filesystem::path& directory,
                               const std::string& incident)
    : context_(context),
      key_path_(directory / "people" / (incident + ".key")),
      tokens_path_(directory / "people" / (incident + ".tokens")) {}

bool AffectedPeople::has_key() const {
  return context_.files().status(key_path_).has_value();
}

crypto::Secret AffectedPeople::key() {
  return keys::kept_key(context_.files(), key_path_);
}

void AffectedPeople::keep(const scope::Result& result) {
  os::ReplaceFile file{context_.files(), tokens_path_, {.replace = true}};
  std::vector<scope::Token> all;
  for (const scope::TenantTokens& each : result.tokens) {
    all.insert(all.end(), each.tokens.begin(), each.tokens.end());
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  file.write(std::as_bytes(std::span{all}));
  file.finish();
  is_loaded_ = false;
}

void AffectedPeople::load() {
  is_loaded_ = true;
  if (!has_key() || !context_.files().status(tokens_path_)) {
    return;
  }
  mac_.emplace(key().bytes());
  const std::string bytes = os::read_whole(context_.files(), tokens_path_, most_tokens_bytes);
  tokens_.resize(bytes.size() / sizeof(scope::Token));
  if (!tokens_.empty()) {
    std::memcpy(tokens_.data(), bytes.data(), tokens_.size() * sizeof(scope::Token));
  }
}

bool AffectedPeople::contains(std::string_view word) {
  if (!is_loaded_) {
    load();
  }
  if (!mac_) {
    return false;
  }
  const auto token = scope::token_of(*mac_, word, room_);
  return token && std::ranges::binary_search(tokens_, *token);
}

void AffectedPeople::destroy() {
  for (const auto& path : {key_path_, tokens_path_}) {
    if (context_.files().status(path)) {
      context_.files().remove(path);
      context_.files().sync_directory(path.parent_path());
    }
  }
}

}  // namespace trackier::cli
