#pragma once
/// What content_of() says of databases that tests make, and what it should say of their rows.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "content/multiset_digest.hpp"
#include "lib/sqlite/database.hpp"
#include "sqlite/content.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::sqlite::made {

using content::Content;
using content::Object;
using test::Database;
using test::TemporaryDirectory;

inline const crypto::MacKey key{as_bytes("a key of whatever length it happens to have")};

inline Content content_in(const std::filesystem::path& path, const ContentOptions& options = {}) {
  Connection connection{path, std::chrono::milliseconds{0}, {}, false};
  return content_of(connection, key, options, {});
}

/// What is in a database that these statements make.
inline Content content_after(const std::string& sql, const ContentOptions& options = {}) {
  const TemporaryDirectory directory;
  const auto path = directory / "made.db";
  {
    Database database{path};
    database.run("PRAGMA synchronous = OFF;" + sql);
  }
  return content_in(path, options);
}

inline std::optional<Object> find(const Content& content, const std::string& kind,
                                  const std::string& name) {
  const auto found = std::ranges::find_if(
      content.objects, [&](const Object& each) { return each.kind == kind && each.name == name; });
  return found == content.objects.end() ? std::nullopt : std::optional{*found};
}

inline std::string value_of(const Content& content, const std::string& kind,
                            const std::string& name) {
  const auto found = find(content, kind, name);
  return found ? found->value : "nothing";
}

/// A value as it is in a row, written anew from trackier-proof(5).
inline std::string number(char type, std::uint64_t number) {
  std::string made(1, type);
  for (int shift = 56; shift >= 0; shift -= 8) {
    made += static_cast<char>(number >> shift);
  }
  return made;
}
inline std::string integer(std::int64_t value) {
  return number('\1', static_cast<std::uint64_t>(value));
}
inline std::string text(const std::string& bytes) {
  return number('\3', bytes.size()) + bytes;
}
inline std::string blob(const std::string& bytes) {
  return number('\4', bytes.size()) + bytes;
}
inline std::string digest_of(const std::string& table, const std::vector<std::string>& rows) {
  content::MultisetDigest digest{key};
  for (const std::string& row : rows) {
    digest.add(as_bytes(row));
  }
  return digest.finish(table);
}

}  // namespace trackier::sqlite::made
