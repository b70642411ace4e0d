#pragma once
/// What an officer's share is bound to. Of interest inside this area only.

#include <string>

#include "core/bytes.hpp"
#include "envelope/format.hpp"
#include "envelope/wrap.hpp"

namespace trackier::envelope {

/// info_for("officer", id), the set, a byte with the threshold and a byte with x.
inline std::string officer_info(const FileId& id, const KeyId& set, unsigned threshold,
                                unsigned x) {
  std::string info = info_for("officer", id);
  info += as_text(set);
  info.push_back(static_cast<char>(threshold));
  info.push_back(static_cast<char>(x));
  return info;
}

}  // namespace trackier::envelope
