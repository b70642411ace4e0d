#include "keyring/sealed_text.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "envelope/open.hpp"
#include "envelope/recipient.hpp"
#include "envelope/seal.hpp"

namespace trackier::keyring {
namespace {

/// The stanzas there are already: they give the root key, which stays, as before.
class KeptStanzas final : public envelope::Recipient {
 public:
  explicit KeptStanzas(std::vector<envelope::Stanza> stanzas) : stanzas_(std::move(stanzas)) {}

  [[nodiscard]] std::vector<envelope::Stanza> wrap(const crypto::Secret& /*data_key*/,
                                                   const envelope::FileId& /*id*/) const override {
    return stanzas_;
  }

 private:
  std::vector<envelope::Stanza> stanzas_;
};

class TextSink final : public Sink {
 public:
  void write(Bytes bytes) override { text_ += as_text(bytes); }
  void finish() override {}
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string seal_text(std::string_view text, const crypto::Secret& root_key,
                      const envelope::FileId& id, const std::vector<envelope::Stanza>& stanzas) {
  envelope::Origin origin = envelope::Origin::random();  // for its salt
  origin.id = id;
  origin.data_key = crypto::Secret::copy_of(root_key.bytes());
  TextSource plain{text};
  TextSink sealed;
  envelope::seal_stream(plain, sealed, {std::make_shared<KeptStanzas>(stanzas)}, origin,
                        {.format = envelope::Format::keyring}, {}, {});
  return sealed.take();
}

OpenedText open_text(Source& source, const envelope::Identities& identities,
                     const std::string& name) {
  const auto opening =
      envelope::Opening::of_stream(source, identities, name, envelope::Format::keyring);
  TextSink text;
  envelope::open_stream(source, opening, text, {.name = name}, {}, {});
  const envelope::Block& block = opening.block();
  return {.text = text.take(),
          .id = block.id,
          .stanzas = block.stanzas,
          .root_key = crypto::Secret::copy_of(opening.data_key().bytes())};
}

OpenedText open_sealed(std::string_view sealed, const crypto::Secret& root_key,
                       const std::string& name) {
  TextSource source{sealed};
  return open_text(source, {envelope::data_key_identity(root_key)}, name);
}

}  // namespace trackier::keyring
