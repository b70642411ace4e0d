#include "keys/epoch_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "core/error.hpp"
#include "core/text.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/random.hpp"
#include "os/file.hpp"
#include "os/replace_file.hpp"

namespace trackier::keys {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::string_view next_info = "trackier-ctl epoch next v1";
constexpr std::string_view key_info = "trackier-ctl epoch key v1";

void require_unit(const Period& period, const Period& oldest) {
  if (period.unit != oldest.unit) {
    throw Error{Code::bug, "periods of two units"};
  }
}

/// The words of a line of four, without its line end.
std::optional<std::array<std::string_view, 4>> words_of(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  std::array<std::string_view, 4> words;
  for (std::string_view& word : words) {
    const bool is_last = &word == &words.back();
    const std::size_t end = is_last ? text.size() : text.find(' ');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace

crypto::Secret period_key(Bytes secret, const Period& period) {
  std::string context{key_info};
  context.push_back('\0');
  context.append(to_text(period));
  return crypto::hkdf_sha256(secret, {}, as_bytes(context), key_bytes);
}

EpochKey EpochKey::fresh(const Period& oldest) {
  return {oldest, crypto::random_secret(key_bytes)};
}

std::optional<EpochKey> EpochKey::parse(Bytes text) {
  const auto words = words_of(as_text(text));
  if (!words || (*words)[0] != magic.substr(0, magic.size() - 1)) {
    return std::nullopt;
  }
  const auto unit = period_unit_named((*words)[1]);
  const auto period = parse_period((*words)[2]);
  crypto::Secret secret{key_bytes};
  if (!unit || !period || period->unit != *unit || !decode_key((*words)[3], secret.writable())) {
    return std::nullopt;
  }
  return EpochKey{*period, std::move(secret)};
}

crypto::Secret EpochKey::text() const {
  std::string front{magic};
  front.append(name_of(oldest_.unit)).append(" ").append(to_text(oldest_)).append(" ");
  const crypto::Secret digits = key_file_text(secret_);
  crypto::Secret text{front.size() + digits.size()};
  const auto end = std::ranges::copy(as_bytes(front), text.writable().begin()).out;
  std::ranges::copy(digits.bytes(), end);
  return text;
}

std::optional<crypto::Secret> EpochKey::key_of(const Period& period) const {
  require_unit(period, oldest_);
  if (period < oldest_) {
    return std::nullopt;
  }
  return period_key(from(period).secret_.bytes(), period);
}

EpochKey EpochKey::from(const Period& period) const {
  require_unit(period, oldest_);
  crypto::Secret secret = crypto::Secret::copy_of(secret_.bytes());
  Period at = oldest_;
  for (; at < period; ++at.number) {
    secret = crypto::hkdf_sha256(secret.bytes(), {}, as_bytes(next_info), key_bytes);
  }
  return {at, std::move(secret)};
}

Period destroy_before(os::FileSystem& files, const std::filesystem::path& path,
                      const Period& period, Time now) {
  const auto old = files.open_for_update(path);
  const os::FileStatus status = old->status();
  const auto now_there = old->try_lock(0, 1) ? files.entry(path) : std::nullopt;
  if (!now_there || !now_there->same_file(status)) {
    throw Error{Code::busy,
                fmt::format("{}: another run changes this key", printable(path.native())),
                "try again when it has ended"};
  }
  crypto::Secret text{EpochKey::longest_text};
  const std::size_t size = old->read_at(0, text.writable());
  const auto key = EpochKey::parse(text.bytes().first(size));
  if (!key) {
    throw Error{Code::no_permission,
                fmt::format("{} is no key of periods", printable(path.native())),
                "\"keys epoch new\" makes one"};
  }
  const EpochKey left = key->from(period);
  if (left.oldest() == key->oldest()) {
    return left.oldest();
  }
  os::FileStatus like = status;
  like.modified_ns = std::chrono::nanoseconds{now.time_since_epoch()}.count();
  os::ReplaceFile file{files, path, {.replace = true, .like = like}};
  file.write(left.text().bytes());
  file.finish();
  std::vector<std::byte> noise(size);
  crypto::random_bytes(noise);
  old->write_at(0, noise);
  old->sync();
  return left.oldest();
}

}  // namespace trackier::keys
