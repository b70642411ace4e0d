#pragma once
/// Holds: backups that must not be removed, whatever retention says, because somebody has ordered
/// it. trackier-store(5), HOLDS.

#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "os/file.hpp"
#include "store/directory.hpp"

namespace trackier::store {

struct Hold {
  std::string name;          ///< as the name of a source
  std::string reason;        ///< one line
  std::optional<Time> from;  ///< slots from this on; none: from the first
  std::optional<Time> to;    ///< up to and with this; none: all that come
  Time placed;
  std::string placed_by;  ///< a claim: whoever ran the command

  [[nodiscard]] bool covers(Time slot) const {
    return (!from || slot >= *from) && (!to || slot <= *to);
  }
};

/// Throws Error{Code::data} for one that cannot be read: then nothing may be removed.
std::vector<Hold> list_holds(os::FileSystem& files, const SourceDirectory& source);

/// Throws Error{Code::cannot_create} when there is one of this name.
void place_hold(os::FileSystem& files, const SourceDirectory& source, const Hold& hold);

/// Throws Error{Code::no_input} when there is none of this name.
void release_hold(os::FileSystem& files, const SourceDirectory& source, const std::string& name);

}  // namespace trackier::store
