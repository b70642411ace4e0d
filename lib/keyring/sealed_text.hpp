#pragma once
/// The document in its envelope, in memory. Of interest inside this area only.

#include <string>
#include <string_view>
#include <vector>

#include "core/stream.hpp"
#include "crypto/secret.hpp"
#include "envelope/format.hpp"
#include "envelope/identity.hpp"
#include "envelope/stanza.hpp"

namespace trackier::keyring {

/// An envelope of format trackier-keyring/1 with these stanzas, which give the root key already.
/// Its payload has a fresh salt, and thereby keys of its own.
std::string seal_text(std::string_view text, const crypto::Secret& root_key,
                      const envelope::FileId& id, const std::vector<envelope::Stanza>& stanzas);

struct OpenedText {
  std::string text;
  envelope::FileId id{};
  std::vector<envelope::Stanza> stanzas;
  crypto::Secret root_key;
};

/// Throws as envelope::Opening and open_stream do; Error{Code::data} for an envelope that is no
/// keyring. name: what errors call it, printable.
OpenedText open_text(Source& source, const envelope::Identities& identities,
                     const std::string& name);

/// The same for one in memory, with its root key.
OpenedText open_sealed(std::string_view sealed, const crypto::Secret& root_key,
                       const std::string& name);

}  // namespace trackier::keyring
