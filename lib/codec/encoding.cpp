#include "codec/encoding.hpp"

namespace trackier::codec {

std::string_view name(Encoding encoding) noexcept {
  switch (encoding) {
    case Encoding::gzip:
      return "gzip";
    case Encoding::zstd:
      return "zstd";
    case Encoding::none:
      break;
  }
  return "none";
}

std::optional<Encoding> encoding_named(std::string_view name_given) noexcept {
  for (const Encoding encoding : {Encoding::none, Encoding::gzip, Encoding::zstd}) {
    if (name_given == name(encoding)) {
      return encoding;
    }
  }
  return std::nullopt;
}

Encoding encoding_of_file_name(std::string_view file_name) noexcept {
  if (file_name.ends_with(".gz")) {
    return Encoding::gzip;
  }
  return file_name.ends_with(".zst") ? Encoding::zstd : Encoding::none;
}

}  // namespace trackier::codec
