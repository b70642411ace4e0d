#include "audit/veil.hpp"

#include <fmt/format.h>

#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "os/replace_file.hpp"

namespace trackier::audit {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t shown_bytes = 16;

crypto::Secret read_key(os::FileSystem& files, const std::filesystem::path& path) {
  const auto file = files.open_for_update(path);
  const os::FileStatus status = file->status();
  if ((status.mode & 077U) != 0) {
    throw Error{Code::no_permission,
                fmt::format("{} can be read by others", printable(path.native())),
                "make its mode 0600"};
  }
  crypto::Secret key{key_bytes};
  if (status.size != key_bytes || file->read_at(0, key.writable()) != key_bytes) {
    throw Error{Code::data,
                fmt::format("{} is not a key of {} bytes", printable(path.native()), key_bytes)};
  }
  return key;
}

}  // namespace

std::string Veil::hide(std::string_view value) const {
  const crypto::Mac mac = key_.mac(as_bytes(value));
  return "hmac:" + hexadecimal(Bytes{mac}.first(shown_bytes));
}

crypto::Secret veil_key(os::FileSystem& files, const std::filesystem::path& path) {
  if (!files.entry(path)) {
    const crypto::Secret made = crypto::random_secret(key_bytes);
    try {
      os::ReplaceFile file{files, path};
      file.write(made.bytes());
      file.finish();
    } catch (const Error&) {
      if (!files.entry(path)) {  // else another run has made one meanwhile, which is as good
        throw;
      }
    }
  }
  return read_key(files, path);
}

}  // namespace trackier::audit
